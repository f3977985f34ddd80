import * as vscode from 'vscode';
import { ChangeEvents } from './editor/change-events.ts';
import { DisposableStore } from './editor/disposable-store.ts';
import { registerChat } from './views/chat/register-chat.ts';
import { askForTrust, registerGetStarted } from './views/get-started.ts';
import { LazyWindow } from './views/lazy-window.ts';
import { ANYWHERE_COMMANDS, VIEW_COMMANDS } from './views/view-commands.ts';

/** What other extensions, and tests, get of this one. */
export interface AgentWorldApi {
  /** Synchronous time that the extension took in each of the last changes of documents, in milliseconds. */
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
  'tryExample',
  'removeExample',
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

let lazy: LazyWindow | undefined;

/** Builds the parts of one window. What is heavy is loaded when a folder or a command needs it. */
export function activate(context: vscode.ExtensionContext): AgentWorldApi {
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const changeEvents = store.add(new ChangeEvents());
  const window = store.add(new LazyWindow(context, changeEvents));
  lazy = window;

  store.add(vscode.commands.registerCommand('agentWorld.showOutput', () => window.channel.show()));
  store.add(registerGetStarted(context));
  const trusted = (work: () => Promise<void>): Promise<void> =>
    vscode.workspace.isTrusted ? window.run(work) : askForTrust();
  for (const name of COMMANDS) {
    store.add(
      vscode.commands.registerCommand(`agentWorld.${name}`, (argument: unknown) =>
        trusted(() => window.runCommand(name, argument)),
      ),
    );
  }
  const openLink = async (uri: vscode.Uri): Promise<void> => {
    // What a link is about depends on whether the folder is in a world.
    await window.started();
    await (await window.load()).openLink(uri);
  };
  store.add(vscode.window.registerUriHandler({ handleUri: (uri) => trusted(() => openLink(uri)) }));
  store.add(registerChat(context, window));
  store.add(
    vscode.window.registerWebviewPanelSerializer('agentWorld.agentPanel', {
      async deserializeWebviewPanel(panel, state) {
        if (!vscode.workspace.isTrusted) return panel.dispose();
        // Which world the window is in is known then.
        await window.started();
        await window.run(async () => (await window.load()).restorePanel(panel, state));
      },
    }),
  );
  if (vscode.workspace.isTrusted) window.start();
  else store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => window.start()));

  return {
    changeEventDurationsMs: () => changeEvents.durationsMs,
    changeEventProcessorMs: () => changeEvents.processorMs,
    world: () => window.built?.window.current?.world,
    isSettled: () => {
      const worlds = [...(window.built?.window.all() ?? [])];
      return worlds.length > 0 && worlds.every(({ documents }) => documents.isSettled);
    },
    isMirroring: () => window.built?.window.current?.isMirroring ?? false,
  };
}

/** VS Code waits a little for this: what could not be sent is written to disk. */
export async function deactivate(): Promise<void> {
  await lazy?.built?.end();
  lazy = undefined;
}
