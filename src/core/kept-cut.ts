import { Chunk, endsByRule, type Group } from './chunk.ts';
import { HASH_BYTES } from './hash.ts';
import { Text } from './text.ts';

/**
 * How a group is cut and what its parts hash to, in few bytes and without its text: so that who has the text of a
 * part that was cut before neither cuts nor hashes it again. It is a function of the text alone, so it may be kept
 * under the group's hash for as long as anybody likes.
 */
export type KeptCut = Uint8Array;

/** What is kept of a group; it and its chunks have their hashes. */
export function keptCutOf({ hash, chunks }: Group): KeptCut {
  const cut = new Uint8Array(HASH_BYTES + CHUNK_BYTES * chunks.length);
  const view = new DataView(cut.buffer);
  cut.set(hash!);
  let at = HASH_BYTES;
  for (const chunk of chunks) {
    view.setUint32(at, chunk.lineCount);
    view.setUint32(at + 4, chunk.characters);
    view.setUint32(at + 8, chunk.lastMark);
    cut.set(chunk.hash!, at + NUMBERS_BYTES);
    at += CHUNK_BYTES;
  }
  return cut;
}

/** The group that was cut so, from its text; undefined where that has another length, or no cut is known. */
export function groupCutAs(cut: KeptCut | undefined, content: string): Group | undefined {
  if (!cut) return undefined;
  const view = new DataView(cut.buffer, cut.byteOffset, cut.length);
  const chunks: Chunk[] = [];
  let lineCount = 0;
  let start = 0;
  for (let at = HASH_BYTES; at < cut.length; at += CHUNK_BYTES) {
    const lines = view.getUint32(at);
    const end = start + view.getUint32(at + 4);
    if (end > content.length + 1) return undefined;
    const chunk = Chunk.ofContent(content.slice(start, end - 1), lines, view.getUint32(at + 8));
    chunk.hash = cut.subarray(at + NUMBERS_BYTES, at + CHUNK_BYTES);
    chunks.push(chunk);
    lineCount += lines;
    start = end;
  }
  if (start !== content.length + 1) return undefined;
  const hash = cut.subarray(0, HASH_BYTES);
  return { chunks, lineCount, characters: start, isLoose: false, hash };
}

/** The text that groups make; undefined where one is not known, or the rules would cut the whole elsewhere. */
export function textCutInto(groups: readonly (Group | undefined)[]): Text | undefined {
  const known: Group[] = [];
  for (const [index, group] of groups.entries()) {
    if (!group) return undefined;
    if (index < groups.length - 1 && !endsByRule(group)) return undefined;
    known.push(group);
  }
  return known.length > 0 ? Text.ofGroups(known) : undefined;
}

/** Lines, characters, and the mark of the last line. */
const NUMBERS_BYTES = 12;
const CHUNK_BYTES = NUMBERS_BYTES + HASH_BYTES;
