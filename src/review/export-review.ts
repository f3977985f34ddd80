/**
 * Owns: what of an export nobody has looked at, and what the world's rule says to it. Does not know: how exports are
 * made.
 */
import type { ExportRule } from '../core/export-rule.ts';
import { UNREVIEWED_AGENTS, UNREVIEWED_FILES, type UnreviewedExport } from '../core/git-point.ts';
import { listed } from '../core/listed.ts';
import { EXPORT_RULES_LEVEL, REVIEWS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import { exportRule, unreviewedRefusal } from '../world/export-rule.ts';
import { memberName } from '../world/member-name.ts';
import { readHeadSeq } from '../world/read-head.ts';
import { may } from '../world/rights.ts';
import type { RandomBytes } from '../world/uuid.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { FileDecision } from './file-decision.ts';
import type { FileReview } from './file-review.ts';
import { ReviewReader } from './review-reader.ts';
import { sendDecisions } from './send-decisions.ts';
import type { FileHead } from '../world/world-rows.ts';

/** A file in which agents did something that nobody has kept or taken back. */
export interface UnreviewedPath {
  readonly fileId: number;
  readonly path: string;
  /** Hunks, and what was done to the file as a whole. */
  readonly changes: number;
  readonly agents: readonly IdentityHex[];
}

export interface UnreviewedWork {
  /** By path. */
  readonly files: readonly UnreviewedPath[];
  /** Files in which what agents did went by itself, so that nothing is left to look at. */
  readonly settled: readonly FileDecision[];
}

/**
 * What agents did up to an op, and is still there, that nobody has kept or taken back; nothing in a world whose module
 * knows no reviews. Of a file that was changed since that op all work up to it counts: what is there now does not tell
 * what was there then. Rejects when the world cannot be reached.
 */
export async function unreviewedWork(
  session: WorldSession,
  upTo = Infinity,
  signal?: AbortSignal,
): Promise<UnreviewedWork> {
  if (session.moduleLevel < REVIEWS_LEVEL) return { files: [], settled: [] };
  const { unreviewed } = session.view;
  const rows = [...unreviewed.files.values()].filter(({ sinceSeq }) => sinceSeq < upTo);
  const files: UnreviewedPath[] = [];
  const settled: FileDecision[] = [];
  const fileIds = rows.map(({ fileId }) => fileId);
  await new ReviewReader(session).each(fileIds, signal, (review, head) => {
    const hunks = review.hunks(head, {}).filter(({ firstSeq }) => firstSeq <= upTo);
    const { fileId, path } = head;
    if (review.changedSeq > upTo) {
      const agents = review.agentsUpTo(upTo);
      const changes = Math.max(hunks.length, 1);
      if (agents.length > 0) files.push({ fileId, path, changes, agents });
    } else if (hunks.length === 0) {
      const settling = settlingOf(review, head);
      if (settling.upTo > unreviewed.files.get(fileId)!.sinceSeq) settled.push(settling);
    } else {
      const agents = hunks.flatMap(({ works }) => works.map(({ agent }) => agent));
      files.push({ fileId, path, changes: hunks.length, agents: [...new Set(agents)] });
    }
  });
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), settled };
}

/** A decision that says of a file up to where nothing is left, and about nothing else. */
export function settlingOf(review: FileReview, head: FileHead): FileDecision {
  const seen = { seenSeq: review.lastSeq, version: review.version };
  const nothing = { hunks: [], lines: [], whole: [] };
  const upTo = review.settledBy(head, nothing, seen);
  return { does: 'keep', head, whose: {}, ...nothing, seenSeq: seen.seenSeq, upTo, steps: [] };
}

