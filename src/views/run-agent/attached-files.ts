/** Owns: what is put along with the next prompt: files of the world, and what is selected in the editor. */
import * as vscode from 'vscode';
import type { PromptFile } from '../../acp/agent-run.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { selectedLines } from '../selected-lines.ts';

export class AttachedFiles {
  #files: readonly PromptFile[] = [];

  get labels(): readonly string[] {
    return this.#files.map(fileLabel);
  }

  /** False where it is there already, or there are as many as are sent. */
  add(file: PromptFile): boolean {
    const label = fileLabel(file);
    if (this.#files.length >= MOST_FILES || this.labels.includes(label)) return false;
    this.#files = [...this.#files, file];
    return true;
  }

  remove(index: number): void {
    this.#files = this.#files.filter((_, at) => at !== index);
  }

  /** All of them; none is left. */
  take(): readonly PromptFile[] {
    const files = this.#files;
    this.#files = [];
    return files;
  }
}

export function fileLabel({ path, part }: PromptFile): string {
  if (!part) return path;
  const { first, last } = part;
  return first === last
    ? vscode.l10n.t('{0}, line {1}', path, first)
    : vscode.l10n.t('{0}, lines {1} to {2}', path, first, last);
}

/** What is selected in an editor on a file of the world; the whole file where nothing is. */
export function selectionOf(
  { documents, session }: FolderWorld,
  { document, selection }: vscode.TextEditor,
): PromptFile | undefined {
  const fileId = documents.of(document)?.fileId;
  const path = fileId === undefined ? undefined : session.view.files.get(fileId)?.path;
  if (path === undefined) return undefined;
  if (selection.isEmpty) return { path };
  const { firstLine, lastLine } = selectedLines(selection);
  const end = document.lineAt(lastLine).range.end;
  const text = document.getText(new vscode.Range(new vscode.Position(firstLine, 0), end));
  return { path, part: { first: firstLine + 1, last: lastLine + 1, text } };
}

/** Undefined when the user gave up. */
export async function pickFiles(paths: readonly string[]): Promise<readonly string[] | undefined> {
  const items = paths.map((path) => ({ label: path }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which files are put along with the prompt?'),
    canPickMany: true,
  });
  return picked?.map(({ label }) => label);
}

const MOST_FILES = 20;
