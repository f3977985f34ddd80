import type { Chunk, Group } from '../../src/core/chunk.ts';
import type { Text } from '../../src/core/text.ts';

/**
 * What texts take in memory. Versions of a file share groups and chunks, so a version is counted by what
 * it has beside those of its neighbour. Characters count two bytes, which few files need: that pays for
 * the lines that are still part of a longer text they were cut out of.
 */
export function bytesOfText(text: Text): number {
  return textBytes(text) + sumOf(text.groups, bytesOfGroup);
}

/** What a text has that another has not, and the other way round. */
export function bytesApart(
  text: Text,
  other: Text,
): { readonly own: number; readonly other: number } {
  const [groups, others] = unshared(text.groups, other.groups);
  const [chunks, otherChunks] = unshared(chunksOf(groups), chunksOf(others));
  return {
    own: textBytes(text) + sumOf(groups, groupBytes) + sumOf(chunks, bytesOfChunk),
    other: textBytes(other) + sumOf(others, groupBytes) + sumOf(otherChunks, bytesOfChunk),
  };
}

/** Those of each side that the other has not: mostly a few between much that is the same. */
function unshared<Item>(ones: readonly Item[], others: readonly Item[]): [Item[], Item[]] {
  const shorter = Math.min(ones.length, others.length);
  let start = 0;
  while (start < shorter && ones[start] === others[start]) start++;
  let end = 0;
  const [last, lastOther] = [ones.length - 1, others.length - 1];
  while (end < shorter - start && ones[last - end] === others[lastOther - end]) end++;
  const own = ones.slice(start, ones.length - end);
  const theirs = others.slice(start, others.length - end);
  if (own.length === 0 || theirs.length === 0) return [own, theirs];
  // A key changes one part, and then there is nothing to look for.
  if (own.length === 1 && theirs.length === 1) return [own, theirs];
  const [known, theirKnown] = [new Set(own), new Set(theirs)];
  return [own.filter((item) => !theirKnown.has(item)), theirs.filter((item) => !known.has(item))];
}

function chunksOf(groups: readonly Group[]): readonly Chunk[] {
  if (groups.length === 1) return groups[0]!.chunks;
  return groups.flatMap(({ chunks }) => chunks);
}

function bytesOfGroup(group: Group): number {
  return groupBytes(group) + sumOf(group.chunks, bytesOfChunk);
}

/** Its place in the list of groups, too. */
function textBytes({ groups }: Text): number {
  return TEXT_BYTES + POINTER_BYTES * groups.length;
}

function groupBytes({ chunks }: Group): number {
  return PART_BYTES + POINTER_BYTES * chunks.length;
}

/** As if its lines were kept one by one, which they are once somebody asked for them. */
function bytesOfChunk({ characters, lineCount }: Chunk): number {
  return PART_BYTES + LINE_BYTES * lineCount + 2 * characters;
}

function sumOf<Item>(items: readonly Item[], bytesOf: (item: Item) => number): number {
  let sum = 0;
  for (const item of items) sum += bytesOf(item);
  return sum;
}

const POINTER_BYTES = 8;
/** A chunk or a group with its arrays and its hash. */
const PART_BYTES = 480;
/** A line's string without its characters, its place, and its mark. */
const LINE_BYTES = 72;
const TEXT_BYTES = 160;
