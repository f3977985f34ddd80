/**
 * Owns: everything that shows claims in a window and what can be done about them; keeps the times left
 * right for as long as somebody sees them. Does not know: other views.
 */
import * as vscode from 'vscode';
import { ClaimMarks } from '../../decorations/claim-marks.ts';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { allClaims, type AnyClaim, claimEndMs, claimOfKey } from '../../world/any-claim.ts';
import type { RowChange } from '../../world/live-rows.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { ClaimCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { ClaimBoard } from './claim-board.ts';
import { ClaimCommands } from './claim-commands.ts';
import { ClaimPathCommands } from './claim-path-commands.ts';
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

  constructor({ surroundings, current, window }: ViewPartOptions) {
    this.#times = this.#store.add(
      new TimesClock({
        clock: surroundings.clock,
        shown: () => this.#endings(),
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
    const paths = new ClaimPathCommands({ randomBytes: surroundings.randomBytes, window });
    this.commands = {
      claimFile: (_, argument) => paths.claimFile(argument),
      claimFolder: (current, argument) => paths.claimFolder(current, argument),
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
            const claim = claimOfKey(session.view, placed.lockId);
            return claim ? [markOf(session, claim, placed)] : [];
          });
          this.#marks.show(document, marks);
          this.#times.wind();
        },
        onWritten: (claim) => this.#warnings.tell(session, claim),
      }),
    );
    const changed = ({ before, after }: RowChange<AnyClaim>): void => {
      this.#tree.update(before, after);
      if (this.#tree.isVisible) this.#times.wind();
    };
    store.addStop(session.view.locks.onChange(changed));
    store.addStop(session.view.pathClaims.claims.onChange(changed));
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

  /** When those claims end whose time left somebody can see now. */
  #endings(): readonly number[] {
    const { view } = this.#entered?.current.session ?? {};
    return view ? this.#shown(view).map((claim) => claimEndMs(view, claim)) : [];
  }

  #shown(view: WorldView): readonly AnyClaim[] {
    if (this.#entered === undefined) return [];
    const { board } = this.#entered;
    if (this.#tree.isVisible) return allClaims(view);
    const seen = new Set(vscode.window.visibleTextEditors.map(({ document }) => document));
    return [...board.documents]
      .filter((document) => seen.has(document))
      .flatMap((document) => board.in(document))
      .flatMap(({ lockId }) => claimOfKey(view, lockId) ?? []);
  }
}
