import * as vscode from 'vscode';
import type { CursorSettings } from '../decorations/remote-cursors.ts';
import type { SaveRemoteEdits } from './remote-saves.ts';

/** The user's settings, as they are now. */
export interface Settings {
  readonly bindOnOpen: boolean;
  readonly displayName: string;
  readonly cursors: CursorSettings;
  readonly presenceShare: boolean;
  readonly presenceBadges: boolean;
  readonly presenceMeetings: boolean;
  readonly followOpensFiles: boolean;
  readonly authorshipHover: boolean;
  readonly mirrorEnabled: boolean;
  /** Which new messages are told in a notification. */
  readonly messagesNotify: 'off' | 'toMe' | 'all';
  /** Of which of the user's agents a notification tells. */
  readonly agentsNotify: 'off' | 'waiting' | 'all';
  readonly saveRemoteEdits: SaveRemoteEdits;
  /** What VS Code's chat is given to work with. */
  readonly chatOffer: 'tools' | 'server' | 'off';
  /** What has threads beside its lines. */
  readonly threadsShow: 'all' | 'messages' | 'conflicts' | 'off';
}

/**
 * Acts when a setting of the extension, or one of a group, may have another value. The name is without
 * `agentWorld.`, as in the table of docs/settings.md, which says of each when it acts.
 */
export function onSetting(name: string, act: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`agentWorld.${name}`)) act();
  });
}

export function readSettings(): Settings {
  const settings = vscode.workspace.getConfiguration('agentWorld');
  return {
    bindOnOpen: settings.get('bindOnOpen', true),
    displayName: settings.get('displayName', '').trim(),
    cursors: {
      show: settings.get<CursorSettings['show']>('cursors.show', 'all'),
      labels: settings.get('cursors.labels', true),
      labelMs: 1000 * settings.get('cursors.labelSeconds', 4),
    },
    presenceShare: settings.get('presence.share', true),
    presenceBadges: settings.get('presence.badges', true),
    presenceMeetings: settings.get('presence.meetings', true),
    followOpensFiles: settings.get('follow.openFiles', true),
    authorshipHover: settings.get('authorship.hover', true),
    mirrorEnabled: settings.get('mirror.enabled', true),
    messagesNotify: settings.get<Settings['messagesNotify']>('messages.notify', 'off'),
    agentsNotify: settings.get<Settings['agentsNotify']>('agents.notify', 'all'),
    chatOffer: settings.get<Settings['chatOffer']>('chat.offer', 'tools'),
    threadsShow: settings.get<Settings['threadsShow']>('threads.show', 'all'),
    saveRemoteEdits: settings.get<SaveRemoteEdits>('saveRemoteEdits', 'others'),
  };
}
