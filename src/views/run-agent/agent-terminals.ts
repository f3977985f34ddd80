/**
 * Owns: the terminals in which agents' clients run: opened, known again after a reload, and the agent's folder kept in
 * step for as long as one is open. Does not know: which agent is to run.
 */
import * as vscode from 'vscode';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { AgentClient } from '../../agents/clients/client-entry.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';

export interface StartedAgent {
  readonly agent: AddedAgent;
  readonly client: AgentClient;
  /** One of the participants' colours. */
  readonly color: vscode.ThemeColor | undefined;
  /** Keeps the agent's folder in step until it is disposed; undefined where it has none of its own. */
  readonly mirror: Disposable | undefined;
  /** Lets others run a client in the folder. */
  readonly release: () => void;
}

export interface AgentTerminalsParts {
  /** `AGENT_WORLD_HOME`, for commands in the terminal. */
  readonly home: string;
  /** Of this workspace: which processes are terminals of agents. */
  readonly memory: vscode.Memento;
  /** Keeps a folder in step again after a reload; undefined for an agent that is no more. */
  readonly keep: (named: NamedAgent) => Promise<Disposable | undefined>;
  /** Keeps others from running a client in the agent's folder; undefined where one runs there. */
  readonly hold: (named: NamedAgent) => Promise<(() => void) | undefined>;
  /** One runs in the agent's folder elsewhere, so that it was not started again in its terminal. */
  readonly onHeld: (named: NamedAgent) => void;
  /** The shell of a terminal does not find the client. */
  readonly onNotFound: (client: string) => void;
}

/** Which agent it is. */
export type NamedAgent = Pick<AddedAgent, 'client' | 'name'>;

interface Opened extends NamedAgent {
  readonly terminal: vscode.Terminal;
  mirror: Disposable | undefined;
  /** Lets others run a client in the folder; undefined while they may. */
  release: (() => void) | undefined;
  /** The run of the client, where the shell tells of it. */
  execution: vscode.TerminalShellExecution | undefined;
  /** The shell said that the client has ended: its prompt waits. */
  isOver: boolean;
}

interface Remembered extends NamedAgent {
  /** The terminal's process: it lives on through a reload, its object does not. */
  readonly pid: number;
}

export class AgentTerminals implements Disposable {
  readonly #parts: AgentTerminalsParts;
  readonly #store = new DisposableStore();
  readonly #opened = new Map<vscode.Terminal, Opened>();

  constructor(parts: AgentTerminalsParts) {
    this.#parts = parts;
    this.#store.add(vscode.window.onDidOpenTerminal((terminal) => void this.#recognize(terminal)));
    this.#store.add(vscode.window.onDidCloseTerminal((terminal) => this.#closed(terminal)));
    this.#store.add(vscode.window.onDidEndTerminalShellExecution((event) => this.#ended(event)));
    for (const terminal of vscode.window.terminals) void this.#recognize(terminal);
  }

  isRunning(agent: NamedAgent): boolean {
    return this.#of(agent) !== undefined;
  }

  /** Brings up the terminal of an agent, its client running; false where it has none. */
  show(agent: NamedAgent, { program }: AgentClient): boolean {
    const opened = this.#of(agent);
    if (opened === undefined) return false;
    opened.terminal.show();
    if (opened.isOver) void this.#beginAgain(opened, program);
    return true;
  }

  /** Whether its terminal was opened here and its client may still run there. */
  isAtWork(agent: NamedAgent): boolean {
    return this.#of(agent)?.isOver === false;
  }

  /** Closes its terminal, which ends what runs there. */
  async close(agent: NamedAgent): Promise<void> {
    const opened = this.#of(agent);
    if (opened === undefined) return;
    await new Promise<void>((resolve) => {
      const listening = vscode.window.onDidCloseTerminal((terminal) => {
        if (terminal !== opened.terminal) return;
        listening.dispose();
        resolve();
      });
      this.#store.add(listening);
      opened.terminal.dispose();
    });
  }

