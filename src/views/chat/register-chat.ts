/**
 * Owns: what VS Code's chat is offered, as the manifest lists it. Does not know: what the tools do; that is
 * loaded with the first call.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { LazyWindow } from '../lazy-window.ts';
import { ChatTool } from './chat-tool.ts';
import { registerServers } from './chat-servers.ts';
import type { WindowChat } from './window-chat.ts';

/** Registers tools and servers where this editor has a place for them. */
export function registerChat(context: vscode.ExtensionContext, window: LazyWindow): Disposable {
  const store = new DisposableStore();
  const chat = async (): Promise<WindowChat | undefined> => {
    if (!vscode.workspace.isTrusted) return undefined;
    // Which world the window is in is known then. Where it is in none, nothing is loaded for a chat.
    await window.started();
    return window.built?.chat;
  };
  const { contributes } = context.extension.packageJSON as {
    readonly contributes: {
      readonly languageModelTools: readonly {
        readonly name: string;
        readonly displayName: string;
      }[];
    };
  };
  // Editors that are built from VS Code may lack it.
  const { lm } = vscode as { readonly lm?: Partial<typeof vscode.lm> };
  if (typeof lm?.registerTool === 'function') {
    for (const { name, displayName } of contributes.languageModelTools) {
      store.add(lm.registerTool(name, new ChatTool(name, displayName, chat)));
    }
  }
  store.add(registerServers(chat, window.onLoad));
  return store;
}
