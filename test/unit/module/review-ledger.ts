// A person's side of a world without sockets, and a plain account of single characters beside it.
import assert from 'node:assert/strict';
import type { Changes } from '../../../src/core/change.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import { readPayload } from '../../../src/core/op-payload.ts';
import type { OpRecord } from '../../../src/core/op.ts';
import type { LineRange, Whose } from '../../../src/core/review.ts';
import { Text } from '../../../src/core/text.ts';
import { settlingOf } from '../../../src/review/export-review.ts';
import { type FileDecision, fileDecision } from '../../../src/review/file-decision.ts';
import { FileReview, type ReviewStart } from '../../../src/review/file-review.ts';
import type { ReviewHunk, TextHunk } from '../../../src/review/review-hunk.ts';
import { type SentDecisions, sendDecisions } from '../../../src/review/send-decisions.ts';
import { fileHeadOf, opRecordOf } from '../../../src/world/world-rows.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import type { TestWorld } from './test-world.ts';

/** A character that is there, by which op it came, and whether somebody has decided that it stays. */
export interface Cell {
  readonly character: string;
  readonly opSeq: number;
  readonly author: string;
  readonly turn: number | undefined;
  isDecided: boolean;
}

export type Agents = ReadonlySet<string>;

function opsOf(world: TestWorld, fileId: number): readonly OpRecord[] {
  return world
    .rows('file_op')
    .filter((op) => op.fileId === fileId)
    .map(opRecordOf);
}

/** What is to be looked at in a file, folded as a client folds it; undefined where nothing is. */
export function reviewOf(world: TestWorld, fileId: number, agents: Agents): FileReview | undefined {
  const row = world.rows('unreviewed_file').find((each) => each.fileId === fileId);
  return row && reviewSince(world, row, agents);
}

/** The same from an op on. */
export function reviewSince(world: TestWorld, row: ReviewStart, agents: Agents): FileReview {
  const base = textAt(opsOf(world, row.fileId), row.sinceVersion, world, row.fileId);
  const review = new FileReview(row, base, (identity) => agents.has(identity));
  return follow(world, row, review, agents);
}

/** Goes on with what a client had read of a file, if anything, as the reader of reviews does. */
export function follow(
  world: TestWorld,
  row: ReviewStart,
  followed: FileReview | undefined,
  agents: Agents,
): FileReview {
  if (!followed) return reviewSince(world, row, agents);
  const { fileId } = row;
  const ops = opsOf(world, fileId);
  for (const op of ops) {
    if (op.opSeq <= followed.lastSeq) continue;
    const isWhole = FileReview.needsText(op);
    followed.add(op, isWhole ? textAt(ops, op.version, world, fileId) : undefined);
  }
  return followed.settled(row.sinceSeq);
}

function firstText(world: TestWorld, fileId: number): string {
  const snapshot = world.rows('file_snapshot').find((row) => {
    return row.fileId === fileId && row.version === 1;
  });
  // Checkpoints may have taken its place: the files of these tests begin with few lines, which are kept.
  if (!snapshot) throw new Error(`the first text of file ${fileId} is gone`);
  const chunks = new Map(world.rows('content_chunk').map((row) => [row.hash, row.text]));
  return snapshot.parts.map((key) => chunks.get(key)).join('\n');
}

function textAt(ops: readonly OpRecord[], version: number, world: TestWorld, fileId: number): Text {
  if (version === 0) return Text.of('');
  const buffer = LineBuffer.of(firstText(world, fileId));
  for (const op of ops) if (op.version <= version) buffer.apply(op.changes);
  return buffer.toText();
}

/** What was taken back with ops, by their numbers. */
export type Taken = ReadonlyMap<number, readonly ReviewHunk[]>;

/**
 * Every character of a file, with what was decided about it: by versions and lines alone, knowing of no strands. What
 * came back with what was taken is whose it was.
 */
export function cellsOf(
  world: TestWorld,
  fileId: number,
  agents: Agents,
  taken: Taken = new Map(),
): readonly Cell[] {
  const ops = opsOf(world, fileId);
  const gone = new Map<number, readonly Cell[]>();
  const versions = new Map<number, readonly Cell[]>();
  let cells: Cell[] = [];
  for (const op of ops) {
    const { opSeq, author } = op;
    const turn = turnOf(op);
    const fresh = (text: string): Cell[] =>
      Array.from(text.split(''), (character) => ({
        character,
        opSeq,
        author,
        turn,
        isDecided: !agents.has(author),
      }));
    if (op.kind === 'create') cells = fresh(firstText(world, fileId));
    const own: Cell[] = [];
    const before = cells;
    for (const change of [...op.changes].reverse()) {
      const [from, to] = [
        offsetOf(cells, change.startLine, change.startCharacter),
        offsetOf(cells, change.endLine, change.endCharacter),
      ];
      own.push(...cells.slice(from, to));
      cells = [...cells.slice(0, from), ...fresh(change.text), ...cells.slice(to)];
    }
    gone.set(opSeq, own);
    const hunks = taken.get(opSeq);
    if (hunks) cells = withTaken(before, hunks, gone);
    versions.set(op.version, cells);
    const decision = op.kind === 'note' ? readPayload('note', op.payload).review : undefined;
    if (!decision) continue;
    for (const cell of on(versions.get(decision.version)!, decision.lines)) {
      if (isOf(cell, decision)) cell.isDecided = true;
    }
  }
  return cells;
}

