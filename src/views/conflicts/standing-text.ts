import * as vscode from 'vscode';
import { excerpt } from '../../decorations/refused-edit-marks.ts';

/** What stands somewhere, in few words. */
export function standing(text: string): string {
  return text === '' ? vscode.l10n.t('nothing') : excerpt(text);
}
