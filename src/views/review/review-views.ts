/**
 * Owns: everything that shows what agents did and nobody has looked at, and by which it is kept or taken back. Does
 * not know: other views.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { ReviewCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { BeforeTexts } from './before-texts.ts';
import { hunksOf, ReviewBoard } from './review-board.ts';
import { ReviewCommands, tellResult } from './review-commands.ts';
import { ReviewMarks } from './review-marks.ts';
import { ReviewTree } from './review-tree.ts';
import { SettledFiles } from './settled-files.ts';
import { WaitingWork } from './waiting-work.ts';

/** How many changes of agents wait for somebody to look at them. */
export interface ShownCounts {
  /** Undefined where there are none, or nothing was read yet. */
  readonly of: (agent: IdentityHex) => number | undefined;
  readonly onChange: (listener: () => void) => Disposable;
  /** Somebody looks: they are read, if they may be others now. */
  readonly look: () => void;
}

export class ReviewViews implements ViewPart {
  readonly commands: Readonly<Record<ReviewCommand, Run>>;
  readonly #options: ViewPartOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ReviewTree;
  readonly #before: BeforeTexts;
  readonly #marks: ReviewMarks;
  readonly #counted = this.#store.add(new vscode.EventEmitter<void>());
  #entered:
    | {
        readonly board: ReviewBoard;
        readonly waiting: WaitingWork;
        readonly store: DisposableStore;
      }
    | undefined;
  #areCountsWanted = (): boolean => false;

  constructor(options: ViewPartOptions) {
    this.#options = options;
    const { surroundings, current, changeEvents } = options;
    this.#marks = this.#store.add(new ReviewMarks(changeEvents));
    const board = (): ReviewBoard | undefined => this.#entered?.board;
    this.#tree = this.#store.add(
      new ReviewTree({
        current,
        board,
        isWaiting: (hunk) => this.#entered?.waiting.isWaiting(hunk) === true,
        nowMs: () => surroundings.clock.nowMs(),
        onVisible: () => board()?.look(),
      }),
    );
    this.#before = this.#store.add(new BeforeTexts(current, () => board()?.review));
    const does = new ReviewCommands(board, () => this.#entered?.waiting);
    this.commands = {
      showReview: () => this.#tree.show(),
      openWork: (world, argument) => does.open(world, argument),
      openAllWork: (world, argument) => does.openAll(world, argument),
      keepWork: (world, argument) => does.decideRow(world, argument, 'keep'),
      takeBackWork: (world, argument) => does.decideRow(world, argument, 'take'),
      takeBackWorkSaying: (world, argument) => does.decideRow(world, argument, 'take', true),
      takeBackWorkLater: (world, argument) => does.decideRowLater(world, argument),
      takeBackWorkLaterHere: (world, argument) => does.decideHereLater(world, argument),
      withdrawTakeBack: (_, argument) => does.withdrawRow(argument),
      withdrawTakeBackHere: (world, argument) => does.withdrawHere(world, argument),
      keepWorkHere: (world, argument) => does.decideHere(world, argument, 'keep'),
      takeBackWorkHere: (world, argument) => does.decideHere(world, argument, 'take'),
      keepWorkInFile: (world) => does.decideFile(world, 'keep'),
      takeBackWorkInFile: (world) => does.decideFile(world, 'take'),
      nextWork: (world) => does.go(world, 1),
      previousWork: (world) => does.go(world, -1),
    };
  }

  /** How many changes of each agent wait; read while `areWanted`: then call `look`. */
  counts(areWanted: () => boolean): ShownCounts {
    this.#areCountsWanted = areWanted;
    return {
      of: (agent) => {
        const node = this.#entered?.board.agents.find((each) => each.agent === agent);
        return node && hunksOf({ agent: node }).length;
      },
      onChange: this.#counted.event,
      look: () => this.#entered?.board.look(),
    };
  }

  enter(current: FolderWorld | undefined): void {
    this.#entered?.store.dispose();
    this.#entered = current && this.#enter(current);
    const { board, waiting } = this.#entered ?? {};
    this.#marks.enter(current && board && waiting && { current, board, waiting });
    this.#tree.update();
    this.#before.refresh();
  }

  dispose(): void {
    this.#entered?.store.dispose();
    this.#store.dispose();
  }

  #enter(current: FolderWorld) {
    const store = new DisposableStore();
    const { randomBytes, log } = this.#options.surroundings;
    const settled = store.add(
      new SettledFiles({
        session: current.session,
        randomBytes,
        onRefused: (code) => log.warn('review.not_settled', { code }),
      }),
    );
    const board = store.add(
      new ReviewBoard(current, {
        randomBytes,
        isWanted: () => this.#tree.isVisible || this.#areCountsWanted(),
        onRead: () => {
          this.#tree.update();
          this.#before.refresh();
          this.#counted.fire();
        },
        onSettled: (files) => settled.set(files),
      }),
    );
    const waiting = store.add(
      new WaitingWork(current, board.review, {
        state: this.#options.context.workspaceState,
        onChange: () => {
          this.#tree.updateNow();
          this.#marks.update();
        },
        onDone: (result) => tellResult(current.session, result, 'take'),
      }),
    );
    // Whether the view is there at all is known before anything is read.
    const { unreviewed, openTurns, exportRule } = current.session.view;
    store.addStop(exportRule.onChange(() => this.#tree.update()));
    store.addStop(unreviewed.files.onChange(() => this.#tree.update()));
    // What still runs is told apart.
    store.addStop(openTurns.turns.onChange(() => this.#tree.update()));
    return { board, waiting, store };
  }
}
