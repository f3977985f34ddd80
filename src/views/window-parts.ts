import * as vscode from 'vscode';
import type { ChangeEvents } from '../editor/change-events.ts';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import type { FolderWorld } from '../editor/folder-world.ts';
import { outputLog } from '../editor/output-log.ts';
import { openSurroundings } from '../editor/surroundings.ts';
import { WindowWorld } from '../editor/window-world.ts';
import type { UndoKind } from '../sync/undo-stack.ts';
import { AgentFolders } from './agents/agent-folders.ts';
import { WindowChat } from './chat/window-chat.ts';
import { DemoAgents } from './commands/demo-agents.ts';
import { beginExample, removeExample, tryExample } from './commands/example.ts';
import { joinByLink } from './commands/join-by-link.ts';
import { joinByInvite } from './commands/join-world.ts';
import { leaveWorld } from './commands/leave-world.ts';
import { openFolderInWorld } from './commands/open-folder.ts';
import { resolveRefusedEdit } from './commands/resolve-refused-edit.ts';
import { showMenu } from './commands/show-menu.ts';
import { verifyHistory } from './commands/verify-history.ts';
import { PatchEditor } from './patch-editor.ts';
import type { StatusBar } from './status-bar.ts';
import { tellStartFailed } from './tell-start-failed.ts';
import { WorldViews } from './world-views.ts';

/** Everything of one window that is only needed once there is a folder, a world or a command. */
export interface WindowParts extends Disposable {
  readonly window: WindowWorld;
  readonly chat: WindowChat;
  readonly openLink: (uri: vscode.Uri) => Promise<void>;
  /** In a window that was opened to try the example: shows what to try. */
  readonly begin: () => Promise<void>;
  /** What each command does, by its id without `agentWorld.`. */
  readonly commands: Readonly<Record<string, (argument: unknown) => Promise<void> | void>>;
  /** The page of an agent, from the window before this one. */
  readonly restorePanel: (panel: vscode.WebviewPanel, state: unknown) => Promise<void>;
  /** Resolves when what could not be sent is on disk, and no agent runs on. */
  readonly end: () => Promise<void>;
}

export function buildWindow(
  context: vscode.ExtensionContext,
  channel: vscode.LogOutputChannel,
  changeEvents: ChangeEvents,
  statusBar: StatusBar,
): WindowParts {
  const store = new DisposableStore();
  const { version } = context.extension.packageJSON as { readonly version: string };
  const surroundings = openSurroundings({
    installation: context.extensionPath,
    version,
    log: outputLog(channel, 'host'),
  });
  const patches = store.add(new PatchEditor(changeEvents));
  const views: WorldViews = store.add(
    new WorldViews({
      context,
      surroundings,
      changeEvents,
      patches,
      current: () => window.current,
      window: () => window,
    }),
  );
  const chat = store.add(
    new WindowChat({ surroundings, memory: context.globalState, current: () => window.current }),
  );
  const onCurrent = (current: FolderWorld | undefined): void => {
    views.enter(current);
    chat.entered();
  };
  const agentFolders = store.add(new AgentFolders(surroundings, () => window.agentFolderChanged()));
  const window: WindowWorld = store.add(
    new WindowWorld({
      surroundings,
      channel,
      statusBar,
      changeEvents,
      agentFolders,
      onCurrent,
      onWorlds: () => views.worldsChanged(),
      onStartFailed: (failed) => void tellStartFailed(failed, channel, () => window.walkIn()),
      chatAgent: (world) => chat.memberOf(world),
    }),
  );
  const agents = store.add(new DemoAgents(surroundings, channel));
  const bound = (run: (current: FolderWorld) => Promise<void> | void) => async (): Promise<void> =>
    window.current ? run(window.current) : tellUnbound();
  const viewCommands = Object.entries(views.commands).map(
    ([name, run]) =>
      [
        name,
        (argument: unknown) => (window.current ? run(window.current, argument) : tellUnbound()),
      ] as const,
  );
  return {
    window,
    chat,
    begin: () => beginExample({ surroundings, window, agents }),
    openLink: (uri) => joinByLink({ surroundings, window }, uri),
    commands: {
      ...Object.fromEntries(viewCommands),
      ...views.anywhere,
      tryExample: () => tryExample({ surroundings, window, agents }),
      removeExample: () => removeExample({ surroundings, window, agents }),
      openFolder: () => openFolderInWorld(surroundings, window),
      join: (text) =>
        joinByInvite({ surroundings, window }, typeof text === 'string' ? text : undefined),
      leave: () => leaveWorld(surroundings, window),
      startAgents: bound((current) => agents.start(current)),
      stopAgents: () => agents.stop(),
      verifyHistory: bound((current) => verifyHistory(surroundings, channel, current)),
      resolveRefusedEdit: (request) =>
        bound((current) => resolveRefusedEdit(current, patches, request ?? {}))(),
      acceptPatch: () => patches.accept(),
      undo: () => takeBack(window.current, 'undo'),
      redo: () => takeBack(window.current, 'redo'),
      reconnect: () => (window.mayRetry ? window.retry() : tellUnbound()),
      showMenu: () => showMenu(window, agents),
    },
    restorePanel: (panel, state) => views.restorePanel(panel, state),
    async end() {
      await Promise.all([window.end(), views.end()]);
    },
    dispose: () => store.dispose(),
  };
}

/** Where there is no world, or none that has the document, it is VS Code's own. */
async function takeBack(current: FolderWorld | undefined, kind: UndoKind): Promise<void> {
  if (current) await current.undo.run(kind);
  else await vscode.commands.executeCommand(kind);
}

function tellUnbound(): void {
  void vscode.window.showInformationMessage(
    vscode.l10n.t('This folder is in no world. Open it in one first.'),
  );
}
