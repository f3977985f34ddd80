/**
 * Which lines of a file are changed by turns that are running: told by the file's newest ops, so it costs those and
 * not the history before.
 */
import { type Changes, resultRanges } from '../core/change.ts';
import { joinedRanges, mapLineRanges } from '../core/map-line-ranges.ts';
import type { LineRange } from '../core/map-position.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { turnOf } from '../core/turn.ts';
import type { OpenTurn } from './open-turn-rows.ts';
import type { FileHead } from './world-rows.ts';
import type { WorldView } from './world-view.ts';

/** Lines from 0, both included, of the newest version that was looked at. */
export interface RunningWork {
  readonly agent: IdentityHex;
  readonly turnId: number;
  readonly lines: readonly LineRange[];
}

/** So many versions of a file are looked through: work from before is not what anybody runs into now. */
export const RUNNING_VERSIONS = 200;
/** Ranges of one turn; beyond it the last ones of the file are left out. */
const MOST_RANGES = 200;
/** Two who are so near to each other are about to meet. */
export const NEAR_LINES = 5;

/** The open turns in which a file may have been changed; empty where nobody needs to look. */
export function turnsIn(
  view: Pick<WorldView, 'openTurns'>,
  head: Pick<FileHead, 'updatedAtMs' | 'deleted' | 'kind'>,
  isWanted: (turn: OpenTurn) => boolean,
): readonly OpenTurn[] {
  if (head.deleted || head.kind !== 'text') return [];
  return [...view.openTurns.turns.values()].filter(
    (turn) => turn.beganAtMs <= head.updatedAtMs && isWanted(turn),
  );
}

/** What these turns changed, by the ops that made the file's newest versions, in order. */
export function runningWork(
  ops: readonly OpRecord[],
  turns: readonly OpenTurn[],
): readonly RunningWork[] {
  const agents = new Map(turns.map(({ turnId, agent }) => [turnId, agent]));
  const found = linesBy(ops, (op) => {
    const turnId = turnOf(op) ?? 0;
    return agents.has(turnId) ? turnId : undefined;
  });
  return [...found].map(([turnId, lines]) => ({ agent: agents.get(turnId)!, turnId, lines }));
}

/** What a member changed in no turn since some moment, in milliseconds since 1970, by the same ops. */
export function linesChangedBy(
  ops: readonly OpRecord[],
  member: IdentityHex,
  sinceMs: number,
): readonly LineRange[] {
  const isTheirs = (op: OpRecord): boolean =>
    op.author === member && op.madeAtMicros >= BigInt(sinceMs) * 1000n && turnOf(op) === undefined;
  return linesBy(ops, (op) => (isTheirs(op) ? member : undefined)).get(member) ?? [];
}

/**
 * The lines that ops changed, where they are after the last one, in order and each once, by whose those are; others'
 * only move them.
 */
function linesBy<Key>(
  ops: readonly OpRecord[],
  keyOf: (op: OpRecord) => Key | undefined,
): ReadonlyMap<Key, readonly LineRange[]> {
  const found = new Map<Key, readonly LineRange[]>();
  for (const op of ops) {
    if (op.changes.length === 0) continue;
    for (const [key, ranges] of found) found.set(key, mapLineRanges(ranges, op.changes));
    const key = keyOf(op);
    if (key === undefined) continue;
    const ranges = joinedRanges([...(found.get(key) ?? []), ...changedLines(op.changes)]);
    found.set(key, ranges.slice(0, MOST_RANGES));
  }
  return found;
}

/** The lines that changes made, in the text that they make. */
function changedLines(changes: Changes): readonly LineRange[] {
  return resultRanges(changes).map(({ start, end }) => {
    // A text that ends with a line end leaves the line behind it as it was.
    const isWhole = end.character === 0 && end.line > start.line;
    return { firstLine: start.line, lastLine: isWhole ? end.line - 1 : end.line };
  });
}

/** The first of some lines that others are about to meet at these; undefined for none within `NEAR_LINES`. */
export function nearby(
  lines: readonly LineRange[],
  { firstLine, lastLine }: LineRange,
): LineRange | undefined {
  return lines.find(
    (each) => each.firstLine <= lastLine + NEAR_LINES && each.lastLine >= firstLine - NEAR_LINES,
  );
}
