/** Owns: showing what is written about files that are not live, at the place that somebody wants to read. */
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { NotLive } from '../../mirror/why-not-live.ts';
import { SchemeTexts } from '../scheme-texts.ts';

const SCHEME = 'agent-world-page';
/** Of VS Code's own. */
const MARKDOWN = 'vscode.markdown-language-features';

export class WhatIsLive implements Disposable {
  readonly #store = new DisposableStore();
  readonly #page: vscode.Uri;

  constructor({ extensionUri }: Pick<vscode.ExtensionContext, 'extensionUri'>) {
    this.#page = vscode.Uri.joinPath(extensionUri, 'docs', 'what-is-live.md');
    this.#store.add(new SchemeTexts(SCHEME, () => readFile(this.#page.fsPath, 'utf8')));
  }

  /** At the section of a reason; without one at its beginning. */
  async open(why: NotLive | undefined): Promise<void> {
    const section = why?.replaceAll('_', '-') ?? '';
    if (vscode.extensions.getExtension(MARKDOWN)) {
      const page = this.#page.with({ fragment: section });
      await vscode.commands.executeCommand('markdown.showPreview', page);
      return;
    }
    // Where the user has turned VS Code's own Markdown off.
    const uri = vscode.Uri.from({ scheme: SCHEME, path: '/what-is-live.md' });
    const document = await vscode.workspace.openTextDocument(uri);
    const line = lineOf(document, section);
    const editor = await vscode.window.showTextDocument(document);
    const place = new vscode.Position(line, 0);
    editor.selection = new vscode.Selection(place, place);
    editor.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.AtTop);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function lineOf(document: vscode.TextDocument, section: string): number {
  const lines = document.getText().split('\n');
  return Math.max(
    0,
    lines.findIndex((line) => section !== '' && slugOf(line) === section),
  );
}

/** As Markdown names a heading; empty for any other line. */
function slugOf(line: string): string {
  return line.startsWith('#') ? line.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-') : '';
}
