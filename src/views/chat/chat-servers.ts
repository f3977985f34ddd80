/**
 * Owns: the server of the Model Context Protocol that VS Code is told of, for those of its agents that take
 * servers and not an extension's tools.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { onSetting, readSettings } from '../../editor/settings.ts';
import type { WindowParts } from '../window-parts.ts';
import type { LoadChat } from './chat-tool.ts';

/** Editors built from VS Code may lack it. */
type WithServers = Partial<Pick<typeof vscode, 'McpStdioServerDefinition'>> & {
  readonly lm?: Partial<Pick<typeof vscode.lm, 'registerMcpServerDefinitionProvider'>>;
};

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
  const provideMcpServerDefinitions = async (): Promise<vscode.McpServerDefinition[]> => {
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
