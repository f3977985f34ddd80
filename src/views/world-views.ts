/**
 * Owns: the views of the world that the window is in: builds them, and hands them each world as the
 * window enters it. Does not know: what the views show.
 */
import type * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import type { FolderWorld } from '../editor/folder-world.ts';
import { AgentViews } from './agents/agent-views.ts';
import { ClaimViews } from './claims/claim-views.ts';
import { conflictAtCursor } from './conflicts/conflict-at-cursor.ts';
import { ConflictViews } from './conflicts/conflict-views.ts';
import { DiskViews } from './disk/disk-views.ts';
import { GitViews } from './git/git-views.ts';
import { HistoryViews } from './history/history-views.ts';
import { MemberViews } from './members/member-views.ts';
import { NoteViews } from './notes/note-views.ts';
import { PolicyViews } from './policy/policy-views.ts';
import { PresenceViews } from './presence/presence-views.ts';
import { QuotaNotices } from './quota/quota-notices.ts';
import { RestorationViews } from './restorations/restoration-views.ts';
import { ReviewViews } from './review/review-views.ts';
import { RunAgentViews } from './run-agent/run-agent-views.ts';
import { LineThreads } from './threads/line-threads.ts';
import type { AnywhereCommand, ViewCommand } from './view-commands.ts';
import type { Run, RunAnywhere, ViewPart, ViewPartOptions } from './view-part.ts';
import { WorldsViews } from './worlds/worlds-views.ts';

export class WorldViews implements Disposable {
  /** What each command does, in a world. */
  readonly commands: Readonly<Record<ViewCommand, Run>>;
  /** What commands do that need no world to be in. */
  readonly anywhere: Readonly<Record<AnywhereCommand, RunAnywhere>>;
  readonly #store = new DisposableStore();
  readonly #parts: readonly ViewPart[];
  readonly #runAgent: RunAgentViews;
  readonly #disk: DiskViews;

  constructor(options: ViewPartOptions) {
    const add = <Part extends ViewPart>(part: Part): Part => this.#store.add(part);
    const threads = this.#store.add(new LineThreads());
    const agents = add(new AgentViews(options));
    const conflicts = add(new ConflictViews(options, threads));
    const disk = add(new DiskViews(options));
    this.#disk = disk;
    const git = add(new GitViews(options));
    const history = add(new HistoryViews(options));
    const review = add(new ReviewViews(options));
    const runAgent = add(new RunAgentViews(options));
    this.#runAgent = runAgent;
    const members = add(new MemberViews(options, review, (agent) => runAgent.isSeen(agent)));
    const policy = add(new PolicyViews());
    const presence = add(new PresenceViews());
    const claims = add(new ClaimViews(options));
    const notes = add(new NoteViews(options, threads));
    const quotas = add(new QuotaNotices(options.context));
    const restorations = add(new RestorationViews(options));
    const worlds = add(new WorldsViews(options));
    this.#parts = [
      agents,
      conflicts,
      disk,
      git,
      history,
      members,
      policy,
      presence,
      claims,
      notes,
      quotas,
      restorations,
      review,
      runAgent,
      worlds,
    ];
    this.anywhere = { ...worlds.anywhere, ...agents.anywhere, ...runAgent.anywhere };
    this.commands = {
      // One key for both: a conflict is decided first.
      keepHere: (current) =>
        conflictAtCursor(current) === undefined
          ? review.commands.keepWorkHere(current, undefined)
          : conflicts.commands.keepHead(current, undefined),
      ...agents.commands,
      ...conflicts.commands,
      ...disk.commands,
      ...git.commands,
      ...history.commands,
      ...members.commands,
      ...policy.commands,
      ...presence.commands,
      ...claims.commands,
      ...notes.commands,
      ...restorations.commands,
      ...review.commands,
    };
  }

  enter(current: FolderWorld | undefined): void {
    for (const part of this.#parts) part.enter(current);
  }

  /** Which folders of the window are in worlds, or on their way there. */
  worldsChanged(): void {
    this.#disk.worldsChanged();
  }

  /** The page of an agent, from the window before this one. */
  restorePanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    return this.#runAgent.restorePanel(panel, state);
  }

  /** Resolves when nothing that the views started runs on. */
  end(): Promise<void> {
    return this.#runAgent.end();
  }

  dispose(): void {
    this.#store.dispose();
  }
}
