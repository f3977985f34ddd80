import * as vscode from 'vscode';
import { nodeOf, type ShownWorld } from './world-tree.ts';
import { folderText, remarkText, serverText, sizeText } from './world-words.ts';

interface Choice extends vscode.QuickPickItem {
  readonly shown: ShownWorld;
}

/** The world that a command is about: the row it was called on, or the one that the user picks. */
export async function pickWorld(
  worlds: readonly ShownWorld[],
  argument: unknown,
  title: string,
  isWanted: (shown: ShownWorld) => boolean = () => true,
): Promise<ShownWorld | undefined> {
  if (typeof argument === 'string' && argument.startsWith('world ')) {
    return worlds.find(({ world }) => nodeOf(world) === argument);
  }
  const choices = worlds.filter(isWanted).map(choiceOf);
  if (choices.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'There is no world to do that with. Open a folder in one, or restore a backup.',
      ),
    );
    return undefined;
  }
  const options = { title, matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(choices, options))?.shown;
}

function choiceOf(shown: ShownWorld): Choice {
  const { world, size, isLive } = shown;
  const facts = [remarkText(world), serverText(world.server), size ? sizeText(size) : ''];
  return {
    label: `$(${isLive ? 'globe' : 'database'}) ${world.name}`,
    description: facts.filter((fact) => fact !== '').join(' · '),
    detail: world.folder === '' ? vscode.l10n.t('no folder') : folderText(world.folder),
    shown,
  };
}
