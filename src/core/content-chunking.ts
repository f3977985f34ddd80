/**
 * Where a text is cut into chunks, and chunks into groups. The cuts are a pure function of the
 * lines, found from the last cut onwards only: an edit moves the cuts near it and no others, so
 * equal stretches of two versions have equal chunks, in memory, in hashes and in snapshots.
 * (Content-defined chunking, as in LBFS and rsync-like stores, here by whole lines.)
 */

/** Bounds of a chunk: `characters` counts UTF-16 code units with a line end for each line. */
const CHUNK = { minLines: 2, minCharacters: 128, maxLines: 32, maxCharacters: 1024 } as const;
const GROUP = { minChunks: 8, maxChunks: 48 } as const;

/** One line in 8 ends a chunk, one chunk in 16 a group: small enough to hash at every key. */
const CHUNK_CUT_MASK = 0x07;
const GROUP_CUT_MASK = 0x7f;
/** Lines are told apart by this much of their start, so that a very long line costs no more. */
const SAMPLED_CHARACTERS = 64;

/** A number that depends on a line's start and length only (FNV-1a with a final mix). */
export function lineMark(line: string): number {
  return lineMarkIn(line, 0, line.length);
}

/** The same of a line in a text: to look at a piece of a text takes longer than at the text itself. */
export function lineMarkIn(text: string, from: number, to: number): number {
  let hash = firstHash(from, to);
  const end = Math.min(to, from + SAMPLED_CHARACTERS);
  for (let index = from; index < end; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  }
  return mixed(hash);
}

/**
 * The same of all lines of a text, told by where they begin and end; to be asked before the next text is. A text
 * of ASCII that is not long is looked at as bytes: that takes a third of the time.
 */
export function lineMarksIn(text: string): (from: number, to: number) => number {
  return isAscii(text)
    ? (from, to) => lineMarkInBytes(bytes, from, to)
    : (from, to) => lineMarkIn(text, from, to);
}

function lineMarkInBytes(ascii: Uint8Array, from: number, to: number): number {
  let hash = firstHash(from, to);
  const end = Math.min(to, from + SAMPLED_CHARACTERS);
  for (let index = from; index < end; index++) hash = Math.imul(hash ^ ascii[index]!, PRIME);
  return mixed(hash);
}

/** Says whether a text is one of ASCII that is not long; its bytes are in `bytes` then. */
function isAscii(text: string): boolean {
  if (!HAS_ENCODE_INTO || text.length > bytes.length) return false;
  // Of any other character there are more bytes than code units.
  const { read, written } = encoder.encodeInto(text, bytes);
  return read === text.length && written === text.length;
}

function firstHash(from: number, to: number): number {
  return 0x811c9dc5 ^ (to - from);
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (once ^ (once >>> 12)) >>> 0;
}

const PRIME = 0x01000193;
const encoder = new TextEncoder();
/** Not every engine of a module has it. */
const HAS_ENCODE_INTO = 'encodeInto' in TextEncoder.prototype;
const bytes = new Uint8Array(64 * 1024);

/** True when a chunk with so many lines and characters ends after the line with this mark. */
export function endsChunk(mark: number, lines: number, characters: number): boolean {
  if (lines >= CHUNK.maxLines || characters >= CHUNK.maxCharacters) return true;
  if (lines < CHUNK.minLines && characters < CHUNK.minCharacters) return false;
  return (mark & CHUNK_CUT_MASK) === 0;
}

/** True when a group with so many chunks ends after a chunk whose last line has this mark. */
export function endsGroup(lastLineMark: number, chunks: number): boolean {
  if (chunks >= GROUP.maxChunks) return true;
  return chunks >= GROUP.minChunks && (lastLineMark & GROUP_CUT_MASK) === 0;
}
