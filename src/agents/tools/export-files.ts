/**
 * Owns: writing the world out as commits, where the agent's role allows. What stands against it is settled
 * or allowed by a person. Does not know: how commits are made.
 */
import { TOLD_REVIEWS_LEVEL } from '../../core/module-level.ts';
import path from 'node:path';
import { EXPORT_MODES, type ExportMode, exportText, isBranchName } from '../../core/git-point.ts';
import { branchOf } from '../../git/branch-name.ts';
import { exportWorld } from '../../git/export-world.ts';
import { GitError } from '../../git/git-error.ts';
import { blocking, DEFAULT_RAILS, describeFinding, findByRails } from '../../git/guard-rails.ts';
import { previewExport } from '../../git/preview-export.ts';
import { Repository } from '../../git/repository.ts';
import { demandReviewed, lookForReview } from '../../review/export-review.ts';
import { markGitPoint } from '../../world/mark-git-point.ts';
import { may } from '../../world/rights.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { historyOfSession } from '../../world/world-history.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { done, NO_BODY, refused, type Reply } from './answer.ts';

export interface ExportRequest {
  /** Absolute: a clone of what the world was brought in from. */
  readonly repository: string;
  /** One commit, one for each author, for each turn, or for each named point; `one` without it. */
  readonly by?: ExportMode | undefined;
  /** `world/NAME` without it. */
  readonly branch?: string | undefined;
  /** The proposed one without it. */
  readonly message?: string | undefined;
}

/** Throws `WorldError`. */
export async function exportFiles(
  { session, randomBytes }: { readonly session: WorldSession; readonly randomBytes: RandomBytes },
  request: ExportRequest,
  signal: AbortSignal,
): Promise<Reply> {
  const bad = badRequest(request);
  if (bad) return bad;
  const { view, identity } = session;
  if (!may(view.members.get(identity), 'export')) {
    return refused('forbidden', 'You have no right to export this world.', [
      'Ask the person whom you work for: an owner can give that right, or export.',
    ]);
  }
  try {
    return await exportNow(session, randomBytes, request, signal);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const { code, message } = error;
    return {
      outcome: 'refused',
      code,
      message: message.replace(/\.?$/, '.'),
      next: [],
      body: NO_BODY,
    };
  }
}

async function exportNow(
  session: WorldSession,
  randomBytes: RandomBytes,
  { repository: folder, by: mode = 'one', branch: named, message = '' }: ExportRequest,
  signal: AbortSignal,
): Promise<Reply> {
  const repository = await Repository.open(folder);
  const branch = named ?? branchOf(session.workspace?.name ?? '');
  const choice = { mode, branch, message };
  const namesReviewers = session.moduleLevel >= TOLD_REVIEWS_LEVEL;
  const history = historyOfSession(session);
  const reviewed = await lookForReview(session, randomBytes, { signal });
  const { upTo, unreviewed } = reviewed;
  const question = { history, repository, choice, upTo, namesReviewers, unreviewed, signal };
  const preview = await previewExport(question);
  const findings = await findByRails({ session, folder, ...preview });
  const blockers = preview.commits.length > 0 ? blocking(findings, DEFAULT_RAILS) : [];
  if (blockers.length > 0) {
    const list = blockers.map((finding) => describeFinding(finding)).join('\n');
    return refused('blocked', `Not exported: this has to be settled first.\n${list}`, [
      'Settle it, or ask a person to export all the same: agent-world export --allow.',
    ]);
  }
  if (preview.commits.length > 0) demandReviewed(session, reviewed);
  const report = await exportWorld({
    ...question,
    isBranchNamed: named !== undefined,
    record: (point) => markGitPoint(session, point, exportText(point), randomBytes, signal),
  });
  const { commit = '', commits, files } = report;
  const told = report.outcome === 'exported' ? 'Exported.' : 'There is nothing new to export.';
  return done(told, { kind: 'export', branch: report.branch, commit, commits, files });
}

function badRequest({ repository, by = 'one', branch }: ExportRequest): Reply | undefined {
  if (!path.isAbsolute(repository)) {
    return refused(
      'bad_path',
      `${JSON.stringify(repository)} is no absolute path of a repository.`,
    );
  }
  if (!EXPORT_MODES.includes(by)) {
    return refused('bad_request', `\`by\` is one of ${EXPORT_MODES.join(', ')}.`);
  }
  if (branch !== undefined && !isBranchName(branch)) {
    return refused('bad_request', `${JSON.stringify(branch)} cannot be a branch.`);
  }
  return undefined;
}
