import * as vscode from 'vscode';
import { movementIntervalMs } from '../core/movement-rate.ts';
import { PresenceTeller, type Shown } from '../world/presence-teller.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { BoundDocuments } from './bound-documents.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';

const MAX_SELECTIONS = 8;

export interface PresenceSenderParts {
  readonly session: WorldSession;
  readonly documents: BoundDocuments;
  /** Whether the user lets others see the place. */
  readonly isShared: () => boolean;
  /** Whether the world is on a server, whose log every movement makes longer. */
  readonly isOnServer: boolean;
}

/** Tells the world where this window's cursors are: off the keystroke's path, and only what changed. */
export class PresenceSender implements Disposable {
  readonly #parts: PresenceSenderParts;
  readonly #teller: PresenceTeller;
  readonly #store = new DisposableStore();
  #timer: NodeJS.Timeout | undefined;
  #reported = '';

  constructor(parts: PresenceSenderParts) {
    this.#parts = parts;
    this.#teller = new PresenceTeller(parts.session);
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

  /**
   * Something that others may see has changed: it is told in a moment, with what else changes until then,
   * so the last position always arrives. Costs a timer at most.
   */
  changed(): void {
    if (this.#store.isDisposed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#report();
    }, movementIntervalMs(this.#parts.isOnServer));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }

  async #report(): Promise<void> {
    if (!this.#parts.session.link) return;
    const presence = this.#presence();
    const key = JSON.stringify([presence.fileId, presence.selections]);
    if (key === this.#reported) return;
    this.#reported = key;
    const answer = await this.#teller.tell(presence);
    const isTooMany = answer.tag === 'refused' && answer.refusal.code === 'too_many';
    if (!isTooMany || this.#reported !== key) return;
    // Another window of the same member moves, too: what is told last must not be lost.
    this.#reported = '';
    this.changed();
  }

  #presence(): Shown {
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

const NOWHERE: Shown = { fileId: 0, version: 0, selections: [], typing: false, activity: '' };
