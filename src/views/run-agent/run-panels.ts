/**
 * Owns: the agents that this window runs in panels: which runs there are, the page of each, and that none outlives the
 * window. Does not know: what a page shows.
 */
import * as vscode from 'vscode';
import type { AgentRun, PromptFile } from '../../acp/agent-run.ts';
import { type PastRun, PastRuns } from '../../acp/past-runs.ts';
import { type RunClient, runClientNamed, titleOf } from '../../acp/run-clients.ts';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { TypedTexts } from '../../editor/typed-texts.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { agentColor } from './agent-color.ts';
import type { NamedAgent } from './agent-terminals.ts';
import { selectionOf } from './attached-files.ts';
import { chooseCutOff, type CutOff } from './cut-off-runs.ts';
import { DiffTexts } from './diff-texts.ts';
import { openPlace, openToolDiff } from './open-place.ts';
import { bringToFront, tabOf } from './panel-tabs.ts';
import { tellOfRun } from './run-notices.ts';
import { RunPanel } from './run-panel.ts';
import { canResume, isBusy, isOver, type RunSubject } from './run-state-words.ts';
import type { PageState, ShownOffer } from './shown-run.ts';

export interface RunPanelsParts {
  readonly surroundings: ExtensionSurroundings;
  /** Of this workspace: what was told of. */
  readonly memory: vscode.Memento;
  readonly current: () => FolderWorld | undefined;
  readonly findAgent: (named: NamedAgent) => Promise<AddedAgent | undefined>;
  readonly runInTerminal: (agent: AddedAgent) => void;
  /** Of those that the user is offered. */
  readonly runAnother: () => void;
  readonly onMissing: (client: RunClient) => void;
}

/** An agent of a panel, with what was run of it in this window. */
interface Running {
  /** As it was set up when it began last: it may be set up anew, with another folder. */
  agent: AddedAgent;
  readonly client: RunClient;
  run: AgentRun | undefined;
  past: PastRun | undefined;
  panel: RunPanel | undefined;
  /** Stops listening to the run. */
  stop: () => void;
}

export class RunPanels implements Disposable {
  readonly #parts: RunPanelsParts;
  readonly #past: PastRuns;
  readonly #store = new DisposableStore();
  readonly #diffs = this.#store.add(new DiffTexts());
  readonly #running = new Map<string, Running>();
  readonly #typed = new Map<string, TypedTexts>();
  /** Where the user was before a panel had the keyboard. */
  #editor = vscode.window.activeTextEditor;

