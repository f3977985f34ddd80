import * as vscode from 'vscode';
import type { Changes } from '../core/change.ts';
import type { PlaceRange } from '../sync/at-hand.ts';
import type { DocumentChange, EditorDocument, StopListening } from '../sync/ports.ts';
import { type Cause, ChangeClassifier } from './change-classifier.ts';
import { changesOfEvent, withLf } from './document-changes.ts';
import { editOf } from './document-edit.ts';
import { arePlain, foreignEncoding } from './foreign-encoding.ts';

/**
 * A VS Code document as sync sees it. Owns: converting between the two, the order of events, and
 * which of them are typing. Whoever hears VS Code's change events hands in those of this document.
 */
export class DocumentPort implements EditorDocument {
  readonly document: vscode.TextDocument;
  /** The editor is not given what it would write to the disk as something else: this is called in its place. */
  onForeignText: () => void = () => undefined;
  /** True where others' edits are not to make the document unsaved: `onHidden` is called in place of each. */
  staysClean: () => boolean = () => false;
  onHidden: () => void = () => undefined;
  readonly #listeners = new Set<(event: DocumentChange) => void>();
  readonly #classifier: ChangeClassifier;
  #held: Omit<DocumentChange, 'cause'> | undefined;
  #version: number;
  #eol: vscode.EndOfLine;
  #isClosed = false;

  constructor(document: vscode.TextDocument) {
    this.document = document;
    this.#version = document.version;
    this.#eol = document.eol;
    this.#classifier = new ChangeClassifier(document.isDirty);
  }

  get version(): number {
    return this.#version;
  }

  get holdsEventsBack(): boolean {
    return this.#held !== undefined;
  }

  text(): string {
    return withLf(this.document.getText());
  }

  onChange(listener: (event: DocumentChange) => void): StopListening {
    const own = (event: DocumentChange): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /**
   * Takes an event of this document, with the number of the doubt about who made it, and where the cursors were.
   * Costs the length of the change, not of the file.
   */
  accept(
    event: vscode.TextDocumentChangeEvent,
    doubt?: number,
    hands?: readonly PlaceRange[],
  ): void {
    if (this.#isClosed) return;
    const { contentChanges, document } = event;
    const { held, own } = this.#classifier.observe({
      isDirty: document.isDirty,
      reason: reasonOf(event.reason),
      changeCount: contentChanges.length,
    });
    this.#deliverHeld(held);
    if (own === undefined) return;
    // Another line ending arrives as the whole text again, in a version of its own.
    const changes = document.eol === this.#eol ? changesOfEvent(contentChanges) : [];
    this.#eol = document.eol;
    const change = { version: document.version, changes, doubt, hands };
    if (own === 'undecided') this.#hold(change);
    else this.#deliver(change, own);
  }

  async apply(changes: Changes, version: number): Promise<boolean> {
    if (foreignEncoding(this.document) !== undefined && !arePlain(changes)) {
      queueMicrotask(() => this.onForeignText());
      return false;
    }
    if (this.staysClean()) {
      // It may be about to be shown: what the editor has to say of that comes first.
      await this.roundTrip();
      if (this.staysClean()) queueMicrotask(() => this.onHidden());
      return false;
    }
    if (this.document.version !== version) {
      await this.roundTrip();
      return false;
    }
    return this.#ask(editOf(this.document, changes));
  }

  /** Resolves when no event is held back; call `text` in the same turn. */
  async rest(): Promise<void> {
    while (this.#held !== undefined && !this.#isClosed) await this.roundTrip();
  }

  /** Resolves when all has arrived that the editor has to say up to now. */
  async roundTrip(): Promise<void> {
    // An edit of nothing: the answer comes behind it.
    await this.#ask(new vscode.WorkspaceEdit());
  }

  /** The document is gone: nothing is delivered or applied any more. */
  close(): void {
    this.#isClosed = true;
    this.#held = undefined;
    this.#listeners.clear();
  }

  async #ask(edit: vscode.WorkspaceEdit): Promise<boolean> {
    if (this.#isClosed) return false;
    try {
      const isApplied = await vscode.workspace.applyEdit(edit);
      // The answer comes after everything that happened before it.
      this.#deliverHeld(this.#classifier.settle());
      return isApplied;
    } catch {
      // The window closes, or the document is gone: both mean that nothing was applied.
      return false;
    }
  }

  #hold(change: Omit<DocumentChange, 'cause'>): void {
    this.#held = change;
    void this.roundTrip();
  }

  #deliverHeld(cause: Cause | undefined): void {
    const held = this.#held;
    this.#held = undefined;
    if (held && cause) this.#deliver(held, cause);
  }

  #deliver(change: Omit<DocumentChange, 'cause'>, cause: Cause): void {
    // The editor may tell of several versions in one event: those between changed nothing more.
    while (this.#version + 1 < change.version) {
      this.#tell({ version: this.#version + 1, changes: [], cause });
    }
    this.#tell({ ...change, cause });
  }

  #tell(event: DocumentChange): void {
    this.#version = event.version;
    for (const listener of this.#listeners) listener(event);
  }
}

function reasonOf(
  reason: vscode.TextDocumentChangeReason | undefined,
): 'undo' | 'redo' | undefined {
  if (reason === vscode.TextDocumentChangeReason.Undo) return 'undo';
  if (reason === vscode.TextDocumentChangeReason.Redo) return 'redo';
  return undefined;
}
