/**
 * Owns: the server of the Model Context Protocol that VS Code is told of, for those of its agents that take
 * servers and not an extension's tools.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { onSetting, readSettings } from '../../editor/settings.ts';
import type { WindowParts } from '../window-parts.ts';
import type { LoadChat } from './chat-tool.ts';

/** What VS Code has since 1.101; the types of the oldest editor that this runs in do not know it. */
interface WithServers {
  readonly McpStdioServerDefinition?: new (
    label: string,
    command: string,
    args: string[],
    env?: Record<string, string>,
    version?: string,
  ) => object;
  readonly lm?: {
    registerMcpServerDefinitionProvider?(
      id: string,
      provider: {
        readonly onDidChangeMcpServerDefinitions: vscode.Event<void>;
        provideMcpServerDefinitions(): Promise<object[]>;
      },
    ): vscode.Disposable;
  };
}

export const SERVER_PROVIDER = 'agentWorld.servers';

export function registerServers(
  load: LoadChat,
  onLoad: vscode.Event<Pick<WindowParts, 'chat'>>,
): Disposable {
  const store = new DisposableStore();
  const { McpStdioServerDefinition: Definition, lm } = vscode as WithServers;
  if (!Definition || typeof lm?.registerMcpServerDefinitionProvider !== 'function') return store;
  const changes = store.add(new vscode.EventEmitter<void>());
  store.add(onSetting('chat.offer', () => changes.fire()));
  store.add(
    onLoad(({ chat }) => {
      store.add(chat.onChange(() => changes.fire()));
    }),
  );
  const provideMcpServerDefinitions = async (): Promise<object[]> => {
    const chat = await load();
    if (!chat) return [];
    // Not both: a model would see every tool twice. The manifest hides the tools by the same setting.
    if (readSettings().chatOffer !== 'server') return [];
    const servers = await chat.servers();
    return servers.map(({ label, command, args }) => new Definition(label, command, [...args]));
  };
  const provider = { onDidChangeMcpServerDefinitions: changes.event, provideMcpServerDefinitions };
  store.add(lm.registerMcpServerDefinitionProvider(SERVER_PROVIDER, provider));
  return store;
}
