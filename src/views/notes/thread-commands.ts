import * as vscode from 'vscode';
import type { LineRange } from '../../core/map-position.ts';
import type { BoundDocument } from '../../editor/bound-document.ts';
import type { LineThreads } from '../threads/line-threads.ts';
import { selectedLines } from '../selected-lines.ts';
import type { MessageThreads } from './message-threads.ts';
import { addresseeIn, type NoteCommands, pickAddressee } from './note-commands.ts';
import type { NoteDesk } from './note-desk.ts';
import { type NamedLines, textAtPlace } from './placed-messages.ts';

/** What can be done in the threads of messages. */
export class ThreadCommands {
  readonly #notes: NoteCommands;
  readonly #lines: LineThreads;
  readonly #threads: () => MessageThreads | undefined;

  constructor(notes: NoteCommands, lines: LineThreads, threads: () => MessageThreads | undefined) {
    this.#notes = notes;
    this.#lines = lines;
    this.#threads = threads;
  }

  /** Writes a message about the lines that are selected when it is sent. */
  async begin(desk: NoteDesk): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || placeOf(desk, editor) === undefined) {
      const first = vscode.l10n.t('Open a file of the world first, and select the lines.');
      void vscode.window.showInformationMessage(first);
      return;
    }
    const to = await pickAddressee(desk.session);
    if (to === undefined) return;
    // Others write meanwhile: VS Code moves the selection along.
    await this.#notes.writeAbout(desk, to, () => placeOf(desk, editor));
  }

  /** Writes what was typed in a thread's box, with the lines that it is about. */
  async answer(desk: NoteDesk, argument: unknown): Promise<void> {
    const reply = this.#lines.replyOf(argument);
    const threads = this.#threads();
    const topic = threads?.find(reply?.id);
    const place = topic && linesOf(desk, topic.bound, topic.lines);
    if (!reply || !threads || !topic || !place) return;
    const to = addresseeIn(desk.session, topic.key);
    if (to === undefined || reply.text.trim() === '') return;
    // Before the answer is sent: once the world has it, what it answers to is read.
    this.#lines.foldWhenDone(topic.id);
    if (await this.#notes.say(desk, to, textAtPlace(place, reply.text))) threads.answered(topic);
  }

  /** What a thread says is read; says whether the argument was a thread, be it one that is gone. */
  close(argument: unknown): boolean {
    if (typeof argument !== 'object' || argument === null || !('comments' in argument))
      return false;
    const threads = this.#threads();
    const topic = threads?.find(this.#lines.idOf(argument));
    if (topic) threads?.close(topic);
    return true;
  }
}

/** The selected lines of an editor, as the world has them; undefined for a file that is in no world. */
function placeOf(
  desk: NoteDesk,
  { document, selection }: vscode.TextEditor,
): NamedLines | undefined {
  const bound = desk.current.documents.of(document);
  return bound && linesOf(desk, bound, selectedLines(selection));
}

function linesOf(
  { session }: NoteDesk,
  { fileId, positions }: BoundDocument,
  lines: LineRange,
): NamedLines | undefined {
  const path = fileId === undefined ? undefined : session.view.files.get(fileId)?.path;
  if (path === undefined || positions === undefined) return undefined;
  return { path, lines: positions.linesToWorld(lines) };
}
