/**
 * Owns: telling which files of this window's folder wait for an answer, where they are seen: in the
 * explorer, on tabs, and in their editors. Does not know: who answers, the list of questions.
 */
import * as vscode from 'vscode';
import { type LineNote, LineNotes } from '../../decorations/line-notes.ts';
import { RESTORATION_ANSWERS } from '../../core/restoration.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { WaitingFile } from '../../mirror/restorations/waiting-entry.ts';
import { mayAnswer } from './asked-questions.ts';
import { COMMAND_OF } from './question-commands.ts';
import { answerLabel, noteText, waitingText } from './question-words.ts';

/** So many paths are told to VS Code one by one. */
const MOST_PATHS = 500;

export class WaitingMarks implements Disposable, vscode.FileDecorationProvider {
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri[] | undefined>());
  readonly #notes = this.#store.add(
    new LineNotes(({ uri }) => this.#note(uri.scheme === 'file' ? uri.fsPath : '')),
  );
  #current: FolderWorld | undefined;
  /** By path, for what reason. */
  #marked: ReadonlyMap<string, WaitingFile['cause']> = new Map();

  readonly onDidChangeFileDecorations = this.#changes.event;

  constructor() {
    this.#store.add(vscode.window.registerFileDecorationProvider(this));
  }

  /** What waits may be other files, or in another folder. */
  update(current: FolderWorld | undefined): void {
    const isOther = current !== this.#current;
    this.#current = current;
    const before = this.#marked;
    const files = [...(current?.waiting.all() ?? [])];
    this.#marked = new Map(files.map((file) => [file.path, this.#causeOf(file)]));
    const known = new Set([...before.keys(), ...this.#marked.keys()]);
    // The reason is another one once it is known whether git did it.
    const paths = [...known].filter((each) => before.get(each) !== this.#marked.get(each));
    if (isOther || paths.length > MOST_PATHS) this.#changes.fire(undefined);
    else if (current && paths.length > 0) {
      this.#changes.fire(paths.map((each) => vscode.Uri.joinPath(current.folder.uri, each)));
    }
    this.#notes.update();
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const file = uri.scheme === 'file' ? this.#current?.waitingFile(uri.fsPath) : undefined;
    if (file === undefined) return undefined;
    const colour = new vscode.ThemeColor('list.warningForeground');
    return new vscode.FileDecoration('?', waitingText(this.#causeOf(file)), colour);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** As it was asked: whether git did it is known of an event, not of a file. */
  #causeOf({ event, cause }: WaitingFile): WaitingFile['cause'] {
    return this.#current?.waiting.event(event)?.ask?.cause ?? cause;
  }

  #note(fsPath: string): LineNote | undefined {
    const current = this.#current;
    const file = fsPath === '' ? undefined : current?.waitingFile(fsPath);
    if (current === undefined || file === undefined) return undefined;
    const cause = this.#causeOf(file);
    const hover = new vscode.MarkdownString();
    hover.appendText(`${waitingText(cause)}.`);
    hover
      .appendMarkdown('\n\n')
      .appendText(
        vscode.l10n.t(
          'This editor shows what the world has, and saves it only when you do. To save it puts that back on disk.',
        ),
      );
    this.#addLinks(hover, current, file);
    return { text: noteText(file.what), hover };
  }

  #addLinks(hover: vscode.MarkdownString, current: FolderWorld, file: WaitingFile): void {
    const { session, waiting } = current;
    const number = waiting.event(file.event)?.question;
    const question = number && session.view.restorations.questions.get(number);
    if (!question) return;
    const { cause, restorationId } = question;
    const link = (title: string, command: string, row: string): string =>
      `[${title}](command:agentWorld.${command}?${encodeURIComponent(JSON.stringify([row]))})`;
    const compare = link(
      vscode.l10n.t('Compare'),
      'openFolderFile',
      `file ${restorationId} ${file.fileId}`,
    );
    const answers = mayAnswer(session, question)
      ? RESTORATION_ANSWERS.map((answer) =>
          link(answerLabel(cause, answer), COMMAND_OF[answer], `question ${restorationId}`),
        )
      : [];
    const commands = ['openFolderFile', ...Object.values(COMMAND_OF)];
    hover.isTrusted = { enabledCommands: commands.map((each) => `agentWorld.${each}`) };
    hover.appendMarkdown(`\n\n${[compare, ...answers].join(' · ')}`);
  }
}
