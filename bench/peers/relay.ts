import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Subject, Writer, WriterIndex, WriterOptions } from '../src/subject.ts';
import { startPeerServer } from './server-process.ts';

/** No shared document at all: each writer keeps what it typed and what came from the other. */
export const relay: Subject = {
  startServer: (options) =>
    startPeerServer(new URL('./relay-server.ts', import.meta.url), options, {}),
  openWriter: (options) => RelayWriter.open(options),
};

class RelayWriter implements Writer {
  private readonly socket: WebSocket;
  private readonly writerIndex: WriterIndex;
  private readonly typed: [string, string] = ['', ''];
  private listener: (keystrokes: number) => void = () => {};

  static async open({ connection, path, writerIndex }: WriterOptions): Promise<RelayWriter> {
    const socket = new WebSocket(`${connection}/${path}`);
    await once(socket, 'open');
    return new RelayWriter(socket, writerIndex);
  }

  private constructor(socket: WebSocket, writerIndex: WriterIndex) {
    this.socket = socket;
    this.writerIndex = writerIndex;
    socket.on('message', (data: Buffer) => {
      this.typed[writerIndex === 0 ? 1 : 0] += data.toString();
      this.listener(1);
    });
  }

  text(): string {
    return this.typed.join('');
  }

  type(characters: string): void {
    for (const character of characters) {
      this.typed[this.writerIndex] += character;
      this.socket.send(character);
    }
  }

  onRemote(listener: (keystrokes: number) => void): void {
    this.listener = listener;
  }

  async settled(): Promise<void> {}

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}
