/** Owns: opening what an agent's tool is about. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { ToolDiff, ToolLocation } from '../../acp/agent-run.ts';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { diffTitle } from './entry-words.ts';
import type { DiffTexts } from './diff-texts.ts';

/** The window's own file, which is live, where the window is in the agent's world; else that of the agent's folder. */
export async function openPlace(
  current: FolderWorld | undefined,
  agent: AddedAgent,
  { path, file, line }: ToolLocation,
  viewColumn: vscode.ViewColumn,
): Promise<void> {
  const isHere = path !== '' && current?.world.database === agent.database;
  const own = isHere ? vscode.Uri.joinPath(current.folder.uri, path) : undefined;
  const uri = own && existsSync(own.fsPath) ? own : vscode.Uri.file(file);
  const start = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  try {
    await vscode.window.showTextDocument(uri, {
      viewColumn,
      ...(line === undefined ? {} : { selection: new vscode.Range(start, start) }),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void vscode.window.showWarningMessage(
      vscode.l10n.t('{0} cannot be opened: {1}', path === '' ? file : path, reason),
    );
  }
}

export async function openToolDiff(
  texts: DiffTexts,
  name: string,
  diff: ToolDiff,
  viewColumn: vscode.ViewColumn,
): Promise<void> {
  const [before, after] = texts.addressesOf(diff);
  await vscode.commands.executeCommand('vscode.diff', before, after, diffTitle(diff, name), {
    viewColumn,
  });
}
