/**
 * Owns: the steps by which a file became what it is, and its text after each. Does not know: how it
 * is shown.
 */
import { type Changes, resultRanges } from '../../core/change.ts';
import { compose } from '../../core/compose.ts';
import {
  type HistoryEntry,
  HistoryEntries,
  type OpSummary,
  summaryOf,
} from '../../core/history-entries.ts';
import type { OpRecord } from '../../core/op.ts';
import { makesVersion } from '../../core/op-payload.ts';
import { Text } from '../../core/text.ts';
import { readFile } from '../../world/file-reader.ts';
import { readFileOps } from '../../world/read-file-ops.ts';
import type { WorldSession } from '../../world/world-session.ts';

/** Who pauses for so long does something new. */
const STEP_PAUSE_MS = 2_000;
/** Versions that are played; what is before them is where it begins. */
const MOST_VERSIONS = 5_000;

export interface PlaybackStep {
  readonly entry: HistoryEntry;
  readonly text: Text;
  /** What it put in, in the coordinates of `text`; empty for what only deleted. */
  readonly ranges: ReturnType<typeof resultRanges>;
}

/** A file's way from an earlier version to one of its versions. */
export interface PlaybackSteps {
  readonly start: Text;
  readonly startVersion: number;
  readonly steps: readonly PlaybackStep[];
}

/** Reads the steps to a version. Rejects when the connection ends, or when the file is no text. */
export async function readSteps(
  session: WorldSession,
  fileId: number,
  upToVersion: number,
): Promise<PlaybackSteps> {
  const link = await session.whenOnline();
  const after = Math.max(0, upToVersion - MOST_VERSIONS);
  const ops = (await readFileOps(link, fileId, after, upToVersion)).filter(makesVersion);
  const textAt = async (version: number): Promise<Text> => {
    if (version === 0) return Text.of('');
    const file = await readFile(link, session.view, fileId, version);
    return file.kind === 'text' ? file.text : Text.of('');
  };
  const start = await textAt(after);
  const byVersion = new Map(ops.map((op) => [op.version, op]));
  const steps: PlaybackStep[] = [];
  let text = start;
  for (const entry of entriesOf(ops).flatMap((each) => singleSteps(each, byVersion))) {
    let changes: Changes = [];
    for (const { version } of entry.ops.toReversed()) {
      const op = byVersion.get(version)!;
      if (op.changes.length === 0) text = await textAt(version);
      else text = text.apply(op.changes);
      changes = compose(changes, op.changes);
    }
    steps.push({ entry, text, ranges: resultRanges(changes) });
  }
  return { start, startVersion: after, steps };
}

/**
 * What somebody typed at one place is one step; each patch is one by itself, and so is what they typed
 * elsewhere. The oldest first.
 */
function singleSteps(
  entry: HistoryEntry,
  byVersion: ReadonlyMap<number, OpRecord>,
): readonly HistoryEntry[] {
  const steps: OpSummary[][] = [];
  for (const op of entry.ops.toReversed()) {
    const isTyped = byVersion.get(op.version)?.intent === 'typing';
    const before = steps.at(-1)?.[0];
    const isNear =
      before && op.firstLine <= before.lastLine + 1 && before.firstLine <= op.lastLine + 1;
    if (isTyped && isNear && byVersion.get(before.version)?.intent === 'typing') {
      steps.at(-1)!.unshift(op);
    } else steps.push([op]);
  }
  return steps.map((ops) => ({ ...entry, ops }));
}

/** The oldest first. */
function entriesOf(ops: readonly OpRecord[]): readonly HistoryEntry[] {
  const entries = new HistoryEntries(STEP_PAUSE_MS);
  for (const op of ops.toReversed()) entries.addOlder(summaryOf(op));
  return entries.all().toReversed();
}
