import * as vscode from 'vscode';
import type { Meeting } from '../../world/file-meetings.ts';
import { memberName } from '../../world/member-name.ts';
import type { WorldView } from '../../world/world-view.ts';

/** Who is about to meet whom, and why, in one sentence. */
export function meetingWords(view: WorldView, { kind, worker, other, turnId }: Meeting): string {
  const { t } = vscode.l10n;
  const [who, whom] = [memberName(view, worker), memberName(view, other)];
  if (turnId === 0) return t('You have just changed these lines, and {0} has claimed them.', whom);
  switch (kind) {
    case 'read':
      return t(
        '{0} changes these lines in a turn that is running, and {1} has read them.',
        who,
        whom,
      );
    case 'read_near':
      return t(
        '{0} changes these lines in a turn that is running, and {1} has read lines close by.',
        who,
        whom,
      );
    case 'read_in_symbol':
      return t(
        '{0} changes these lines in a turn that is running, and {1} has read in the same symbol.',
        who,
        whom,
      );
    case 'claimed':
      return t(
        '{0} changes these lines in a turn that is running, and {1} has claimed them.',
        who,
        whom,
      );
  }
}
