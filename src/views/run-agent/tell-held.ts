/** Owns: telling that an agent's folder has a client already, and what can be done about it. */
import * as vscode from 'vscode';
import type { RunPlaceKind } from '../../agents/run-lock.ts';

/** What the user wants; undefined for nothing. */
export type HeldAnswer = 'show' | 'end' | 'again' | 'other' | undefined;

/** `by`: where a client runs in its folder; `isHere`: in this window. */
export async function tellHeld(
  name: string,
  by: RunPlaceKind,
  isHere: boolean,
): Promise<HeldAnswer> {
  const choices = isHere ? choicesHere(by) : choicesElsewhere();
  const words = isHere ? wordsHere(name, by) : wordsElsewhere(name, by);
  const labels = choices.map(({ label }) => label);
  const answer = await vscode.window.showWarningMessage(words, ...labels);
  return choices.find(({ label }) => label === answer)?.answer;
}

interface Choice {
  readonly label: string;
  readonly answer: HeldAnswer;
}

function choicesHere(by: RunPlaceKind): readonly Choice[] {
  const show =
    by === 'panel' ? vscode.l10n.t('Show the Panel') : vscode.l10n.t('Show the Terminal');
  const end =
    by === 'panel'
      ? vscode.l10n.t('End It There and Run It in a Terminal')
      : vscode.l10n.t('End It There and Run It in a Panel');
  return [
    { label: show, answer: 'show' },
    { label: end, answer: 'end' },
  ];
}

function choicesElsewhere(): readonly Choice[] {
  return [
    { label: vscode.l10n.t('Try Again'), answer: 'again' },
    { label: vscode.l10n.t('Run Another Agent…'), answer: 'other' },
  ];
}

function wordsHere(name: string, by: RunPlaceKind): string {
  return by === 'panel'
    ? vscode.l10n.t(
        '{0} runs in a panel of this window. A folder takes one at a time, since two would change the same files.',
        name,
      )
    : vscode.l10n.t(
        '{0} runs in a terminal of this window. A folder takes one at a time, since two would change the same files.',
        name,
      );
}

function wordsElsewhere(name: string, by: RunPlaceKind): string {
  return by === 'panel'
    ? vscode.l10n.t(
        '{0} runs in a panel of another window. End it there first, or run another agent: a folder takes one at a time.',
        name,
      )
    : vscode.l10n.t(
        '{0} runs in a terminal of another window. End it there first, or run another agent: a folder takes one at a time.',
        name,
      );
}
