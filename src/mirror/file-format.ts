/**
 * Owns: the line ends and the byte order mark of texts on disk, and who changed them. Does not know: files.
 *
 * Each of the two has two values. So of two sides that start from the same, and both change one, both make it
 * the same: whoever changed it has their way, and there is never a conflict.
 */
import { createHash } from 'node:crypto';
import type { LineEnd } from '../core/op-payload.ts';
import type { Text } from '../core/text.ts';
import { contentBytes } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { hashOf } from './disk-files.ts';

export interface FileFormat {
  /** Undefined for a text of one line, which says nothing about line ends. */
  readonly eol: LineEnd | undefined;
  readonly bom: boolean;
}

/** The format of a text's bytes; all its line ends are alike. Costs the length of the first line. */
export function formatOf(bytes: Uint8Array): FileFormat {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const end = bytes.indexOf(LF);
  if (end < 0) return { eol: undefined, bom };
  return { eol: bytes[end - 1] === CR ? 'crlf' : 'lf', bom };
}

/** True for bytes of a text that have its line ends and its mark, and for those of a binary. */
export function hasFormatOf(
  head: Pick<FileHead, 'kind' | 'eol' | 'bom'>,
  bytes: Uint8Array,
): boolean {
  if (head.kind !== 'text') return true;
  const { eol, bom } = formatOf(bytes);
  return bom === head.bom && (eol === undefined || eol === head.eol);
}

/**
 * The format that a text is to have: what the disk has changed since `put`, and else what the world has.
 * Where it is not known what was put, what is on disk.
 */
export function mergedFormat(
  disk: FileFormat,
  put: FileFormat | undefined,
  world: Pick<FileHead, 'eol' | 'bom'>,
): Pick<FileHead, 'eol' | 'bom'> {
  const isEolOfDisk = disk.eol !== undefined && disk.eol !== put?.eol;
  const isBomOfDisk = disk.bom !== put?.bom;
  return {
    eol: isEolOfDisk ? disk.eol : world.eol,
    bom: isBomOfDisk ? disk.bom : world.bom,
  };
}

/** What the bytes of a text hash to in a form; without making them where that is the usual one. */
export function hashOfForm(text: string, { eol, bom }: Pick<FileHead, 'eol' | 'bom'>): string {
  if (eol === 'crlf' || bom) return hashOf(contentBytes({ kind: 'text', text, eol, bom }));
  return createHash('sha256').update(text).digest('hex');
}

/** The format in which a text was put that became bytes of this hash; undefined where none leads to it. */
export function formatByHash(text: Text, hash: string): FileFormat | undefined {
  const whole = text.toString();
  const ends: readonly LineEnd[] = ['lf', 'crlf'];
  for (const eol of ends) {
    for (const bom of [false, true]) {
      if (hashOf(contentBytes({ kind: 'text', text: whole, eol, bom })) !== hash) continue;
      return { eol: whole.includes('\n') ? eol : undefined, bom };
    }
  }
  return undefined;
}

const LF = 0x0a;
const CR = 0x0d;
