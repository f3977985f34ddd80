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
function lineMarkIn(text: string, from: number, to: number): number {
  let hash = firstHash(from, to);
  const end = Math.min(to, from + SAMPLED_CHARACTERS);
  for (let index = from; index < end; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  }
  return mixed(hash);
}

/**
 * Cuts a text whose line ends are LF into chunks: `cut` is called for each, in order, with where its first line
 * begins and its last one ends, how many lines it has, and the mark of its last line. A text of ASCII that is
 * not long is looked at as bytes: that takes a third of the time.
 */
export function cutsIn(
  text: string,
  cut: (start: number, end: number, lineCount: number, lastMark: number) => void,
): void {
  const ascii = asciiOf(text);
  let start = 0;
  let lineCount = 0;
  for (let from = 0; from <= text.length;) {
    const end = ascii ? lineEndInBytes(ascii, from, text.length) : lineEndIn(text, from);
    lineCount++;
    const characters = end + 1 - start;
    const isLast = end === text.length;
    if (isLast || !isTooShort(lineCount, characters)) {
      const mark = ascii ? lineMarkInBytes(ascii, from, end) : lineMarkIn(text, from, end);
      if (isLast || endsChunk(mark, lineCount, characters)) {
        cut(start, end, lineCount, mark);
        start = end + 1;
        lineCount = 0;
      }
    }
    from = end + 1;
  }
}

function lineEndIn(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function lineEndInBytes(ascii: Uint8Array, from: number, length: number): number {
  let end = from;
  while (end < length && ascii[end] !== LINE_FEED) end++;
  return end;
}

function lineMarkInBytes(ascii: Uint8Array, from: number, to: number): number {
  let hash = firstHash(from, to);
  const end = Math.min(to, from + SAMPLED_CHARACTERS);
  for (let index = from; index < end; index++) hash = Math.imul(hash ^ ascii[index]!, PRIME);
  return mixed(hash);
}

/** The bytes of a text of ASCII that is not long, to be used before the next text is asked about. */
function asciiOf(text: string): Uint8Array | undefined {
  if (text.length > bytes.length) return undefined;
  // Of any other character there are more bytes than code units.
  if (!HAS_ENCODE_INTO) {
    const encoded = encoder.encode(text);
    return encoded.length === text.length ? encoded : undefined;
  }
  const { read, written } = encoder.encodeInto(text, bytes);
  return read === text.length && written === text.length ? bytes : undefined;
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
const LINE_FEED = 10;
/** Not every engine of a module has it. */
const HAS_ENCODE_INTO = 'encodeInto' in TextEncoder.prototype;
const bytes = new Uint8Array(64 * 1024);

/** True when a chunk with so many lines and characters ends after the line with this mark. */
export function endsChunk(mark: number, lines: number, characters: number): boolean {
  if (lines >= CHUNK.maxLines || characters >= CHUNK.maxCharacters) return true;
  return !isTooShort(lines, characters) && (mark & CHUNK_CUT_MASK) === 0;
}

/** True where a chunk goes on, whatever the mark of its last line so far is. */
function isTooShort(lines: number, characters: number): boolean {
  return lines < CHUNK.minLines && characters < CHUNK.minCharacters;
}

/** True when a group with so many chunks ends after a chunk whose last line has this mark. */
export function endsGroup(lastLineMark: number, chunks: number): boolean {
  if (chunks >= GROUP.maxChunks) return true;
  return chunks >= GROUP.minChunks && (lastLineMark & GROUP_CUT_MASK) === 0;
}
