import * as vscode from 'vscode';
import {
  EXCLUDE_SETTING,
  excludesOf,
  TEMPORARY_SETTING,
  temporaryNamesOf,
} from '../world/folder-settings.ts';

/** What the user keeps out of the world of a folder: patterns in the syntax of `.gitignore`. */
export function excludesIn(folder: vscode.WorkspaceFolder): readonly string[] {
  return excludesOf(vscode.workspace.getConfiguration(undefined, folder.uri).get(EXCLUDE_SETTING));
}

/** Names of files that are there for a moment only, as the user has them. */
export function temporaryNamesIn(folder: vscode.WorkspaceFolder): readonly string[] {
  const settings = vscode.workspace.getConfiguration(undefined, folder.uri);
  return temporaryNamesOf(settings.get(TEMPORARY_SETTING));
}
