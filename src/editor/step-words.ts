/**
 * Owns: saying in words what waits in a ticket of several changes. Does not know: how tickets are read.
 */
import * as vscode from 'vscode';
import { changesIn, type WaitingStep } from '../core/file-steps.ts';
import type { WorldView } from '../world/world-view.ts';

/** All that waits together, in one sentence; of very many the first ones. */
export function stepsSentence(view: WorldView, steps: readonly WaitingStep[]): string {
  const changes = changesIn(steps);
  const named = changes.slice(0, MOST_NAMED).map((step) => stepWords(view, step));
  const more = changes.length - named.length;
  if (more > 0) named.push(vscode.l10n.t('{0} more', more));
  return vscode.l10n.t('These changes wait together: {0}.', named.join('; '));
}

function stepWords(view: WorldView, step: WaitingStep): string {
  const { l10n } = vscode;
  const path = view.files.get(step.fileId)?.path ?? '';
  switch (step.kind) {
    case 'edit':
      return l10n.t('edit {0}', path);
    case 'create':
      return step.fileId === 0
        ? l10n.t('make {0}', step.path)
        : l10n.t('put another text into {0}', step.path);
    case 'rename':
      return l10n.t('rename {0} to {1}', step.from, step.to);
    case 'delete':
      return l10n.t('delete {0}', path);
    case 'restore':
      return l10n.t('bring {0} back', step.path === '' ? path : step.path);
    case 'mode':
      return l10n.t('set how {0} is put on disk', path);
    case 'content':
      return l10n.t('replace the content of {0}', path);
  }
}

const MOST_NAMED = 12;
