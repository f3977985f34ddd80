import * as vscode from 'vscode';
import type { RefusedEditAction, RefusedEditView } from '../editor/refused-edits.ts';

/** How an action on a refused edit is offered, above its line and in lists. */
export interface OfferedAction {
  readonly action: RefusedEditAction;
  readonly icon: string;
  readonly label: string;
  readonly explanation: string;
}

/** What can be done about the edit. A draft has no other side whose text could be kept. */
export function offeredActions(
  edit: Pick<RefusedEditView, 'actions' | 'source' | 'isOwn' | 'authorName'>,
): readonly OfferedAction[] {
  const { actions, source, isOwn, authorName } = edit;
  return actions.map((action) => ({
    action,
    ...(isOwn ? wordsFor(action, source.tag) : wordsForOthers(action, authorName)),
  }));
}

/** About the ticket of somebody else. */
function wordsForOthers(action: RefusedEditAction, author: string): Omit<OfferedAction, 'action'> {
  const { l10n } = vscode;
  switch (action) {
    case 'accept_head':
      return {
        icon: '$(check)',
        label: l10n.t('Keep the text'),
        explanation: l10n.t('What stands there stays; the edit of {0} is given up.', author),
      };
    case 'rebase':
      return {
        icon: '$(redo)',
        label: l10n.t('Apply the edit'),
        explanation: l10n.t('Put the text of {0} in place of what stands there.', author),
      };
    case 'patch':
      return {
        icon: '$(edit)',
        label: l10n.t('Edit…'),
        explanation: l10n.t('Compare both and write what should stand there.'),
      };
    case 'copy':
      return {
        icon: '$(copy)',
        label: l10n.t('Copy the text'),
        explanation: l10n.t('Put the text of {0} into the clipboard.', author),
      };
  }
}

function wordsFor(
  action: RefusedEditAction,
  source: RefusedEditView['source']['tag'],
): Omit<OfferedAction, 'action'> {
  const { l10n } = vscode;
  switch (action) {
    case 'accept_head':
      return source === 'ticket'
        ? {
            icon: '$(check)',
            label: l10n.t('Keep theirs'),
            explanation: l10n.t('Give up your edit.'),
          }
        : {
            icon: '$(trash)',
            label: l10n.t('Discard mine'),
            explanation: l10n.t('Your text is thrown away.'),
          };
    case 'rebase':
      return {
        icon: '$(redo)',
        label: l10n.t('Apply mine again'),
        explanation:
          source === 'ticket'
            ? l10n.t('Put your text in place of theirs.')
            : l10n.t('Put your text back and send it again.'),
      };
    case 'patch':
      return {
        icon: '$(edit)',
        label: l10n.t('Edit…'),
        explanation: l10n.t('Compare both and write what should stand there.'),
      };
    case 'copy':
      return {
        icon: '$(copy)',
        label: l10n.t('Copy my text'),
        explanation: l10n.t('Put your text into the clipboard. It stays here too.'),
      };
  }
}