export interface ExportWish {
  /** The newest op that is to be exported, where it is not the newest of all. */
  readonly upTo?: number | undefined;
  /** An owner wants it exported whatever the world asks for. */
  readonly isAllowed?: boolean | undefined;
  /** Nothing is to be written. */
  readonly isPreview?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is to be told of work that nobody has looked at, before an export, and by the mark that it leaves. */
export interface ReviewedExport {
  /** The newest op that was looked at, and is to be exported. */
  readonly upTo: number;
  readonly files: readonly UnreviewedPath[];
  /** Undefined where there is nothing, or the world's module keeps no such thing. */
  readonly unreviewed: UnreviewedExport | undefined;
}

/**
 * Looks for work in an export that nobody has looked at. Where the world asks for review the caller, if a person, also
 * tells it of files in which nothing is left, since it cannot know by itself.
 */
export async function lookForReview(
  session: WorldSession,
  randomBytes: RandomBytes,
  { isAllowed = false, isPreview = false, signal, ...wish }: ExportWish,
): Promise<ReviewedExport> {
  const upTo = wish.upTo ?? (await readHeadSeq(await session.whenOnline(signal)));
  const { files, settled } = await unreviewedWork(session, upTo, signal);
  const rule = exportRule(session);
  if (!isPreview && settled.length > 0 && mayTellSettled(session)) {
    await sendDecisions(session, settled, randomBytes, { signal });
  }
  if (files.length === 0 || session.moduleLevel < EXPORT_RULES_LEVEL) {
    return { upTo, files, unreviewed: undefined };
  }
  const unreviewed = {
    changes: changesIn(files),
    files: files.length,
    fileIds: files
      .map(({ fileId }) => fileId)
      .sort((a, b) => a - b)
      .slice(0, UNREVIEWED_FILES),
    by: agentsIn(files).slice(0, UNREVIEWED_AGENTS),
    ...(isAllowed && rule === 'reviewed' && { isAllowed }),
  };
  return { upTo, files, unreviewed };
}

/** Throws `WorldError` where the world asks for review and there is work to look at that nobody allowed. */
export function demandReviewed(
  session: Pick<WorldSession, 'moduleLevel' | 'view'>,
  { files, unreviewed }: ReviewedExport,
): void {
  if (!needsReview(exportRule(session), files) || unreviewed?.isAllowed) return;
  throw unreviewedRefusal(sayUnreviewed(session, files));
}

/** Whether an export is refused before people have looked at these files. */
export function needsReview(
  rule: ExportRule | undefined,
  files: readonly UnreviewedPath[],
): boolean {
  return rule === 'reviewed' && files.length > 0;
}

/** Whether an owner who is a person may have it exported all the same: what the world will say. */
export function mayExportUnreviewed({ view, identity }: WorldSession): boolean {
  const self = view.members.get(identity);
  return self?.role === 'owner' && self.kind !== 'agent' && !self.paused && !self.removed;
}

/** How much waits, where, and whose it is. */
export function sayUnreviewed(
  { view }: Pick<WorldSession, 'view'>,
  files: readonly UnreviewedPath[],
): string {
  const changes = changesIn(files);
  const names = agentsIn(files).map((agent) => memberName(view, agent));
  const paths = listed(
    files.map(({ path }) => path),
    MOST_NAMED,
  );
  const waits = changes === 1 ? '1 change was' : `${changes} changes were`;
  return `${waits} not looked at: ${paths} (${listed(names, MOST_NAMED)})`;
}

export function changesIn(files: readonly UnreviewedPath[]): number {
  return files.reduce((sum, { changes }) => sum + changes, 0);
}

/** Each once. */
export function agentsIn(files: readonly UnreviewedPath[]): readonly IdentityHex[] {
  return [...new Set(files.flatMap(({ agents }) => agents))];
}

/** Whether the world needs to know of files in which nothing is left, and takes it from this member: from people. */
export function mayTellSettled(session: WorldSession): boolean {
  const self = session.view.members.get(session.identity);
  return exportRule(session) === 'reviewed' && self?.kind !== 'agent' && may(self, 'edit');
}

const MOST_NAMED = 5;
