// A central authority for @codemirror/collab: it rebases what comes late instead of refusing it.
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Update } from '@codemirror/collab';
import { rebaseUpdates } from '@codemirror/collab';
import { ChangeSet, Text } from '@codemirror/state';
import type { WebSocket } from 'ws';
import type { PushMessage, ServerMessage } from './codemirror-messages.ts';
import { servePeer } from './server-process.ts';

export interface CodeMirrorSettings {
  /** Append each commit to a file and wait for the disk before telling anybody. */
  readonly durable: boolean;
}

class Authority {
  private readonly updates: Update[] = [];
  private readonly sockets = new Set<WebSocket>();
  private document: Text;
  private readonly commit: (line: string) => void;

  constructor(text: string, commit: (line: string) => void) {
    this.document = Text.of(text.split('\n'));
    this.commit = commit;
  }

  accept(socket: WebSocket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('message', (data: Buffer) => this.push(JSON.parse(data.toString()) as PushMessage));
    const welcome: ServerMessage = {
      kind: 'document',
      version: this.updates.length,
      text: this.document.toString(),
    };
    socket.send(JSON.stringify(welcome));
  }

  private push({ version, updates }: PushMessage): void {
    const received = updates.map(({ clientID, changes }) => ({
      clientID,
      changes: ChangeSet.fromJSON(changes),
    }));
    const rebased = rebaseUpdates(received, this.updates.slice(version));
    for (const update of rebased) {
      this.updates.push(update);
      this.document = update.changes.apply(this.document);
    }
    const message: ServerMessage = {
      kind: 'updates',
      updates: rebased.map(({ clientID, changes }) => ({ clientID, changes: changes.toJSON() })),
    };
    const line = JSON.stringify(message);
    this.commit(line);
    for (const socket of this.sockets) socket.send(line);
  }
}

servePeer<CodeMirrorSettings>(({ files, dataFolder, settings }) => {
  const commit = settings.durable ? appendDurably(join(dataFolder, 'commits.jsonl')) : () => {};
  const authorities = new Map(
    Object.entries(files).map(([path, text]) => [path, new Authority(text, commit)]),
  );
  return (socket, path) => authorities.get(path)?.accept(socket);
});

function appendDurably(path: string): (line: string) => void {
  const descriptor = openSync(path, 'a');
  return (line) => {
    writeSync(descriptor, `${line}\n`);
    fdatasyncSync(descriptor);
  };
}
