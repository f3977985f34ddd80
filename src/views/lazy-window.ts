/**
 * Owns: a window until something of a world is needed in it: it knows whether its folders belong to a world, and
 * loads everything else when they do, or with the first command. A window that needs none of it loads no more than
 * this, and writes nothing.
 */
import * as vscode from 'vscode';
import type { ChangeEvents } from '../editor/change-events.ts';
import { DisposableStore } from '../editor/disposable-store.ts';
import { lookAtFolders } from '../editor/folder-look.ts';
import { outputLog } from '../editor/output-log.ts';
import { onSetting, readSettings } from '../editor/settings.ts';
import { keepUp } from '../editor/upkeep.ts';
import { defaultHomePath } from '../host/home.ts';
import { StatusBar } from './status-bar.ts';
import { tellError } from './tell-error.ts';
import { tellStartFailed } from './tell-start-failed.ts';
import type { WindowParts } from './window-parts.ts';

export class LazyWindow implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #changeEvents: ChangeEvents;
  readonly #store = new DisposableStore();
  readonly #loads = this.#store.add(new vscode.EventEmitter<WindowParts>());
  #channel: vscode.LogOutputChannel | undefined;
  #statusBar: StatusBar | undefined;
  #built: WindowParts | undefined;
  /** What is loaded has seen to the folders. */
  #hasWalkedIn = false;
  /** It could not even be found out what the folders are. */
  #hasFailed = false;
  /** What the folders are is known when this has come to its end. */
  #started: Promise<void> = Promise.resolve();

  /** Everything is loaded; comes once. */
  readonly onLoad = this.#loads.event;

  constructor(context: vscode.ExtensionContext, changeEvents: ChangeEvents) {
    this.#context = context;
    this.#changeEvents = changeEvents;
  }

  /** Undefined until something needed it. */
  get built(): WindowParts | undefined {
    return this.#built;
  }

  /** A channel has a file: it is made when there is something to say. */
  get channel(): vscode.LogOutputChannel {
    return (this.#channel ??= this.#store.add(
      vscode.window.createOutputChannel('Agent World', { log: true }),
    ));
  }

  /** In a trusted window only. Soon, and not at once: activation is answered first. */
  start(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#started = promise;
    const soon = setImmediate(resolve);
    this.#store.add({ dispose: () => clearImmediate(soon) });
    this.#walkInNext();
    this.#store.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        // Once it is loaded, the window itself sees to its folders.
        if (!this.#built) this.#walkInNext();
      }),
    );
    this.#store.add(onSetting('bindOnOpen', () => this.#walkInNext()));
  }

  async load(): Promise<WindowParts> {
    const { buildWindow } = await import('./window-parts.ts');
    if (this.#built) return this.#built;
    const parts = buildWindow(this.#context, this.channel, this.#changeEvents, this.#status());
    this.#built = this.#store.add(parts);
    this.#loads.fire(parts);
    return parts;
  }

  async started(): Promise<void> {
    await this.#started;
  }

  /** Does work; what goes wrong is told with the next step. */
  async run(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await tellError(error, this.channel, () => this.run(work));
    }
  }

  /** A command that needs everything. */
  async runCommand(name: string, argument: unknown): Promise<void> {
    if (name === 'reconnect' && this.#hasFailed) return this.#walkInNext();
    const isFirst = !this.#built;
    const { commands } = await this.load();
    if (isFirst) this.#keepUp(true);
    await commands[name]?.(argument);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** One after the other: what the one before has loaded is not begun again. */
  #walkInNext(): void {
    this.#started = this.#started.then(() => this.#walkInOrTell());
  }

  async #walkInOrTell(): Promise<void> {
    try {
      this.#hasFailed = false;
      await this.#walkIn();
    } catch (error) {
      if (this.#store.isDisposed) return;
      this.#hasFailed = true;
      const name = vscode.workspace.name ?? '';
      this.channel.error(`[window] not started: ${String(error)}`);
      this.#status().show({
        tag: 'failed',
        world: name,
        message: error instanceof Error ? error.message : String(error),
        nextStep: { title: vscode.l10n.t('Try again'), command: 'agentWorld.reconnect' },
      });
      const again = async (): Promise<void> => this.#walkInNext();
      void tellStartFailed({ folder: { name }, error }, this.channel, again);
    }
  }

  async #walkIn(): Promise<void> {
    const { bindOnOpen } = readSettings();
    if (this.#hasWalkedIn) {
      // The folders are what they were; whether they are wanted is not.
      if (bindOnOpen) await this.#built?.window.walkIn();
      return;
    }
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(
      ({ uri }) => uri.scheme === 'file',
    );
    const { isInWorld, worlds } = await lookAtFolders(
      defaultHomePath(),
      folders.map(({ uri }) => uri.fsPath),
    );
    if (this.#store.isDisposed) return;
    void setContext('worlds', worlds);
    const isNeeded = isInWorld && bindOnOpen;
    if (isNeeded) {
      const { window, begin } = await this.load();
      await window.walkIn();
      this.#hasWalkedIn = true;
      await this.run(begin);
    } else if (!this.#built) {
      this.#status().show({ tag: 'none' });
      void setContext('foldersOutside', folders.length);
    }
    this.#keepUp(isNeeded);
  }

  #status(): StatusBar {
    return (this.#statusBar ??= this.#store.add(new StatusBar()));
  }

  #keepUp(usesWorlds: boolean): void {
    const place = { home: defaultHomePath(), installation: this.#context.extensionPath };
    keepUp(place, usesWorlds, () => outputLog(this.channel, 'tidy')).catch((error: unknown) =>
      this.channel.warn(`[tidy] not done: ${String(error)}`),
    );
  }
}

async function setContext(name: string, value: number): Promise<void> {
  await vscode.commands.executeCommand('setContext', `agentWorld.${name}`, value);
}
