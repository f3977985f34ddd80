import * as vscode from 'vscode';
import { DisposableStore } from './editor/disposable-store.ts';
import { EventTimings } from './editor/event-timings.ts';
import { readSettings } from './editor/settings.ts';
import { registerChat } from './views/chat/register-chat.ts';
import { askForTrust, registerGetStarted } from './views/get-started.ts';
import { tellError } from './views/tell-error.ts';
import { ANYWHERE_COMMANDS, VIEW_COMMANDS } from './views/view-commands.ts';
import type { WindowParts } from './views/window-parts.ts';

/** What other extensions, and tests, get of this one. */
export interface AgentWorldApi {
  /** Synchronous time of the last change events of bound documents, in milliseconds. */
  readonly changeEventDurationsMs: () => readonly number[];
  /** What of that the thread ran, and did not wait for a processor; empty where that is not known. */
  readonly changeEventProcessorMs: () => readonly number[];
  /** The world that the window's folder is bound to. */
  readonly world: () => { readonly name: string; readonly database: string } | undefined;
  /** True when everything that was typed here is in the world, and everything there is shown here. */
  readonly isSettled: () => boolean;
  /** True while this window keeps the folder on disk in step. */
  readonly isMirroring: () => boolean;
}

const COMMANDS = [
  'openFolder',
  'join',
  'leave',
  'startAgents',
  'stopAgents',
  'showMenu',
  'verifyHistory',
  'resolveRefusedEdit',
  'acceptPatch',
  'reconnect',
  'undo',
  'redo',
  ...VIEW_COMMANDS,
  ...ANYWHERE_COMMANDS,
];

let built: WindowParts | undefined;

/** Builds the parts of one window. What is heavy is loaded when a folder or a command needs it. */
export function activate(context: vscode.ExtensionContext): AgentWorldApi {
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const channel = store.add(vscode.window.createOutputChannel('Agent World', { log: true }));
  const timings = new EventTimings();
  const load = async (): Promise<WindowParts> => {
    const { buildWindow } = await import('./views/window-parts.ts');
    return (built ??= store.add(buildWindow(context, channel, timings)));
  };
  // After activation has been answered: what a world needs takes longer to load than all of this.
  let started: Promise<void> = Promise.resolve();
  const start = (): void => {
    const { promise, resolve } = Promise.withResolvers<void>();
    started = promise;
    const soon = setImmediate(() => resolve(run(channel, async () => walkIn(await load()))));
    store.add({ dispose: () => clearImmediate(soon) });
  };

  store.add(vscode.commands.registerCommand('agentWorld.showOutput', () => channel.show()));
  store.add(registerGetStarted(context));
  for (const name of COMMANDS) {
    store.add(
      vscode.commands.registerCommand(`agentWorld.${name}`, (argument: unknown) =>
        vscode.workspace.isTrusted
          ? run(channel, async () => (await load()).commands[name]?.(argument))
          : askForTrust(),
      ),
    );
  }
  const openLink = async (uri: vscode.Uri): Promise<void> => {
    // What a link is about depends on whether the folder is in a world.
    await started;
    await (await load()).openLink(uri);
  };
  store.add(
    vscode.window.registerUriHandler({
      handleUri: (uri) =>
        vscode.workspace.isTrusted ? run(channel, () => openLink(uri)) : askForTrust(),
    }),
  );
  const chat = async (): Promise<WindowParts['chat'] | undefined> => {
    if (!vscode.workspace.isTrusted) return undefined;
    // Which world the window is in is known then.
    await started;
    return (await load()).chat;
  };
  store.add(registerChat(context, chat));
  if (vscode.workspace.isTrusted) start();
  else store.add(vscode.workspace.onDidGrantWorkspaceTrust(start));

  return {
    changeEventDurationsMs: () => timings.durationsMs,
    changeEventProcessorMs: () => timings.processorMs,
    world: () => built?.window.current?.world,
    isSettled: () => {
      const worlds = [...(built?.window.all() ?? [])];
      return worlds.length > 0 && worlds.every(({ documents }) => documents.isSettled);
    },
    isMirroring: () => built?.window.current?.isMirroring ?? false,
  };
}

/** VS Code waits a little for this: what could not be sent is written to disk. */
export async function deactivate(): Promise<void> {
  await built?.window.end();
  built = undefined;
}

async function walkIn({ window, tidy }: WindowParts): Promise<void> {
  if (readSettings().bindOnOpen) await window.walkIn();
  tidy();
}

/** Runs a command; what goes wrong is told with the next step. */
async function run(channel: vscode.LogOutputChannel, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await tellError(error, channel, () => run(channel, work));
  }
}
