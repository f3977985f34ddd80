/**
 * Owns: the example on which a newcomer tries things: making it, showing what to try in the window that opens on it,
 * and removing it. Does not know: what the example is made of.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { WindowWorld } from '../../editor/window-world.ts';
import { EXAMPLE_FILE, exampleFolder, takeBeginning } from '../../world/example-folder.ts';
import { openInWindow } from '../open-in-window.ts';
import { runCommand } from '../run-command.ts';
import type { DemoAgents } from './demo-agents.ts';

export interface ExampleParts {
  readonly surroundings: ExtensionSurroundings;
  readonly window: WindowWorld;
  readonly agents: DemoAgents;
}

/** Makes the example with its world, and opens it in a window, which shows what to try. */
export async function tryExample(parts: ExampleParts): Promise<void> {
  const { surroundings, window } = parts;
  const title = vscode.l10n.t('Making an example in {0}', exampleFolder(surroundings.home));
  const made = await asProgress<{ readonly folder: string }>(surroundings, title, [
    'example',
    '--begin',
    'window',
  ]);
  if (!made) return;
  if (await exampleIn(window, surroundings.home)) await beginExample(parts);
  else await openInWindow(made.folder);
}

/** In a window that was opened to try the example: a file with an agent at work in it, and who is here. */
export async function beginExample({ surroundings, window, agents }: ExampleParts): Promise<void> {
  const current = await exampleIn(window, surroundings.home);
  const beginning = current && (await takeBeginning(surroundings.home));
  if (!current || !beginning) return;
  if (beginning.agents === 'window') agents.start(current, 'tour');
  await vscode.commands.executeCommand('agentWorld.members.focus');
  const file = vscode.Uri.joinPath(current.folder.uri, EXAMPLE_FILE);
  const document = await vscode.workspace.openTextDocument(file);
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const line = document.getText().split(/\r?\n/).indexOf('-');
  if (line < 0) return;
  const place = document.lineAt(line).range.end;
  editor.selection = new vscode.Selection(place, place);
}

/** Deletes the example's world and folder, once that was confirmed; a window on it has no folder then. */
export async function removeExample({ surroundings, window, agents }: ExampleParts): Promise<void> {
  const { home } = surroundings;
  const remove = vscode.l10n.t('Remove');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove the example, with its world and its history?'),
    { modal: true, detail: vscode.l10n.t('{0} is deleted.', exampleFolder(home)) },
    remove,
  );
  if (answer !== remove) return;
  const current = await exampleIn(window, home);
  if (current) {
    agents.stop();
    await window.leave(current);
  }
  const title = vscode.l10n.t('Removing the example');
  const removed = await asProgress<object>(surroundings, title, ['example', '--remove']);
  if (removed && current) await vscode.commands.executeCommand('workbench.action.closeFolder');
}

async function exampleIn(window: WindowWorld, home: string) {
  const example = exampleFolder(home);
  const real = await realpath(example).catch(() => example);
  return [...window.all()].find(({ world }) => path.relative(world.folder, real) === '');
}

function asProgress<Result>(
  surroundings: ExtensionSurroundings,
  title: string,
  args: readonly string[],
): Thenable<Result | undefined> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) =>
    runCommand<Result>(surroundings, args, token, {
      onNote: (message) => progress.report({ message }),
    }),
  );
}