function withTaken(
  before: readonly Cell[],
  hunks: readonly ReviewHunk[],
  gone: ReadonlyMap<number, readonly Cell[]>,
): Cell[] {
  const after: Cell[] = [];
  let at = 0;
  for (const { tag, start, end, text, by, at: place } of textHunks(hunks).flatMap(
    ({ plan }) => plan.steps,
  )) {
    if (tag === 'others') continue;
    after.push(...before.slice(at, offsetOf(before, start.line, start.character)));
    at = offsetOf(before, end.line, end.character);
    const back = gone.get(by.opSeq) ?? [];
    if (tag === 'restore') {
      after.push(...back.slice(place, place + text.length).map((cell) => ({ ...cell })));
    }
  }
  return [...after, ...before.slice(at)];
}

function textHunks(hunks: readonly ReviewHunk[]): readonly TextHunk[] {
  return hunks.filter((hunk): hunk is TextHunk => hunk.tag === 'text');
}

function turnOf({ payload }: OpRecord): number | undefined {
  return payload === '' ? undefined : (JSON.parse(payload) as { turn?: number }).turn;
}

function isOf(cell: Cell, { agent, turn }: Whose): boolean {
  return (agent ?? cell.author) === cell.author && (turn ?? cell.turn) === cell.turn;
}

function* on(cells: readonly Cell[], ranges: readonly LineRange[]): Generator<Cell> {
  let line = 0;
  for (const cell of cells) {
    if (ranges.some(([first, last]) => line >= first && line <= last)) yield cell;
    if (cell.character === '\n') line += 1;
  }
}

export function offsetOf(cells: readonly Cell[], line: number, character: number): number {
  let at = 0;
  for (let left = line; left > 0; at++) if (cells[at]!.character === '\n') left -= 1;
  return at + character;
}

/** The places in a text that hunks would take away. */
export function coveredBy(hunks: readonly ReviewHunk[], cells: readonly Cell[]): readonly number[] {
  return textHunks(hunks)
    .flatMap(({ plan }) => plan.steps)
    .filter(({ tag }) => tag === 'remove')
    .flatMap(({ start, end }) => {
      const from = offsetOf(cells, start.line, start.character);
      const to = offsetOf(cells, end.line, end.character);
      return Array.from({ length: to - from }, (_, index) => from + index);
    });
}

/** Sends a decision about hunks as they stand as a client of the person does. */
export async function decide(
  world: TestWorld,
  who: string,
  review: FileReview,
  does: 'keep' | 'take',
  hunks: readonly ReviewHunk[],
): Promise<SentDecisions> {
  const head = fileHeadOf(world.headOf(review.fileId));
  const session = sessionOf(world, who);
  const decision = await fileDecision(session, review, head, { does, hunks, options: {} });
  return send(world, session, decision);
}

/** Says up to where nothing is left in a file, as whoever exports does. */
export async function settle(world: TestWorld, who: string, review: FileReview): Promise<void> {
  const head = fileHeadOf(world.headOf(review.fileId));
  const { late } = await send(world, sessionOf(world, who), settlingOf(review, head));
  assert.deepEqual(late, []);
}

async function send(
  world: TestWorld,
  session: WorldSession,
  decision: FileDecision,
): Promise<SentDecisions> {
  let bytes = 0;
  const random = (length: number): Uint8Array => {
    return new Uint8Array(length).map(() => (world.rows('file_op').length * 31 + bytes++) % 256);
  };
  const sent = await sendDecisions(session, [decision], random, {});
  assert.deepEqual(sent.refused, []);
  return sent;
}

/** As much of a session as decisions need. */
function sessionOf(world: TestWorld, who: string): WorldSession {
  const session = {
    workspace: undefined,
    moduleLevel: 0,
    view: { members: new Map() },
    clock: { nowMs: () => Number(world.nowMicros / 1000n) },
    deliver: async (name: 'review_files', args: never) => {
      const { code, message } = world.call(who, name, args);
      if (code === 'ok') return { tag: 'judged', outcomes: [] };
      return { tag: 'refused', refusal: { code, message, details: {} } };
    },
  };
  return session as unknown as WorldSession;
}

export type { Changes };
