import { once } from 'node:events';
import { collab, getSyncedVersion, receiveUpdates, sendableUpdates } from '@codemirror/collab';
import { ChangeSet, EditorState } from '@codemirror/state';
import { WebSocket } from 'ws';
import type { Subject, Writer, WriterOptions } from '../src/subject.ts';
import { startOffset } from '../src/subject.ts';
import type { PushMessage, ServerMessage, UpdateJson } from './codemirror-messages.ts';
import type { CodeMirrorSettings } from './codemirror-server.ts';
import { startPeerServer } from './server-process.ts';

export const codeMirror = codeMirrorSubject({ durable: false });
export const codeMirrorDurable = codeMirrorSubject({ durable: true });

function codeMirrorSubject(settings: CodeMirrorSettings): Subject {
  const server = new URL('./codemirror-server.ts', import.meta.url);
  return {
    startServer: (options) => startPeerServer(server, options, settings),
    openWriter: (options) => CodeMirrorWriter.open(options),
  };
}

/** An editor state without a view; one push is under way at a time and takes all that waits. */
class CodeMirrorWriter implements Writer {
  private readonly socket: WebSocket;
  private readonly clientID: string;
  private state: EditorState;
  private caret: number;
  private pushing = false;
  private listener: (keystrokes: number) => void = () => {};
  private whenSettled: (() => void)[] = [];

  static async open({ connection, path, writerIndex }: WriterOptions): Promise<CodeMirrorWriter> {
    const socket = new WebSocket(`${connection}/${path}`);
    const [data] = (await once(socket, 'message')) as [Buffer];
    const message = JSON.parse(data.toString()) as ServerMessage;
    if (message.kind !== 'document')
      throw new Error('the authority did not send the document first');
    const clientID = `writer-${writerIndex}`;
    const state = EditorState.create({
      doc: message.text,
      extensions: [collab({ startVersion: message.version, clientID })],
    });
    return new CodeMirrorWriter(socket, clientID, state, startOffset(message.text, writerIndex));
  }

  private constructor(socket: WebSocket, clientID: string, state: EditorState, caret: number) {
    this.socket = socket;
    this.clientID = clientID;
    this.state = state;
    this.caret = caret;
    socket.on('message', (data: Buffer) =>
      this.receive(JSON.parse(data.toString()) as ServerMessage),
    );
  }

  text(): string {
    return this.state.doc.toString();
  }

  type(characters: string): void {
    for (const character of characters) {
      this.state = this.state.update({ changes: { from: this.caret, insert: character } }).state;
      this.caret += 1;
    }
    this.push();
  }

  onRemote(listener: (keystrokes: number) => void): void {
    this.listener = listener;
  }

  async settled(): Promise<void> {
    if (sendableUpdates(this.state).length === 0) return;
    await new Promise<void>((resolve) => this.whenSettled.push(resolve));
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  private push(): void {
    const updates = sendableUpdates(this.state);
    if (this.pushing || updates.length === 0) return;
    this.pushing = true;
    const message: PushMessage = {
      version: getSyncedVersion(this.state),
      updates: updates.map(({ clientID, changes }) => ({ clientID, changes: changes.toJSON() })),
    };
    this.socket.send(JSON.stringify(message));
  }

  private receive(message: ServerMessage): void {
    if (message.kind !== 'updates') return;
    const transaction = receiveUpdates(this.state, message.updates.map(fromJson));
    this.state = transaction.state;
    this.caret = transaction.changes.mapPos(this.caret);
    const own = message.updates[0]?.clientID === this.clientID;
    if (own) this.confirmed();
    else this.listener(message.updates.length);
  }

  private confirmed(): void {
    this.pushing = false;
    this.push();
    if (this.pushing) return;
    for (const resolve of this.whenSettled.splice(0)) resolve();
  }
}

function fromJson({ clientID, changes }: UpdateJson): { clientID: string; changes: ChangeSet } {
  return { clientID, changes: ChangeSet.fromJSON(changes) };
}
