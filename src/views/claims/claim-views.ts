/**
 * Owns: everything that shows claims in a window and what can be done about them; keeps the times left
 * right for as long as somebody sees them. Does not know: other views.
 */
import * as vscode from 'vscode';
import { ClaimMarks } from '../../decorations/claim-marks.ts';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { SoftLock } from '../../world/world-rows.ts';
import type { ClaimCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { ClaimBoard } from './claim-board.ts';
import { ClaimCommands } from './claim-commands.ts';
import { ClaimTree } from './claim-tree.ts';
import { ClaimWarnings } from './claim-warnings.ts';
import { markOf } from './claim-words.ts';
import { TimesClock } from './times-clock.ts';

interface Entered {
  readonly current: FolderWorld;
  readonly board: ClaimBoard;
  readonly store: DisposableStore;
}

export class ClaimViews implements ViewPart {
  readonly commands: Readonly<Record<ClaimCommand, Run>>;
  readonly #store = new DisposableStore();
  readonly #marks = this.#store.add(new ClaimMarks());
  readonly #tree: ClaimTree;
  readonly #times: TimesClock;
  /** Kept from world to world: a window that goes back and forth says nothing twice. */
  readonly #warnings = new ClaimWarnings();
  #entered: Entered | undefined;

  constructor({ surroundings, current }: ViewPartOptions) {
    this.#times = this.#store.add(
      new TimesClock({
        clock: surroundings.clock,
        shown: () => this.#shown().map(({ expiresAtMs }) => expiresAtMs),
        onTurn: () => {
          this.#entered?.board.placeAll();
          if (this.#tree.isVisible) this.#tree.updateAll();
        },
      }),
    );
    this.#tree = this.#store.add(
      new ClaimTree({ session: () => current()?.session, onVisible: () => this.#times.wind() }),
    );
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#times.wind()));
    const claims = new ClaimCommands({
      randomBytes: surroundings.randomBytes,
      board: () => this.#entered?.board,
    });
    this.commands = {
      claimSelection: (current) => claims.claim(current),
      goToClaim: (current, argument) => claims.goTo(current, argument),
      extendClaim: (current, argument) => claims.extend(current, argument),
      releaseClaim: (current, argument) => claims.release(current, argument),
      askForClaim: (current, argument) => claims.ask(current, argument),
    };
  }

  enter(current: FolderWorld | undefined): void {
    this.#entered?.store.dispose();
    this.#entered = undefined;
    if (current !== undefined) this.#entered = this.#enter(current);
    this.#tree.updateAll();
    this.#times.wind();
  }

  dispose(): void {
    this.#entered?.store.dispose();
    this.#store.dispose();
  }

  #enter(current: FolderWorld): Entered {
    const { session } = current;
    const store = new DisposableStore();
    const board = store.add(
      new ClaimBoard(current, {
        onPlaced: (document, claims) => {
          const marks = claims.flatMap((placed) => {
            const lock = session.view.locks.get(placed.lockId);
            return lock ? [markOf(session, lock, placed)] : [];
          });
          this.#marks.show(document, marks);
          this.#times.wind();
        },
        onWritten: (lock) => this.#warnings.tell(session, lock),
      }),
    );
    store.addStop(
      session.view.locks.onChange(({ before, after }) => {
        this.#tree.update(before, after);
        if (this.#tree.isVisible) this.#times.wind();
      }),
    );
    store.addStop(
      // Names, colours and what one may do.
      session.view.members.onChange(({ before, after }) => {
        if (before?.displayName !== after?.displayName || before?.role !== after?.role) {
          this.#tree.updateAll();
        }
      }),
    );
    return { current, board, store };
  }

  /** The claims whose time left somebody can see now. */
  #shown(): readonly SoftLock[] {
    if (this.#entered === undefined) return [];
    const { board, current } = this.#entered;
    const { locks } = current.session.view;
    if (this.#tree.isVisible) return [...locks.values()];
    const seen = new Set(vscode.window.visibleTextEditors.map(({ document }) => document));
    return [...board.documents]
      .filter((document) => seen.has(document))
      .flatMap((document) => board.in(document))
      .flatMap(({ lockId }) => locks.get(lockId) ?? []);
  }
}
