/** Owns: who has decided about changes since they were shown. Does not know: how that is told. */
import { type LineRange, mapLineRange } from '../core/map-position.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { makesVersion, readPayload } from '../core/op-payload.ts';
import type { ReviewDecision } from '../core/review.ts';
import type { Link } from '../world/link.ts';
import { readFileOps } from '../world/read-file-ops.ts';
import type { WorldView } from '../world/world-view.ts';
import type { ReviewHunk, ShownHunk } from './review-hunk.ts';

/** Somebody who was first to decide about something that was shown. */
export interface Decider {
  readonly who: IdentityHex;
  readonly does: ReviewDecision['does'];
  readonly atMs: number;
}

/** So far back is looked at most, in versions of a file. */
const MOST_VERSIONS = 2_000;

/**
 * Who has decided about hunks since they were shown, each person once, the newest decision last. Of hunks that were kept
 * over a restart nobody knows when they were shown: they are left out.
 */
export async function decidersOf(
  link: Link,
  { files }: Pick<WorldView, 'files'>,
  hunks: readonly ShownHunk[],
): Promise<readonly Decider[]> {
  const found = new Map<IdentityHex, Decider>();
  for (const [fileId, own] of Map.groupBy(hunks.filter(isDated), (hunk) => hunk.fileId)) {
    const since = Math.min(...own.map(({ version }) => version));
    const upTo = files.get(fileId)?.version ?? 0;
    if (upTo - since > MOST_VERSIONS) continue;
    // Decisions are of the version that they found.
    const ops = await readFileOps(link, fileId, Math.max(0, since - 1), upTo);
    for (const hunk of own) {
      const decider = deciderOf(hunk, ops);
      if (decider) found.set(decider.who, decider);
    }
  }
  return [...found.values()].sort((a, b) => a.atMs - b.atMs);
}

function isDated(hunk: ShownHunk): hunk is ReviewHunk {
  return 'version' in hunk;
}

/** The first decision about a hunk in the ops that came after it was looked at. */
function deciderOf(hunk: ReviewHunk, ops: readonly OpRecord[]): Decider | undefined {
  const linesAt = new Map<number, LineRange>();
  let { version } = hunk;
  if (hunk.tag === 'text') {
    const [firstLine, lastLine] = hunk.lines;
    linesAt.set(version, { firstLine, lastLine });
  }
  for (const op of ops) {
    if (op.opSeq <= hunk.seenSeq) continue;
    const { review } = op.kind === 'note' ? readPayload('note', op.payload) : {};
    if (review && isAbout(review, hunk, linesAt.get(review.version))) {
      return { who: op.actor, does: review.does, atMs: Number(op.madeAtMicros / 1000n) };
    }
    const lines = linesAt.get(version);
    if (!makesVersion(op)) continue;
    version = op.version;
    if (lines) linesAt.set(version, mapLineRange(lines, op.changes));
  }
  return undefined;
}

function isAbout(review: ReviewDecision, hunk: ReviewHunk, lines: LineRange | undefined): boolean {
  const isTheirs = hunk.works.some(({ agent, turn }) => {
    return (review.agent ?? agent) === agent && (review.turn ?? turn) === turn;
  });
  if (!isTheirs || review.seenSeq < hunk.lastSeq) return false;
  if (hunk.tag === 'whole') return review.whole.includes(hunk.change.kind);
  if (!lines) return false;
  const { firstLine, lastLine } = lines;
  return review.lines.some(([first, last]) => first <= lastLine && firstLine <= last);
}
