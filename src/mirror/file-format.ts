/**
 * Owns: the line ends and the byte order mark of texts on disk, and who changed them. Does not know: files.
 *
 * The mark, and line ends that are all alike, have two values. So of two sides that start from the same, and both
 * change one, both make it the same: whoever changed it has their way, and there is never a conflict. Of lines that
 * end otherwise than the rest each is such a value of its own.
 */
import type { LineEnd } from '../core/op-payload.ts';
import type { OtherEnds } from '../core/other-ends.ts';
import type { Text } from '../core/text.ts';
import { contentBytes, endingsOf, type LineEndings, sameEndings } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { hashOf } from './bytes-hash.ts';

export interface FileFormat {
  /** Undefined for a text of one line, which says nothing about line ends. */
  readonly eol: LineEnd | undefined;
  /** Undefined where line ends change too often to be told. */
  readonly otherEnds: OtherEnds | undefined;
  readonly bom: boolean;
}

/** How a file is put on disk, but for whether it may be run. */
export type TextForm = LineEndings & Pick<FileHead, 'bom'>;

/** The format of a text's bytes. */
export function formatOf(bytes: Uint8Array): FileFormat {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (!bytes.includes(LF)) return { eol: undefined, otherEnds: '', bom };
  const endings = endingsOf(bytes);
  if (!endings) return { eol: 'lf', otherEnds: undefined, bom };
  return { eol: endings.eol, otherEnds: endings.otherEnds ?? '', bom };
}

/** True for the format of a text that has the file's line ends and its mark, and for that of a binary. */
export function isFormatOf(
  head: Pick<FileHead, 'kind' | 'lineCount'> & TextForm,
  { eol, otherEnds, bom }: FileFormat,
): boolean {
  if (head.kind !== 'text') return true;
  if (bom !== head.bom) return false;
  if (eol === undefined) return true;
  return otherEnds !== undefined && sameEndings(head, { eol, otherEnds }, head.lineCount - 1);
}

/**
 * The format that a text is to have: what the disk has changed since `put`, and else what the world has.
 * Where it is not known what was put, what is on disk. Of line ends that are all alike.
 */
export function mergedFormat(
  disk: Pick<FileFormat, 'eol' | 'bom'>,
  put: Pick<FileFormat, 'eol' | 'bom'> | undefined,
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
export function hashOfForm(text: string, form: TextForm): string {
  const { eol, otherEnds, bom } = form;
  return hashOf(eol === 'crlf' || otherEnds || bom ? bytesInForm(text, form) : text);
}

/**
 * The format in which a text was put that became bytes of this hash; undefined where none leads to it. Of a text
 * whose line ends are mixed the bytes themselves are kept (`hasMixedEnds`).
 */
export function formatByHash(text: Text, hash: string): FileFormat | undefined {
  const whole = text.toString();
  const ends: readonly LineEnd[] = ['lf', 'crlf'];
  for (const eol of ends) {
    for (const bom of [false, true]) {
      if (hashOf(bytesInForm(whole, { eol, bom })) !== hash) continue;
      return { eol: whole.includes('\n') ? eol : undefined, otherEnds: '', bom };
    }
  }
  return undefined;
}

/** A text's bytes in a form. */
export function bytesInForm(text: string, { eol, otherEnds = '', bom }: TextForm): Uint8Array {
  return contentBytes({ kind: 'text', text, eol, otherEnds, bom });
}

/** True for bytes of a text whose ends no setting brings back: they are kept with what was put. */
export function hasMixedEnds(bytes: Uint8Array): boolean {
  const endings = endingsOf(bytes);
  return !endings || endings.otherEnds !== undefined;
}

const LF = 0x0a;
