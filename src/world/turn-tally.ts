/**
 * Counting what was done in a turn. It costs what happened between the turn's beginning and its end, and what was
 * done since to the files that it changed; the history before does not matter, and both have a limit.
 */
import { contentOf, readPayload } from '../core/op-payload.ts';
import type { Changes } from '../core/change.ts';
import type { OpRecord } from '../core/op.ts';
import { lineEnds } from '../core/position.ts';
import { turnOf } from '../core/turn.ts';
import { readFileOps } from './read-file-ops.ts';
import { readHeadSeq } from './read-head.ts';
import { opsBetween } from './read-ops.ts';
import { inTurn } from './read-rows.ts';
import type { Turn } from './turns.ts';
import type { WorldSession } from './world-session.ts';

export interface TurnTally {
  /** Ops of files that the world took. */
  readonly ops: number;
  /** Files that they are about. */
  readonly files: number;
  /** Lines that came in and went out, as far as ops of texts tell. */
  readonly linesIn: number;
  readonly linesOut: number;
  /** Changes that the world did not take, and that waited as conflicts. */
  readonly conflicts: number;
  /** Places of the turn's work that a review took back since. */
  readonly takenBack: number;
  /** There was more than is counted. */
  readonly isCut: boolean;
}

/** Ops of the world that are looked through for one turn, from its beginning on. */
export const TALLY_OPS = 20_000;
/** Files that are looked through for what was taken back, and versions of each since the turn. */
const MOST_FILES = 200;
const MOST_VERSIONS = 2_000;
/** A turn may change many files, of which each is read in answers of its own. */
const FILES_UNDER_WAY = 8;

/** Rejects with `LinkFailure` when the connection ends. */
export async function tallyTurn(session: WorldSession, turn: Turn): Promise<TurnTally> {
  const headSeq = await readHeadSeq(await session.whenOnline());
  // What ended it, or erased its prompt later.
  const endSeq = turn.isOpen ? headSeq : turn.changedSeq || headSeq;
  const upToSeq = Math.min(endSeq, headSeq, turn.turnId + TALLY_OPS);
  const counts = new TurnCounts();
  for await (const ops of opsBetween(session, turn.turnId, upToSeq, { author: turn.agent })) {
    for (const op of ops) if (turnOf(op) === turn.turnId) counts.add(op);
  }
  const { takenBack, isCut } = await takenBackOf(session, turn, counts.versions);
  return { ...counts.result(), takenBack, isCut: isCut || upToSeq < endSeq };
}

class TurnCounts {
  /** The last version of each file that the turn made. */
  readonly versions = new Map<number, number>();
  #ops = 0;
  #linesIn = 0;
  #linesOut = 0;
  #conflicts = 0;

  add(op: OpRecord): void {
    if (op.kind === 'conflict') {
      this.#conflicts += 1;
      return;
    }
    if (op.fileId === 0) return;
    this.#ops += 1;
    this.versions.set(op.fileId, Math.max(op.version, this.versions.get(op.fileId) ?? 0));
    const { inside, out } = linesOf(op.changes);
    this.#linesIn += inside;
    this.#linesOut += out;
    // A text that ends with a line end has one more line than it has of those.
    if (op.kind === 'create') this.#linesIn += Math.max(0, (contentOf(op)?.lineCount ?? 0) - 1);
  }

  result() {
    const files = this.versions.size;
    return {
      ops: this.#ops,
      files,
      linesIn: this.#linesIn,
      linesOut: this.#linesOut,
      conflicts: this.#conflicts,
    };
  }
}

async function takenBackOf(
  session: WorldSession,
  { agent, turnId }: Pick<Turn, 'agent' | 'turnId'>,
  versions: ReadonlyMap<number, number>,
): Promise<Pick<TurnTally, 'takenBack' | 'isCut'>> {
  let takenBack = 0;
  let isCut = versions.size > MOST_FILES;
  const read = async ([fileId, version]: readonly [number, number]): Promise<OpRecord[]> => {
    const head = session.view.files.get(fileId);
    if (!head) return [];
    const upTo = Math.min(head.version, version + MOST_VERSIONS);
    isCut ||= upTo < head.version;
    // A decision is of the version that it found.
    return readFileOps(await session.whenOnline(), fileId, Math.max(0, version - 1), upTo);
  };
  for await (const ops of inTurn([...versions].slice(0, MOST_FILES), read, FILES_UNDER_WAY)) {
    for (const op of ops) {
      const review = op.kind === 'note' ? readPayload('note', op.payload).review : undefined;
      if (op.opSeq <= turnId || review?.does !== 'take') continue;
      const isOfTurn = review.turn === turnId;
      const isOfAll = review.turn === undefined && (review.agent ?? agent) === agent;
      if (isOfTurn || isOfAll) takenBack += review.lines.length + review.whole.length;
    }
  }
  return { takenBack, isCut };
}

/** Lines that an edit replaces, each once however many changes are in it, and those that stand there instead. */
function linesOf(changes: Changes): { readonly inside: number; readonly out: number } {
  let out = 0;
  let more = 0;
  let counted = -1;
  for (const { startLine, startCharacter, endLine, endCharacter, text } of changes) {
    // Whole lines that come or go leave the line behind them as it is.
    const isWhole = text.endsWith('\n') || (text === '' && startCharacter === 0);
    const last = endCharacter === 0 && isWhole ? endLine - 1 : endLine;
    out += Math.max(0, last - Math.max(startLine - 1, counted));
    counted = Math.max(counted, last);
    more += lineEnds(text) - (endLine - startLine);
  }
  return { inside: Math.max(0, out + more), out };
}
