/** Owns: asking what shall become of an export of work that nobody has looked at. Does not know: how exports are made. */
import * as vscode from 'vscode';
import {
  agentsIn,
  changesIn,
  mayExportUnreviewed,
  needsReview,
  type UnreviewedPath,
} from '../../review/export-review.ts';
import { exportRule } from '../../world/export-rule.ts';
import { memberName } from '../../world/member-name.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { namesText } from '../members/member-words.ts';
import { changesText, filesText } from '../review/review-words.ts';

/**
 * How many changes that nobody has looked at the user wants exported: asked where the world asks for review, and there
 * are more than `allowed` before. Undefined where nothing is to be exported now.
 */
export async function allowUnreviewed(
  session: WorldSession,
  files: readonly UnreviewedPath[],
  allowed = 0,
): Promise<number | undefined> {
  if (!needsReview(exportRule(session), files)) return 0;
  const changes = changesIn(files);
  if (changes <= allowed) return allowed;
  const { t } = vscode.l10n;
  const [review, anyway] = [t('Review Now'), t('Export Unreviewed Work')];
  const isOwner = mayExportUnreviewed(session);
  const answer = await vscode.window.showWarningMessage(
    t('This world asks for review before an export.'),
    { modal: true, detail: detailOf(session, files, isOwner) },
    review,
    ...(isOwner ? [anyway] : []),
  );
  if (answer === anyway) return changes;
  if (answer === review) await vscode.commands.executeCommand('agentWorld.showReview');
  return undefined;
}

function detailOf(
  { view }: WorldSession,
  files: readonly UnreviewedPath[],
  isOwner: boolean,
): string {
  const { t } = vscode.l10n;
  const names = (identities: readonly string[]): string =>
    namesText(
      identities.map((each) => memberName(view, each)),
      MOST_NAMED,
    );
  const paths = files.map(({ path, changes }) => `${path} · ${changesText(changes)}`);
  const more = paths.length - MOST_NAMED;
  const owners = [...view.members.values()].filter(({ role, kind, removed }) => {
    return role === 'owner' && kind !== 'agent' && !removed;
  });
  const whoMay = isOwner
    ? t('You may export it all the same: the commit and the history say what nobody looked at.')
    : t('Only an owner may export it all the same: {0}.', names(owners.map((o) => o.identity)));
  return [
    t(
      'Nobody has looked at {0} in {1}, made by {2}:',
      changesText(changesIn(files)),
      filesText(files.length),
      names(agentsIn(files)),
    ),
    [...paths.slice(0, MOST_NAMED), ...(more > 0 ? [t('and {0} more', filesText(more))] : [])].join(
      '\n',
    ),
    whoMay,
  ].join('\n\n');
}

const MOST_NAMED = 5;
