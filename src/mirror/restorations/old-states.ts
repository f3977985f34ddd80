import type { IdentityHex } from '../../core/op.ts';
import type { Origin } from '../../core/origin.ts';
import type { Strand } from '../../core/strand.ts';
import type { FilePast } from './file-past.ts';

/** Versions in a row, both included. */
export interface Versions {
  readonly first: number;
  readonly last: number;
}

/** The older versions at which strands were just this text, newest first. */
export function versionsWith(
  past: FilePast,
  strands: readonly Strand[],
  text: string,
): readonly Versions[] {
  const growth = growthByVersion(past, strands);
  const turns = [...growth.keys()].sort((a, b) => b - a);
  const found: Versions[] = [];
  let length = 0;
  for (const strand of strands) if (strand.deletedBy === undefined) length += strand.text.length;
  turns.forEach((turn, index) => {
    length -= growth.get(turn)!;
    // A comparison of lengths spares building the text at most of the versions.
    if (length !== text.length || past.textAt(strands, turn - 1) !== text) return;
    found.push({ first: turns[index + 1] ?? past.firstVersion, last: turn - 1 });
  });
  return found;
}

/** All older versions of strands, newest first, without those that are the same as their neighbour. */
export function allVersions(past: FilePast, strands: readonly Strand[]): readonly Versions[] {
  const turns = [...growthByVersion(past, strands).keys()].sort((a, b) => b - a);
  return turns.map((turn, index) => {
    return { first: turns[index + 1] ?? past.firstVersion, last: turn - 1 };
  });
}

/** By how many characters strands grew with each version that changed them. */
function growthByVersion(past: FilePast, strands: readonly Strand[]): ReadonlyMap<number, number> {
  const growth = new Map<number, number>();
  const grow = (version: number, characters: number): void => {
    growth.set(version, (growth.get(version) ?? 0) + characters);
  };
  for (const strand of strands) {
    if (strand.insertedBy) grow(past.cameAt(strand), strand.text.length);
    if (strand.deletedBy) grow(past.wentAt(strand), -strand.text.length);
  }
  return growth;
}

/** What is undone where strands become again what they were at a version. */
export interface Undone {
  /** Whose work it is, in the order of the text. */
  readonly owners: ReadonlySet<IdentityHex>;
  /** What others wrote and what goes; what others deleted and what comes back. */
  readonly gone: string;
  readonly back: string;
  /** Whole words go, or what is between them, and nothing comes back instead, whoever deleted it. */
  readonly isCut: boolean;
}

/** Leaves out one's own work, and what came with an import. */
export function undoneBy(
  past: FilePast,
  strands: readonly Strand[],
  version: number,
  own: IdentityHex,
): Undone {
  const owners = new Set<IdentityHex>();
  let gone = '';
  let back = '';
  const cut = new WordCut();
  for (const strand of strands) {
    const isThere = strand.deletedBy === undefined;
    const isAgain = past.wasThere(strand, version);
    if (isThere || isAgain) cut.pass(strand.text, isThere, isAgain);
    if (isThere === isAgain) continue;
    const by = isThere ? strand.insertedBy : strand.deletedBy;
    if (!isOthers(by, own)) continue;
    owners.add(by.author);
    if (isThere) gone += strand.text;
    else back += strand.text;
  }
  return { owners, gone, back, isCut: cut.isClean };
}

/** Looks whether what goes is cut out between words. */
class WordCut {
  isClean = true;
  #last = '';
  #isGoing = false;

  pass(text: string, isThere: boolean, isAgain: boolean): void {
    if (text === '') return;
    const isGoing = isThere && !isAgain;
    if (!isThere) this.isClean = false;
    if (isGoing !== this.#isGoing && WORD_END.test(this.#last) && WORD_START.test(text)) {
      this.isClean = false;
    }
    this.#last = text;
    this.#isGoing = isGoing;
  }
}

const WORD_END = /[\p{L}\p{N}_]$/u;
const WORD_START = /^[\p{L}\p{N}_]/u;

export function isOthers(origin: Origin | undefined, own: IdentityHex): origin is Origin {
  return origin !== undefined && origin.author !== own && !origin.isImported;
}

/**
 * True where versions are no more than a moment in somebody's typing: what stood there before they
 * began, or when they were done, is another text.
 */
export function isMidTyping(past: FilePast, { first, last }: Versions): boolean {
  const [made, ended] = [past.op(first), past.op(last + 1)];
  if (!made || !ended) return false;
  if (made.intent !== 'typing' || ended.intent !== 'typing') return false;
  const [from, to] = [made.origin, ended.origin];
  return from.author === to.author && to.madeAtMicros - from.madeAtMicros < TYPING_PAUSE_MICROS;
}

const TYPING_PAUSE_MICROS = 60_000_000n;