  /** Opens one and starts the client in it. */
  async open({ agent, client, color, mirror, release }: StartedAgent): Promise<void> {
    const terminal = vscode.window.createTerminal({
      name: agent.name,
      cwd: agent.folder,
      iconPath: new vscode.ThemeIcon('hubot'),
      ...(color === undefined ? {} : { color }),
      env: { AGENT_WORLD_HOME: this.#parts.home },
      message: wordsAbove(agent, client),
    });
    const { client: id, name } = agent;
    const opened: Opened = {
      client: id,
      name,
      terminal,
      mirror,
      release,
      execution: undefined,
      isOver: false,
    };
    this.#opened.set(terminal, opened);
    terminal.show();
    await this.#begin(opened, client.program);
    const pid = await terminal.processId;
    if (pid !== undefined && this.#opened.has(terminal)) this.#remember({ client: id, name, pid });
  }

  dispose(): void {
    this.#store.dispose();
    for (const opened of this.#opened.values()) letGo(opened);
    this.#opened.clear();
  }

  #of({ client, name }: NamedAgent): Opened | undefined {
    return [...this.#opened.values()].find((each) => each.client === client && each.name === name);
  }

  /** A shell that tells of what runs in it tells when the client has ended, too; any other one is typed into. */
  async #begin(opened: Opened, program: string): Promise<void> {
    opened.isOver = false;
    const { terminal } = opened;
    const integration = terminal.shellIntegration ?? (await this.#integrationOf(terminal));
    if (!this.#opened.has(terminal)) return;
    if (integration) opened.execution = integration.executeCommand(program);
    else terminal.sendText(program);
  }

  async #beginAgain(opened: Opened, program: string): Promise<void> {
    const release = await this.#parts.hold(opened);
    if (release === undefined) return this.#parts.onHeld(opened);
    if (!this.#opened.has(opened.terminal) || !opened.isOver) return release();
    opened.release = release;
    await this.#begin(opened, program);
  }

  #integrationOf(terminal: vscode.Terminal): Promise<vscode.TerminalShellIntegration | undefined> {
    return new Promise((resolve) => {
      const settle = (integration?: vscode.TerminalShellIntegration): void => {
        clearTimeout(timer);
        listening.dispose();
        resolve(integration);
      };
      const timer = setTimeout(settle, INTEGRATION_MS);
      const listening = vscode.window.onDidChangeTerminalShellIntegration((event) => {
        if (event.terminal === terminal) settle(event.shellIntegration);
      });
      this.#store.add(listening);
    });
  }

  #ended({ execution, exitCode }: vscode.TerminalShellExecutionEndEvent): void {
    const opened = [...this.#opened.values()].find((each) => each.execution === execution);
    if (opened === undefined) return;
    opened.isOver = true;
    opened.release?.();
    opened.release = undefined;
    if (exitCode !== undefined && NOT_FOUND.has(exitCode)) this.#parts.onNotFound(opened.client);
  }

  /** A terminal of an agent that the window before this one opened. */
  async #recognize(terminal: vscode.Terminal): Promise<void> {
    if (this.#opened.has(terminal)) return;
    const pid = await terminal.processId;
    const known = this.#remembered().find((each) => each.pid === pid);
    if (known === undefined || this.#opened.has(terminal) || terminal.exitStatus) return;
    const { client, name } = known;
    const opened: Opened = {
      client,
      name,
      terminal,
      mirror: undefined,
      release: undefined,
      execution: undefined,
      isOver: false,
    };
    this.#opened.set(terminal, opened);
    opened.mirror = await this.#parts.keep(known);
    opened.release = await this.#parts.hold(known);
    if (!this.#opened.has(terminal)) letGo(opened);
  }

  #closed(terminal: vscode.Terminal): void {
    const opened = this.#opened.get(terminal);
    if (opened === undefined) return;
    this.#opened.delete(terminal);
    letGo(opened);
    // A window that ends closes its terminals, too: the next one may find them again.
    if (terminal.exitStatus?.reason === vscode.TerminalExitReason.Shutdown) return;
    void terminal.processId.then((pid) => this.#forget(pid));
  }

  #remembered(): readonly Remembered[] {
    return this.#parts.memory.get<readonly Remembered[]>(MEMORY_KEY, []);
  }

  #remember(one: Remembered): void {
    const others = this.#remembered().filter(({ pid }) => pid !== one.pid);
    void this.#parts.memory.update(MEMORY_KEY, [...others, one].slice(-MOST_REMEMBERED));
  }

  #forget(pid: number | undefined): void {
    const others = this.#remembered().filter((each) => each.pid !== pid);
    void this.#parts.memory.update(MEMORY_KEY, others);
  }
}

/** The folder need not be kept for it any more, and others may run a client there. */
function letGo(opened: Opened): void {
  opened.mirror?.dispose();
  opened.release?.();
  opened.release = undefined;
}

/** Stands above the client's first words. */
function wordsAbove(agent: AddedAgent, client: AgentClient): string {
  const where = agent.isOwnFolder
    ? vscode.l10n.t(
        '{0} works here, in a folder of its own that is kept in step with {1}.',
        agent.name,
        agent.worldName,
      )
    : vscode.l10n.t('{0} works here by the tools of {1}.', agent.name, agent.worldName);
  return `\u001B[1m${[where, client.consent ?? ''].join(' ').trim()}\u001B[0m`;
}

const MEMORY_KEY = 'agentTerminals';
/** Terminals that ended while no window was there are never forgotten otherwise. */
const MOST_REMEMBERED = 50;
/** As long as VS Code itself advises to wait for a shell to tell of itself. */
const INTEGRATION_MS = 3_000;
/** By what shells of Unix, and that of Windows, say that there is no such program. */
const NOT_FOUND: ReadonlySet<number> = new Set([127, 9009]);
