/**
 * Owns: what one export shows before it is made: the difference of all files in one editor, the
 * message in another. Does not know: how exports are made.
 */
import * as vscode from 'vscode';
import type { ExportMode } from '../../core/git-point.ts';
import { BlobReader } from '../../git/blob-reader.ts';
import type { RailFinding, RailSettings } from '../../git/guard-rails.ts';
import type { ExportPreview } from '../../git/preview-export.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { MemoryFiles } from './memory-files.ts';
import { messageIn, messageText } from './message-text.ts';

export interface OpenExport {
  readonly current: FolderWorld;
  readonly mode: ExportMode;
  readonly branch: string;
  readonly preview: ExportPreview;
  readonly findings: readonly RailFinding[];
  readonly rails: RailSettings;
  /** What the user wrote for this branch before, and did not commit. */
  readonly written?: string;
  /** How many changes that nobody has looked at the user wants exported. */
  readonly allowed: number;
}

export interface ShownChanges {
  readonly current: FolderWorld;
  readonly title: string;
  readonly changes: ExportPreview['changes'];
}

export interface ExportFiles {
  readonly trees: MemoryFiles;
  readonly messages: MemoryFiles;
}

export interface ExportEditors {
  /** In which the message is edited. */
  readonly document: vscode.TextDocument;
  /** Says in the status bar what to do. */
  readonly hint: vscode.Disposable;
}

/** Opens both editors. */
export async function openExport(open: OpenExport, files: ExportFiles): Promise<ExportEditors> {
  const { current, preview, branch } = open;
  const { changes } = preview;
  await showChanges({ current, title: titleOf(branch), changes }, files.trees);
  const text = messageText({ ...open, words: wordsFor(open) });
  const uri = files.messages.put('EXPORT_MESSAGE', String(preview.upTo), Buffer.from(text));
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, {
    preview: false,
    viewColumn: vscode.ViewColumn.Beside,
    selection: new vscode.Range(0, 0, 0, 0),
  });
  const hint = vscode.window.setStatusBarMessage(
    vscode.l10n.t('{0}: read, edit the message, then commit it to {1}', current.world.name, branch),
  );
  return { document, hint };
}

/** What somebody wrote; empty for what was proposed. */
export function messageOf(document: vscode.TextDocument, open: OpenExport): string {
  return messageIn(document.getText(), open);
}

/** Closes what `openExport` opened. */
export async function closeExport(
  document: vscode.TextDocument,
  { branch }: OpenExport,
): Promise<void> {
  if (document.isDirty) await document.save();
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const title = titleOf(branch);
  const own = tabs.filter(({ input, label }) =>
    input instanceof vscode.TabInputText
      ? input.uri.toString() === document.uri.toString()
      : // What an editor of several files shows, an extension cannot ask.
        label.startsWith(title),
  );
  if (own.length > 0) await vscode.window.tabGroups.close(own);
}

/** Opens the difference of all files in one editor. */
export async function showChanges(
  { current: { folder }, title, changes }: ShownChanges,
  trees: MemoryFiles,
): Promise<void> {
  const blobs = new BlobReader(folder.uri.fsPath);
  const side = async (path: string, id: string | undefined): Promise<vscode.Uri | undefined> => {
    const bytes = id === undefined ? undefined : await blobs.read(id);
    return bytes && trees.put(path, id!, bytes);
  };
  try {
    const resources: [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined][] = [];
    for (const { path, before, after } of changes.slice(0, MOST_FILES)) {
      const label = vscode.Uri.joinPath(folder.uri, path);
      resources.push([label, await side(path, before), await side(path, after)]);
    }
    await vscode.commands.executeCommand('vscode.changes', title, resources);
  } finally {
    await blobs.close();
  }
}

function titleOf(branch: string): string {
  return vscode.l10n.t('Export to {0}', branch);
}

function wordsFor({ preview, branch }: OpenExport) {
  const parent = preview.parents[0]?.slice(0, 12);
  const files = preview.changes.length;
  return {
    howTo: vscode.l10n.t(
      'Commit with the check mark above, or Ctrl+Enter; close this to leave it. Lines with # are left out.',
    ),
    branch:
      parent === undefined
        ? vscode.l10n.t('On the new branch {0}: {1} files', branch, files)
        : vscode.l10n.t('On {0}, after {1}: {2} files', branch, parent, files),
    blocks: vscode.l10n.t(
      'Not to be committed before this is settled, or allowed in the settings:',
    ),
    warns: vscode.l10n.t('Worth knowing:'),
    commits: vscode.l10n.t('The commits, in their order; a message here is for all of them:'),
    trailers: vscode.l10n.t('Added behind the message:'),
  };
}

/** An editor of more files than that is of no use to anybody. */
const MOST_FILES = 500;
