import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AgentSession } from '../../../src/agents/agent-session.ts';
import { joinAgent } from '../../../src/agents/join-agent.ts';
import { ensureBuilt } from '../../../scripts/build.mjs';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { type ExtensionSurroundings, openSurroundings } from '../../../src/editor/surroundings.ts';
import { stopHost } from '../../../src/host/handover.ts';
import { readFile } from '../../../src/world/file-reader.ts';
import { createInvite, type Invite } from '../../../src/world/invite.ts';
import { readHeadSeq } from '../../../src/world/read-head.ts';
import { silentLog } from '../../../src/world/log.ts';
import { openFolder, type OpenedFolder, type Server } from '../../../src/world/open-folder.ts';
import { verifyWorld, type WorldVerdict } from '../../../src/world/verify-world.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import { givenServer } from '../../harness/given-server.ts';
import { type Editor, startEditor, type WindowOptions } from './editor.ts';
import type { EditorWindow } from './window.ts';

/** What the extension offers to tests; see `src/extension.ts`. */
interface ExtensionApi {
  readonly world: () => { readonly name: string } | undefined;
  readonly isSettled: () => boolean;
  readonly isMirroring: () => boolean;
  readonly changeEventDurationsMs: () => readonly number[];
  readonly changeEventProcessorMs: () => readonly number[];
}

export interface LiveFolderOptions {
  /** The newest VS Code (default), or the oldest that the extension admits. */
  readonly age?: 'newest' | 'oldest';
  /** Files by their path. */
  readonly files: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The extensions that VS Code brings; few by default, which leaves git out. */
  readonly builtIns?: 'few' | 'all';
  /** Installs an agent for VS Code's own chat that edits what a prompt lists. */
  readonly hasChat?: boolean;
  /** The test looks into the host or ends it: its world is on this machine's own also where a server is given. */
  readonly isOnOwnHost?: boolean;
  /** What else the folder is to have before it is brought into its world. */
  readonly prepare?: (folder: string) => Promise<void> | void;
}

/** A folder that is in a world, an editor to open it in, and a session that watches the world. */
export class LiveFolder {
  readonly folder: string;
  readonly home: string;
  readonly editor: Editor;
  readonly surroundings: ExtensionSurroundings;
  /** Where the world is. */
  readonly server: Server;
  readonly session: WorldSession;
  readonly #opened: OpenedFolder;
  readonly #scratch: string;
  readonly #agents: WorldSession[] = [];
  readonly #windows: EditorWindow[] = [];

