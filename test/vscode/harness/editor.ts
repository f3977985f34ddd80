import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { ensureBuilt } from '../../../scripts/build.mjs';
import { ensurePackaged, packageFile } from '../../../scripts/package.mjs';
import { stopHost } from '../../../src/host/handover.ts';
import { startDelayProxy } from '../../harness/delay-proxy.ts';
import { startBrowser } from './browser.ts';
import { installBuild, installChat } from './installed-build.ts';
import { orderParticipants, type ParticipantOrder } from './participant-order.ts';
import { ProbeServer } from './probe.ts';
import { startServer, type VSCodeServer } from './server.ts';
import { writeSettings } from './test-settings.ts';
import { EditorWindow } from './window.ts';
import { workbenchAddress } from './workbench-address.ts';

export interface EditorOptions {
  /** The newest VS Code (default), or the oldest that the extension admits. */
  readonly age?: 'newest' | 'oldest';
  /** `AGENT_WORLD_HOME` of the editor; a new folder, removed at the end, when left out. */
  readonly home?: string;
  /** The extension from the checkout's build (default), from `dist/agent-world.vsix`, or none. */
  readonly extensions?: 'development' | 'vsix' | 'none';
  /** Added to, or with `undefined` taken from, the environment of server and extension hosts. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** User settings, besides those that keep VS Code from typing along. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * The extensions that VS Code brings: only those that an editor of text wants (default), which
   * halves the time until a window is ready, or all, as a user has them.
   */
  readonly builtIns?: 'few' | 'all';
  /** Installs an agent for VS Code's own chat that edits what a prompt lists. */
  readonly hasChat?: boolean;
  /** Lets VS Code ask whether folders are trusted, which it does not by default. */
  readonly asksForTrust?: boolean;
}

export interface WindowOptions {
  /** Added each way between renderer and extension host once the window is open. */
  readonly delayMs?: number;
  /** Added to the environment of this window's extension host, for instance a world leg's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly size?: { readonly width: number; readonly height: number };
  /**
   * Whether what a save runs of VS Code's own runs before extensions hear of the save, or after; by chance when
   * left out.
   */
  readonly participants?: ParticipantOrder;
}

/** A real VS Code: one server, one browser, any number of windows. */
export class Editor {
  readonly home: string;
  readonly #scratch: string;
  readonly #server: VSCodeServer;
  readonly #probes: ProbeServer;
  readonly #context: BrowserContext;
  readonly #windows: EditorWindow[] = [];
  #lastWindow = 0;

  constructor(parts: {
    readonly home: string;
    readonly scratch: string;
    readonly server: VSCodeServer;
    readonly probes: ProbeServer;
    readonly context: BrowserContext;
  }) {
    this.home = parts.home;
    this.#scratch = parts.scratch;
    this.#server = parts.server;
    this.#probes = parts.probes;
    this.#context = parts.context;
  }

  /** Opens a window on a folder and waits until its extension host runs. Several may open at once. */
  async openWindow(folder: string, options: WindowOptions = {}): Promise<EditorWindow> {
    this.#lastWindow += 1;
    const windowId = `window-${this.#lastWindow}`;
    const probeFolder = path.join(this.#scratch, windowId);
    const probe = this.#probes.prepare(windowId, probeFolder);
    const proxy = await startDelayProxy({ port: this.#server.port });
    const page = await this.#context.newPage();
    await page.setViewportSize(options.size ?? { width: 1280, height: 800 });
    const window = new EditorWindow({ page, folder, probe, proxy });
    this.#windows.push(window);
    const extensionPaths = [probeFolder];
    const { participants } = options;
    const extensionsRun = participants && (await orderParticipants(page, participants));
    await page.goto(
      workbenchAddress({ port: proxy.port, folder, extensionPaths, env: options.env }),
    );
    await window.ready(extensionsRun);
    proxy.delayMs = options.delayMs ?? 0;
    return window;
  }

  /** Where VS Code keeps what it writes: settings, state, logs. */
  get dataFolder(): string {
    return path.join(this.#scratch, 'server');
  }

  /** What the server has printed so far. */
  output(): string {
    return this.#server.output();
  }

  /** Ends windows, browser, server and the embedded host of its home. */
  async dispose(): Promise<void> {
    await this.#context.browser()?.close();
    for (const window of this.#windows) await window.extensionHostLeg.close();
    this.#probes.close();
    await this.#server.stop();
    // The extension starts the host detached, so it is none of the server's processes.
    await stopHost({ home: this.home });
    fs.rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const CLIPBOARD = ['clipboard-read', 'clipboard-write'];

/**
 * Starts a VS Code for tests, with the extension built and packaged as far as that is needed. Dispose it, or
 * its processes outlive the test.
 */
export async function startEditor(options: EditorOptions = {}): Promise<Editor> {
  const { extensions = 'development', builtIns = 'few' } = options;
  if (extensions !== 'none') await ensureBuilt();
  if (extensions === 'vsix') await ensurePackaged();
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-vscode-'));
  const home = options.home ?? path.join(scratch, 'home');
  const dataFolder = path.join(scratch, 'server');
  writeSettings(dataFolder, options.settings);
  if (extensions === 'development') installBuild(path.join(dataFolder, 'extensions'));
  if (options.hasChat) installChat(path.join(dataFolder, 'extensions'));
  const browser = await startBrowser();
  try {
    const server = await startServer({
      age: options.age ?? 'newest',
      dataFolder,
      env: { ...process.env, ...options.env, AGENT_WORLD_HOME: home },
      vsixFiles: extensions === 'vsix' ? [packageFile] : [],
      builtIns,
      asksForTrust: options.asksForTrust ?? false,
    });
    const probes = new ProbeServer();
    await probes.listen();
    const context = await browser.newContext({ permissions: CLIPBOARD });
    return new Editor({ home, scratch, server, probes, context });
  } catch (error) {
    await browser.close();
    throw error;
  }
}
