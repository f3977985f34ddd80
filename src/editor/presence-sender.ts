import * as vscode from 'vscode';
import type { WorldSession } from '../world/world-session.ts';
import type { BoundDocuments } from './bound-documents.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';

/** At most one report in this time; the last position always arrives. */
const REPORT_INTERVAL_MS = 100;
const MAX_SELECTIONS = 8;

export interface PresenceSenderParts {
  readonly session: WorldSession;
  readonly documents: BoundDocuments;
  readonly isShared: () => boolean;
}

/** Tells the world where this window's cursors are: off the keystroke's path, and only what changed. */
export class PresenceSender implements Disposable {
  readonly #parts: PresenceSenderParts;
  readonly #store = new DisposableStore();
  #timer: NodeJS.Timeout | undefined;
  #reported = '';

  constructor(parts: PresenceSenderParts) {
    this.#parts = parts;
    const changed = (): void => this.changed();
    this.#store.add(vscode.window.onDidChangeTextEditorSelection(changed));
    this.#store.add(vscode.window.onDidChangeActiveTextEditor(changed));
    this.#store.addStop(
      parts.session.onState(({ tag }) => {
        this.#reported = '';
        if (tag === 'online') this.changed();
      }),
    );
    this.#store.addStop(
      parts.session.view.onFirstMovement(({ connectionId }) => {
        if (connectionId === parts.session.link?.connectionId) return;
        this.#reported = '';
        this.changed();
      }),
    );
    this.changed();
  }

  /** Something that others may see has changed. Costs a timer at most. */
  changed(): void {
    if (this.#store.isDisposed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#report();
    }, REPORT_INTERVAL_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }

  #report(): void {
    const { session } = this.#parts;
    if (!session.link) return;
    const presence = this.#presence();
    const key = JSON.stringify([presence.fileId, presence.selections]);
    if (key === this.#reported) return;
    this.#reported = key;
    // An answer changes nothing: the next movement reports again.
    void session.call('update_presence', presence);
  }

  #presence(): Presence {
    const editor = vscode.window.activeTextEditor;
    const bound = editor && this.#parts.documents.of(editor.document);
    const { positions, binding, fileId } = bound ?? {};
    if (!editor || !positions || fileId === undefined || !this.#parts.isShared()) return NOWHERE;
    return {
      fileId,
      version: positions.version,
      selections: editor.selections.slice(0, MAX_SELECTIONS).map((selection) => {
        const anchor = positions.toWorld(selection.anchor);
        const active = positions.toWorld(selection.active);
        return {
          anchorLine: anchor.line,
          anchorCharacter: anchor.character,
          activeLine: active.line,
          activeCharacter: active.character,
        };
      }),
      typing: binding?.isSettled === false,
      activity: '',
    };
  }
}

type Presence = Parameters<typeof WorldSession.prototype.call<'update_presence'>>[1];

const NOWHERE: Presence = { fileId: 0, version: 0, selections: [], typing: false, activity: '' };