  constructor(parts: RunPanelsParts) {
    this.#parts = parts;
    this.#past = new PastRuns(parts.surroundings.home);
    this.#store.add(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor) this.#editor = editor;
      }),
    );
  }

  isRunning(agent: NamedAgent): boolean {
    const run = this.#running.get(keyOf(agent))?.run;
    return run !== undefined && !isOver(run.state);
  }

  async stop(agent: NamedAgent): Promise<void> {
    await this.#running.get(keyOf(agent))?.run?.stop();
  }

  isSeen(name: string): boolean {
    return [...this.#running.values()].some(
      ({ agent, panel }) => agent.name === name && panel?.isVisible === true,
    );
  }

  /** Brings up the panel of an agent; one that does not run begins, unless something was cut off before. */
  async open(agent: AddedAgent, client: RunClient): Promise<void> {
    const running = this.#of(agent, client);
    if (running.panel) {
      running.panel.reveal();
      return;
    }
    const past = running.run ? undefined : await this.#past.last(agent.folder);
    running.past = past;
    await this.#show(running);
    if (!running.run && !canResume(past)) await this.#begin(running);
  }

  /** A panel of the window before this one: its agent runs no more. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const kept = pageStateIn(state);
    const agent = kept && (await this.#parts.findAgent(kept));
    const client = agent && runClientNamed(agent.client);
    const running = agent && client && this.#of(agent, client);
    if (!kept || !running || running.panel) {
      panel.dispose();
      return;
    }
    running.past = await this.#past.last(agent.folder);
    if (running.panel) panel.dispose();
    else this.#fill(running, panel, kept.draft);
  }

  /** Says what was cut off in a world while nobody saw it, once. */
  async tellCutOff({ world: { database } }: FolderWorld): Promise<void> {
    // A window that is loaded again may be here before the one before it has let go of its agents.
    for (let looks = 1; looks < LOOKS && !this.#store.isDisposed; looks++) {
      const [noted, past] = [await this.#past.noted(database), await this.#past.all(database)];
      if (!noted.some((run) => run.ending === 'cut-off' && !isAmong(past, run))) break;
      await new Promise<void>((resolve) => {
        this.#parts.surroundings.clock.after(LOOK_MS, resolve);
      });
    }
    const told = this.#parts.memory.get<readonly string[]>(TOLD_KEY, []);
    const cutOff: CutOff[] = [];
    for (const past of await this.#past.all(database)) {
      if (past.ending !== 'cut-off' || told.includes(markOf(past)) || !canResume(past)) continue;
      const agent = await this.#parts.findAgent(past);
      const client = agent && runClientNamed(agent.client);
      // A panel that is seen says so itself.
      const isToldThere = this.isSeen(past.name) || this.#leftTab(past.name)?.isActive === true;
      if (client && !isToldThere) cutOff.push({ agent, client, past });
    }
    if (cutOff.length === 0 || this.#store.isDisposed) return;
    const marks = cutOff.map(({ past }) => markOf(past));
    // Before they are chosen: a window that is loaded again meanwhile has told of them.
    await this.#parts.memory.update(TOLD_KEY, [...told, ...marks].slice(-MOST_TOLD));
    for (const each of await chooseCutOff(cutOff)) await this.#goOn(each);
  }

  /** By its number from 1, the answer to what the agent in front asks. */
  answer(number: number): void {
    const running = [...this.#running.values()].find(({ panel }) => panel?.isActive);
    running?.panel?.answer(number);
  }

  /** Ends all of them in order; resolves when none has a process left. */
  async end(): Promise<void> {
    await Promise.all([...this.#running.values()].map(async ({ run }) => run?.stop('closing')));
    await Promise.all([...this.#typed.values()].map((typed) => typed.flush()));
  }

  dispose(): void {
    for (const running of this.#running.values()) {
      running.stop();
      void running.run?.stop('closing');
      running.panel?.dispose();
    }
    this.#running.clear();
    this.#store.dispose();
  }

  async #goOn({ agent, client, past }: CutOff): Promise<void> {
    const running = this.#of(agent, client);
    running.past = past;
    await this.#show(running);
    await this.#begin(running, past);
  }

  /** What was typed for agents of a world and not sent, also while the window is in another one. */
  #typedOf({ database }: AddedAgent): TypedTexts {
    const known = this.#typed.get(database);
    if (known) return known;
    const { home, log } = this.#parts.surroundings;
    const typed = new TypedTexts({ home, database }, log);
    this.#typed.set(database, typed);
    return typed;
  }

  #selection({ database }: AddedAgent): PromptFile | undefined {
    const current = this.#parts.current();
    const editor = this.#editor;
    if (!editor || current?.world.database !== database) return undefined;
    return vscode.window.visibleTextEditors.includes(editor)
      ? selectionOf(current, editor)
      : undefined;
  }

  #of(agent: AddedAgent, client: RunClient): Running {
    const key = keyOf(agent);
    const known = this.#running.get(key);
    if (known) return known;
    const running: Running = {
      agent,
      client,
      run: undefined,
      past: undefined,
      panel: undefined,
      stop: () => {},
    };
    this.#running.set(key, running);
    return running;
  }

  async #show(running: Running): Promise<void> {
    const left = running.panel ? undefined : this.#leftTab(running.agent.name);
    if (left && (await bringToFront(left))) return;
    const { agent } = running;
    const draft = running.panel ? undefined : await this.#typedOf(agent).read(promptField(agent));
    if (running.panel) {
      running.panel.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      RUN_PANEL,
      running.agent.name,
      vscode.ViewColumn.Beside,
      { enableScripts: true, localResourceRoots: [] },
    );
    this.#fill(running, panel, draft?.text ?? '');
  }

  /** Of a panel of the window before this one: VS Code restores it when it comes to the front. */
  #leftTab(name: string): vscode.Tab | undefined {
    const isShown = [...this.#running.values()].some(
      ({ agent, panel }) => panel !== undefined && agent.name === name,
    );
    return isShown ? undefined : tabOf(RUN_PANEL, name);
  }

  #fill(running: Running, panel: vscode.WebviewPanel, draft: string): void {
    const { agent, client } = running;
    const { surroundings, current } = this.#parts;
    const { name } = agent;
    const beside = (): vscode.ViewColumn =>
      running.panel?.viewColumn === vscode.ViewColumn.One
        ? vscode.ViewColumn.Beside
        : vscode.ViewColumn.One;
    running.panel = new RunPanel(panel, {
      state: { client: agent.client, name, draft },
      client: titleOf(client),
      subject: subjectOf(running),
      randomBytes: surroundings.randomBytes,
      color: () => agentColor(current(), running.agent),
      selection: () => this.#selection(running.agent),
      onTyped: (text) => {
        if (text === '') this.#typedOf(agent).forget(promptField(agent));
        else this.#typedOf(agent).keep(promptField(agent), text);
      },
      onOffer: (offer) => void this.#offered(running, offer),
      onLink: (location) => void openPlace(current(), running.agent, location, beside()),
      onDiff: (diff) => void openToolDiff(this.#diffs, name, diff, beside()),
      onClosed: () => this.#closed(running),
    });
  }

  async #begin(running: Running, resume?: PastRun): Promise<void> {
    const { startRun } = await import('../../acp/start-run.ts');
    const newest = await this.#parts.findAgent(running.agent);
    if (this.#store.isDisposed || (running.run && !isOver(running.run.state))) return;
    if (newest) running.agent = newest;
    const { agent, client } = running;
    running.stop();
    const run = startRun({
      machine: this.#parts.surroundings,
      agent,
      client,
      ...(resume === undefined ? {} : { resume }),
    });
    running.run = run;
    running.stop = tellOfRun({
      run,
      isSeen: () => running.panel?.isVisible ?? false,
      show: () => void this.#show(running),
    });
    running.panel?.show({ tag: 'run', run });
  }

  async #offered(running: Running, name: ShownOffer['name']): Promise<void> {
    const { agent, client, run } = running;
    switch (name) {
      case 'resume':
        return this.#begin(running, (await this.#past.last(agent.folder)) ?? running.past);
      case 'begin':
        return this.#begin(running);
      case 'cancel':
        run?.cancel();
        return;
      case 'stop':
        await run?.stop();
        return;
      case 'install':
        this.#parts.onMissing(client);
        return;
      case 'terminal':
        this.#parts.runInTerminal(agent);
        return;
      case 'another':
        this.#parts.runAnother();
    }
  }

  /** Whoever closes a panel while the agent works has not said that it is to end. */
  #closed(running: Running): void {
    running.panel = undefined;
    const { run } = running;
    if (!run || isOver(run.state)) return;
    if (!isBusy(run.state)) {
      void run.stop();
      return;
    }
    void this.#askToGoOn(running, run);
  }

  async #askToGoOn(running: Running, run: AgentRun): Promise<void> {
    const show = vscode.l10n.t('Show');
    const stop = vscode.l10n.t('Stop');
    const words = vscode.l10n.t('{0} goes on working.', running.agent.name);
    const answer = await vscode.window.showInformationMessage(words, show, stop);
    if (answer === show) await this.#show(running);
    else if (answer === stop) await run.stop();
  }
}

function isAmong(runs: readonly PastRun[], { folder }: PastRun): boolean {
  return runs.some((run) => run.folder === folder);
}

/** So that it is told of once. */
function markOf({ folder, lastMs }: PastRun): string {
  return `${folder} ${lastMs}`;
}

function subjectOf({ run, past }: Running): RunSubject {
  return run ? { tag: 'run', run } : { tag: 'past', past };
}

function keyOf({ client, name }: NamedAgent): string {
  return `${client}/${name}`;
}

function promptField(agent: NamedAgent): string {
  return `prompt ${keyOf(agent)}`;
}

function pageStateIn(state: unknown): PageState | undefined {
  const { client, name, draft } = (state ?? {}) as Partial<PageState>;
  if (typeof client !== 'string' || typeof name !== 'string') return undefined;
  return { client, name, draft: typeof draft === 'string' ? draft : '' };
}

const RUN_PANEL = 'agentWorld.agentPanel';
const TOLD_KEY = 'cutOffRunsTold';
const MOST_TOLD = 100;
/** As long as VS Code waits for a window's extensions to end. */
const LOOKS = 6;
const LOOK_MS = 1_000;
