/**
 * Owns: everything that shows and decides conflicts in a window: the tree, the panel, the sides.
 * Does not know: other views.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { WorldError } from '../../world/world-error.ts';
import { ConflictCommands } from './conflict-commands.ts';
import { ConflictFeed } from './conflict-feed.ts';
import { ConflictList, type Grouping, GROUPINGS } from './conflict-list.ts';
import { ConflictMerges } from './conflict-merges.ts';
import { ConflictPanel } from './conflict-panel.ts';
import { ConflictSides } from './conflict-sides.ts';
import { ConflictThreads } from './conflict-threads.ts';
import { ConflictTree } from './conflict-tree.ts';
import { tellSettled } from './tell-settled.ts';
import { tellFault } from './tell-fault.ts';
import { resumeWriting } from './write-result.ts';
import type { LineThreads } from '../threads/line-threads.ts';
import type { ConflictCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';

export class ConflictViews implements ViewPart {
  readonly commands: Readonly<Record<ConflictCommand, Run>>;
  readonly #options: ViewPartOptions;
  readonly #store = new DisposableStore();
  readonly #list: ConflictList;
  readonly #tree: ConflictTree;
  readonly #panel: ConflictPanel;
  readonly #merges: ConflictMerges;
  readonly #threads: LineThreads;
  /** What belongs to the world that the window is in. */
  #entered: DisposableStore | undefined;

  constructor(options: ViewPartOptions, threads: LineThreads) {
    const { context, surroundings, patches, current } = options;
    const nowMs = (): number => surroundings.clock.nowMs();
    this.#options = options;
    this.#threads = threads;
    this.#list = new ConflictList(groupingIn(context), nowMs, (change) => {
      this.#tree.update(change);
      this.#panel.update();
    });
    const list = this.#list;
    this.#tree = this.#store.add(
      new ConflictTree({
        list,
        nowMs,
        reasonOf: async (conflictId) => (await current()?.refused.reasonOf(conflictId)) ?? '',
      }),
    );
    this.#panel = this.#store.add(
      new ConflictPanel({
        list,
        randomBytes: surroundings.randomBytes,
        onCommand: (command, refusedId) =>
          void vscode.commands.executeCommand(`agentWorld.${command}`, { refusedId }),
        onShown: (conflictId) => this.#tree.reveal(conflictId),
      }),
    );
    this.#merges = this.#store.add(new ConflictMerges(path.join(surroundings.home, 'merges')));
    this.commands = this.#conflictCommands(
      new ConflictCommands({
        list,
        patches,
        sides: this.#store.add(new ConflictSides()),
        merges: this.#merges,
        panel: this.#panel,
        threads,
        onGrouping: (grouping) => this.#keepGrouping(grouping),
      }),
    );
    this.#keepGrouping(list.grouping);
  }

  /** The window entered a world, or left it. */
  enter(current: FolderWorld | undefined): void {
    this.#entered?.dispose();
    this.#entered = undefined;
    this.#panel.enter(current);
    if (current === undefined) return;
    const entered = new DisposableStore();
    this.#entered = entered;
    entered.add(new ConflictFeed(current, this.#list));
    entered.add(new ConflictThreads(current, this.#threads));
    entered.addStop(tellSettled(current));
    const leaving = new AbortController();
    entered.addStop(() => leaving.abort());
    this.#resume(current, leaving.signal).catch((error: unknown) => {
      const isEnd = leaving.signal.aborted || error instanceof WorldError;
      // The world was left.
      if (!isEnd) tellFault(error, current.session.log);
    });
  }

  dispose(): void {
    this.#entered?.dispose();
    this.#store.dispose();
  }

  /** Takes up what the window before this one had begun. */
  async #resume(current: FolderWorld, signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#merges.resume(current, signal),
      resumeWriting(current, this.#options.patches, signal),
    ]);
  }

  #conflictCommands(conflicts: ConflictCommands): Record<ConflictCommand, Run> {
    return {
      goToConflict: (current, argument) => conflicts.goTo(current, argument),
      keepHead: (current, argument) => conflicts.decide(current, argument, 'accept_head'),
      applyMine: (current, argument) => conflicts.decide(current, argument, 'rebase'),
      editResult: (current, argument) => conflicts.decide(current, argument, 'patch'),
      compareSides: (current, argument) => conflicts.compare(current, argument),
      mergeSides: (current, argument) => conflicts.merge(current, argument),
      withdrawConflict: (current, argument) => conflicts.withdraw(current, argument),
      resolveAllConflicts: (current, argument) => conflicts.resolveAll(current, argument),
      openConflictPanel: (current, argument) => conflicts.openPanel(current, argument),
      nextConflict: (current) => conflicts.step(current, 1),
      previousConflict: (current) => conflicts.step(current, -1),
      conflictsByFile: () => conflicts.groupBy('file'),
      conflictsByMember: () => conflicts.groupBy('member'),
      conflictsByAge: () => conflicts.groupBy('age'),
    };
  }

  #keepGrouping(grouping: Grouping): void {
    const { workspaceState } = this.#options.context;
    if (workspaceState.get(GROUPING_KEY) !== grouping) {
      void workspaceState.update(GROUPING_KEY, grouping);
    }
    void vscode.commands.executeCommand('setContext', 'agentWorld.conflictGrouping', grouping);
  }
}

const GROUPING_KEY = 'conflictGrouping';

function groupingIn({ workspaceState }: vscode.ExtensionContext): Grouping {
  const kept = workspaceState.get<string>(GROUPING_KEY);
  return GROUPINGS.find((grouping) => grouping === kept) ?? 'file';
}
