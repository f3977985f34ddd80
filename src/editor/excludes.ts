import * as vscode from 'vscode';
import { EXCLUDE_SETTING, excludesOf } from '../world/folder-settings.ts';

/** What the user keeps out of the world of a folder: patterns in the syntax of `.gitignore`. */
export function excludesIn(folder: vscode.WorkspaceFolder): readonly string[] {
  return excludesOf(vscode.workspace.getConfiguration(undefined, folder.uri).get(EXCLUDE_SETTING));
}
