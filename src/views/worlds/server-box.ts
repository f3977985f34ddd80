import * as vscode from 'vscode';
import { EMBEDDED } from '../../world/identities.ts';
import { serverAt } from '../../world/server-address.ts';
import { WorldError } from '../../world/world-error.ts';

/** Asks for a server; undefined when the user gave up. The answer is a server's label. */
export async function askServerLabel(
  title: string,
  isOffered: (label: string) => boolean,
): Promise<string | undefined> {
  const here = {
    label: `$(vm) ${vscode.l10n.t('This machine’s own host')}`,
    detail: vscode.l10n.t('For you and agents on this machine. Nothing to install.'),
    isHere: true,
  };
  const there = {
    label: `$(server) ${vscode.l10n.t('A SpacetimeDB server…')}`,
    detail: vscode.l10n.t('For a team, and for more than one machine.'),
    isHere: false,
  };
  const choices = isOffered(EMBEDDED) ? [here, there] : [there];
  const picked =
    choices.length === 1 ? there : await vscode.window.showQuickPick(choices, { title });
  if (picked === undefined) return undefined;
  return picked.isHere ? EMBEDDED : askAddress(title, isOffered);
}

async function askAddress(
  title: string,
  isOffered: (label: string) => boolean,
): Promise<string | undefined> {
  const entered = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('The server’s address'),
    placeHolder: 'https://worlds.example.org',
    ignoreFocusOut: true,
    validateInput: (text) => faultOf(text, isOffered),
  });
  return entered === undefined ? undefined : serverAt(entered.trim()).label;
}

function faultOf(text: string, isOffered: (label: string) => boolean): string | undefined {
  try {
    const { label } = serverAt(text.trim());
    return isOffered(label) ? undefined : vscode.l10n.t('It is there already.');
  } catch (error) {
    if (error instanceof WorldError) return error.message;
    throw error;
  }
}