  static async start({
    age = 'newest',
    files,
    settings = {},
    builtIns = 'few',
    hasChat = false,
    isOnOwnHost = false,
    prepare,
  }: LiveFolderOptions): Promise<LiveFolder> {
    await ensureBuilt();
    const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-live-')));
    const home = path.join(scratch, 'home');
    const folder = path.join(scratch, 'project');
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), text);
    }
    await prepare?.(folder);
    const surroundings = openSurroundings({
      installation: projectRoot,
      version: projectVersion(),
      log: silentLog,
      home,
    });
    const profile = { displayName: 'Ada', gitName: 'Ada', gitEmail: '', color: '' };
    const given = isOnOwnHost ? undefined : givenServer();
    const server = given ?? surroundings.defaultServer;
    const opened = await openFolder(surroundings, { folder, server, profile });
    const editor = await startEditor({ age, home, settings, builtIns, hasChat });
    return new LiveFolder({ folder, home, scratch, editor, surroundings, server, opened });
  }

  private constructor(parts: {
    readonly folder: string;
    readonly home: string;
    readonly scratch: string;
    readonly editor: Editor;
    readonly surroundings: ExtensionSurroundings;
    readonly server: Server;
    readonly opened: OpenedFolder;
  }) {
    this.folder = parts.folder;
    this.home = parts.home;
    this.editor = parts.editor;
    this.surroundings = parts.surroundings;
    this.server = parts.server;
    this.session = parts.opened.session;
    this.#opened = parts.opened;
    this.#scratch = parts.scratch;
  }

  /** Opens a window on the folder and waits until it is bound to the world. */
  async openWindow(
    env?: Readonly<Record<string, string>>,
    options: Omit<WindowOptions, 'env'> = {},
  ): Promise<EditorWindow> {
    const window = await this.editor.openWindow(this.folder, { ...options, ...(env && { env }) });
    this.#windows.push(window);
    await waitUntilBound(window);
    return window;
  }

  /** Lets an agent in. */
  async joinAgent(name: string): Promise<AgentSession> {
    const { surroundings } = this;
    const session = await joinAgent(surroundings, this.session, this.server, {
      name,
      displayName: name,
      color: '',
    });
    this.#agents.push(session);
    const { randomBytes } = surroundings;
    return new AgentSession({ session, randomBytes, signal: new AbortController().signal });
  }

  /** The person whose windows these are, through a session of the test's. */
  person(): AgentSession {
    const { session, surroundings } = this;
    return new AgentSession({ session, randomBytes: surroundings.randomBytes });
  }

  /** Lets one more in, who may edit and decide. */
  invite(kind: 'human' | 'agent' = 'human'): Promise<Invite> {
    const terms = {
      kind,
      role: 'editor',
      capabilities: ['edit', 'lock', 'resolve'],
      pathScope: [],
      uses: 1,
      expiresAtMs: Date.now() + 600_000,
    } as const;
    const { randomBytes } = this.surroundings;
    return createInvite(this.session, this.server.label, terms, randomBytes);
  }

  /** The text of a file at the world's head. */
  async worldText(file: string): Promise<string> {
    const head = this.session.view.fileAt(file);
    const link = await this.session.whenOnline();
    if (!head) throw new Error(`the world has no ${file}`);
    const content = await readFile(link, this.session.view, head.fileId);
    return content.kind === 'text' ? content.text.toString() : '';
  }

  /** Waits until a file has exactly this text at the world's head. */
  async untilText(file: string, text: string): Promise<void> {
    await this.#untilReads(`${file} in the world`, () => this.worldText(file), text);
  }

  /** Waits until a file has exactly this text on disk. */
  async untilDisk(file: string, text: string): Promise<void> {
    await this.#untilReads(`${file} on disk`, () => this.diskText(file), text);
  }

  diskText(file: string): string {
    return fs.readFileSync(path.join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    fs.writeFileSync(path.join(this.folder, file), text);
  }

  /** Waits until the windows have nothing left to tell the world, and its session here has heard it. */
  async settled(): Promise<void> {
    // Of one that was closed nobody answers: what it had to tell is on disk, for others to send.
    for (const window of this.#windows.filter(({ page }) => !page.isClosed())) {
      await window.waitFor(
        (vscode, id) => (vscode.extensions.getExtension(id)!.exports as ExtensionApi).isSettled(),
        EXTENSION_ID,
      );
    }
    // Who did not call may hear late: nobody is answered before they have heard what was earlier.
    await readHeadSeq(await this.session.whenOnline());
  }

  /** Waits until one ticket is open and has all of a text: what is typed comes into it key by key. */
  async untilProposed(text: string): Promise<void> {
    const { tickets } = this.session.view;
    await this.until(`a ticket has “${text}”`, () => {
      const [ticket, ...others] = tickets.values();
      return others.length === 0 && ticket?.parts[0]?.proposedText === text;
    });
  }

  /** Waits for a condition on the world or the disk, looking again whenever the world changed. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + DEADLINE_MS;
    while (!(await isSo())) {
      if (performance.now() > deadlineMs)
        throw new Error(`Not so after ${DEADLINE_MS} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** A text that does not come is shown beside the one that is there. */
  async #untilReads(
    what: string,
    read: () => string | Promise<string>,
    text: string,
  ): Promise<void> {
    try {
      await this.until(what, async () => (await read()) === text);
    } catch {
      assert.equal(await read(), text, `${what} after ${DEADLINE_MS} ms`);
    }
  }

  async verify(): Promise<WorldVerdict> {
    return verifyWorld({
      ...this.surroundings,
      session: this.session,
      world: this.#opened.world,
    });
  }

  async dispose(): Promise<void> {
    for (const agent of this.#agents) agent.close();
    this.session.close();
    await this.editor.dispose();
    await stopHost({ home: this.home });
    fs.rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

export const EXTENSION_ID = 'agent-world.agent-world';
const DEADLINE_MS = 30_000;
const LOOK_MS = 25;

export async function waitUntilBound(window: EditorWindow): Promise<void> {
  await window.waitFor((vscode, id) => {
    const extension = vscode.extensions.getExtension(id);
    return (
      extension?.isActive === true && (extension.exports as ExtensionApi).world() !== undefined
    );
  }, EXTENSION_ID);
  // Now the palette offers what needs a world.
  await keysKnown(window);
}

/** Waits until the window has all that the extension has said so far of which keys and commands there are. */
export async function keysKnown(window: EditorWindow): Promise<void> {
  await window.command('setContext', 'agentWorldTest.isBound', true);
}

/** Synchronous time of the window's change events so far, in milliseconds. */
export async function changeEventDurationsMs(window: EditorWindow): Promise<readonly number[]> {
  return window.evaluate(
    (vscode, id) =>
      (vscode.extensions.getExtension(id)!.exports as ExtensionApi).changeEventDurationsMs(),
    EXTENSION_ID,
  );
}

/** What of them the thread ran, and did not wait for a processor. */
export async function changeEventProcessorMs(window: EditorWindow): Promise<readonly number[]> {
  return window.evaluate(
    (vscode, id) =>
      (vscode.extensions.getExtension(id)!.exports as ExtensionApi).changeEventProcessorMs(),
    EXTENSION_ID,
  );
}

/** What VS Code tells in its notifications, those that have faded included. */
export async function notifications(window: EditorWindow): Promise<readonly string[]> {
  await window.command('notifications.showList');
  const messages = await window.page
    .locator('.notifications-center .notification-list-item-message')
    .allInnerTexts();
  await window.command('notifications.hideList');
  return messages;
}

function projectVersion(): string {
  const manifest = fs.readFileSync(path.join(projectRoot, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
