/**
 * Owns: in which world the chat of this window works, and as which agent. Does not know: what it can do
 * there; that is loaded with its first call.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { installCommandLauncher } from '../../host/command-launcher.ts';
import type { ChatAgent } from '../../mcp/chat-agent.ts';
import type { IdentityHex } from '../../core/op.ts';
import { memberName } from '../../world/member-name.ts';

export interface WindowChatOptions {
  readonly surroundings: ExtensionSurroundings;
  /** Kept from window to window, on this machine. */
  readonly memory: vscode.Memento;
  /** The world of the file in front. */
  readonly current: () => FolderWorld | undefined;
}

/** A server that a client starts by itself. */
export interface ChatServer {
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
}

export class WindowChat implements Disposable {
  readonly #options: WindowChatOptions;
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<void>());
  readonly #agents = new WeakMap<FolderWorld, Promise<ChatAgent>>();

  /** The window is about another world. */
  readonly onChange = this.#changes.event;

  constructor(options: WindowChatOptions) {
    this.#options = options;
  }

  entered(): void {
    this.#changes.fire();
  }

  /** Who works in the world that the window is about now; undefined where that is none. */
  async agent(): Promise<ChatAgent | undefined> {
    const world = await this.#knownWorld();
    return world && this.#agentIn(world);
  }

  /** Which member the chat is in a world, which it joins for this; undefined where it cannot. Never rejects. */
  async memberOf(world: FolderWorld): Promise<IdentityHex | undefined> {
    try {
      const { view, identity } = world.session;
      // Whose chat it is has to be known.
      if (!view.members.has(identity)) return undefined;
      return await (await this.#agentIn(world)).member();
    } catch {
      // What it wrote stays the person's then, as in an editor that says nothing of it.
      return undefined;
    }
  }

  #agentIn(world: FolderWorld): Promise<ChatAgent> {
    const known = this.#agents.get(world);
    if (known) return known;
    const made = this.#makeAgent(world);
    this.#agents.set(world, made);
    return made;
  }

  /** What a call deletes, as it names it. */
  async deletedPaths(input: object): Promise<readonly string[]> {
    const { deletedPaths } = await import('../../mcp/chat-agent.ts');
    return deletedPaths(input);
  }

  /** The server of the world that the window is about now, for clients that VS Code starts. */
  async servers(): Promise<readonly ChatServer[]> {
    const world = await this.#knownWorld();
    if (!world) return [];
    const { home, installation } = this.#options.surroundings;
    const command = await installCommandLauncher({
      home,
      runtime: process.execPath,
      cliScript: path.join(installation, 'dist', 'cli.cjs'),
    });
    const name = await this.#name(world);
    const args = ['mcp', `--as=${name}`, '--world', world.world.database];
    return [{ label: `Agent World: ${world.world.name}`, command, args }];
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #makeAgent(world: FolderWorld): Promise<ChatAgent> {
    const { surroundings } = this.#options;
    const { ChatAgent } = await import('../../mcp/chat-agent.ts');
    const agent = new ChatAgent({
      surroundings,
      world: world.world,
      name: await this.#name(world),
      folder: world.folder.uri.fsPath,
    });
    return world.keep(agent);
  }

  /** Whose chat it is was asked once: a person who takes another name does not bring a second agent. */
  async #name(world: FolderWorld): Promise<string> {
    const { memory } = this.#options;
    const key = `agentWorld.chat ${world.world.database}`;
    const known = memory.get<string>(key);
    if (known !== undefined) return known;
    const name = chatName(world);
    await memory.update(key, name);
    return name;
  }

  /** Names of members are known once the world was reached; so long a call waits. */
  async #knownWorld(): Promise<FolderWorld | undefined> {
    const world = this.#options.current();
    if (world && !world.session.view.members.has(world.session.identity)) {
      await world.session.whenOnline(AbortSignal.timeout(ONLINE_MS)).catch(() => undefined);
    }
    return world;
  }
}

/**
 * What members call the chat of the person whose window it is. All members see it, so it is the same in
 * every language; all windows of the person have the same, which makes them one agent.
 */
function chatName({ session }: FolderWorld): string {
  const ending = '’s chat';
  const person = memberName(session.view, session.identity);
  return `${person.slice(0, MOST_NAME - ending.length).toWellFormed()}${ending}`;
}

/** A world takes no longer names. */
const MOST_NAME = 200;
/** Longer than anybody waits for a world of this machine. */
const ONLINE_MS = 20_000;
