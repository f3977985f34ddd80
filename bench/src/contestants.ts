import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SubjectReference } from './subject.ts';

/** A subject as the tables show it. */
export interface Contestant {
  readonly label: string;
  /** Acknowledged and passed on only when it is on the disk. */
  readonly durable: boolean;
  readonly reference: SubjectReference;
}

const ours = new URL('./agent-world-subject.ts', import.meta.url).href;
// By address and not by a static import: the project's type check has to work without the peers.
const peer = (file: string) => new URL(`../peers/${file}`, import.meta.url).href;

export const agentWorld: Contestant = {
  label: 'Agent World, embedded host',
  durable: true,
  reference: { module: ours, exportName: 'agentWorld' },
};

/**
 * The same subject out of another checkout, which has its dependencies and is built: its host, its
 * module and its clients.
 */
export function buildBefore(folder: string): Contestant {
  const module = pathToFileURL(path.join(folder, 'bench', 'src', 'agent-world-subject.ts')).href;
  return {
    label: 'Agent World, the build before',
    durable: true,
    reference: { module, exportName: 'agentWorld' },
  };
}

export const crowdedAgentWorld: Contestant = {
  label: 'Agent World, 200 open tickets and 50 members',
  durable: true,
  reference: { module: ours, exportName: 'crowdedAgentWorld' },
};

export const codeMirrorDurable: Contestant = {
  label: 'CodeMirror collab + fdatasync',
  durable: true,
  reference: { module: peer('codemirror.ts'), exportName: 'codeMirrorDurable' },
};

export const codeMirror: Contestant = {
  label: 'CodeMirror collab',
  durable: false,
  reference: { module: peer('codemirror.ts'), exportName: 'codeMirror' },
};

export const yWebsocket: Contestant = {
  label: 'y-websocket 2.1, an update per keystroke',
  durable: false,
  reference: { module: peer('y-websocket.ts'), exportName: 'yWebsocket' },
};

export const yWebsocketBatched: Contestant = {
  label: 'y-websocket 2.1, one update for 100 keystrokes',
  durable: false,
  reference: { module: peer('y-websocket.ts'), exportName: 'yWebsocketBatched' },
};

export const relay: Contestant = {
  label: 'WebSocket relay, no document',
  durable: false,
  reference: { module: peer('relay.ts'), exportName: 'relay' },
};

export const agentWorldFold: SubjectReference = {
  module: ours,
  exportName: 'prepareAgentWorldFold',
};

export const agentWorldRowFold: SubjectReference = {
  module: ours,
  exportName: 'prepareAgentWorldRowFold',
};

export const yjsFold: SubjectReference = {
  module: peer('yjs-fold.ts'),
  exportName: 'prepareYjsFold',
};
