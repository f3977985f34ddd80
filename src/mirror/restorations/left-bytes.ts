/**
 * Owns: the bytes that a tool left in a file that waits: those that are a version of the world are read from there,
 * since to make a file for each of thousands takes longer than all else. Does not know: what becomes of them.
 */
import { contentBytes, detectContent } from '../../world/text-format.ts';
import type { FileHead } from '../../world/world-rows.ts';
import { textOf } from '../disk-base.ts';
import { type DiskFile, hashOf } from '../disk-files.ts';
import { bytesOf } from '../file-bytes.ts';
import type { ToolWriteParts } from '../tool-write.ts';
import type { LeftVersion, WaitingFile } from './waiting-entry.ts';

/** What of the world the bytes are, whose text is that of a version; undefined where they have another form. */
export function leftVersionOf(
  { bytes }: DiskFile,
  { eol, bom }: FileHead,
  version: number,
): LeftVersion | undefined {
  const content = detectContent(bytes);
  if (content.kind === 'text' && content.eol === eol && content.bom === bom) {
    const { otherEnds } = content;
    return { version, eol, ...(otherEnds && { otherEnds }), bom };
  }
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  const inForm = contentBytes({ kind: 'text', text, eol, bom });
  return Buffer.compare(bytes, inForm) === 0 ? { version, eol, bom } : undefined;
}

/** Undefined for what is not kept, or not whole. */
export async function readLeft(
  { log, world }: ToolWriteParts,
  { fileId, hash, left }: WaitingFile,
): Promise<Uint8Array | undefined> {
  if (!left) return log.readText(hash);
  const bytes = bytesOf(left, await world.read(fileId, left.version));
  return hashOf(bytes) === hash ? bytes : undefined;
}

/** The same as a text, whatever its line ends. */
export async function readLeftText(
  parts: ToolWriteParts,
  file: WaitingFile,
): Promise<string | undefined> {
  const bytes = await readLeft(parts, file);
  return bytes && textOf(bytes);
}
