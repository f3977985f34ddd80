import { once } from 'node:events';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { Subject, Writer, WriterOptions } from '../src/subject.ts';
import { startOffset } from '../src/subject.ts';
import { startPeerServer } from './server-process.ts';

/** A transaction, and so an update and a message, for every keystroke. */
export const yWebsocket = yWebsocketSubject({ batched: false });
/** A transaction for all keystrokes that are typed in one turn of the event loop. */
export const yWebsocketBatched = yWebsocketSubject({ batched: true });

interface YWebsocketSettings {
  readonly batched: boolean;
}

function yWebsocketSubject(settings: YWebsocketSettings): Subject {
  const server = new URL('./y-websocket-server.ts', import.meta.url);
  return {
    startServer: (options) => startPeerServer(server, options, {}),
    openWriter: (options) => YWebsocketWriter.open(options, settings),
  };
}

class YWebsocketWriter implements Writer {
  private readonly provider: WebsocketProvider;
  private readonly content: Y.Text;
  private readonly settings: YWebsocketSettings;
  private caret: number;
  private listener: (keystrokes: number) => void = () => {};

  static async open(
    options: WriterOptions,
    settings: YWebsocketSettings,
  ): Promise<YWebsocketWriter> {
    const provider = new WebsocketProvider(options.connection, options.path, new Y.Doc(), {
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      // Both writers live in one process: over the broadcast channel they would skip the server.
      disableBc: true,
    });
    await new Promise<void>((resolve) => provider.once('sync', () => resolve()));
    return new YWebsocketWriter(provider, options, settings);
  }

  private constructor(
    provider: WebsocketProvider,
    { writerIndex }: WriterOptions,
    settings: YWebsocketSettings,
  ) {
    this.provider = provider;
    this.content = provider.doc.getText('text');
    this.settings = settings;
    this.caret = startOffset(this.content.toJSON(), writerIndex);
    this.content.observe((event, transaction) => {
      if (!transaction.local) this.receive(event.delta);
    });
  }

  text(): string {
    return this.content.toJSON();
  }

  type(characters: string): void {
    const insertAll = () => {
      for (const character of characters) this.content.insert(this.caret++, character);
    };
    if (this.settings.batched) this.provider.doc.transact(insertAll);
    else insertAll();
  }

  onRemote(listener: (keystrokes: number) => void): void {
    this.listener = listener;
  }

  /** Nothing to wait for: the protocol has no acknowledgement. */
  async settled(): Promise<void> {}

  async close(): Promise<void> {
    const socket = this.provider.ws as unknown as WebSocket | null;
    const closed = socket && once(socket, 'close');
    this.provider.destroy();
    this.provider.doc.destroy();
    await closed;
  }

  private receive(delta: Y.YTextEvent['delta']): void {
    let offset = 0;
    let keystrokes = 0;
    for (const step of delta) {
      const inserted = typeof step.insert === 'string' ? step.insert.length : 0;
      if (inserted > 0 && offset <= this.caret) this.caret += inserted;
      offset += inserted + (step.retain ?? 0);
      keystrokes += inserted;
    }
    this.listener(keystrokes);
  }
}
