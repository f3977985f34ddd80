import { subscribeMessage } from './client-messages.ts';

export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** A client of a database that sees the server's messages as they are, and how its connection ends. */
export class FrameClient {
  readonly frames: Buffer[] = [];
  /** Whether the connection was ever open. */
  hasOpened = false;
  /** How the connection ended; null while it is open. */
  closed: Ending | null = null;
  readonly ended: Promise<Ending>;
  readonly #socket: WebSocket;
  #heard: () => void = () => {};

  /** Resolves with the first message, or once the connection has ended without any. */
  static async connect(uri: string, database: string, token = ''): Promise<FrameClient> {
    const client = new FrameClient(uri, database, token);
    await Promise.race([client.until(() => true), client.ended]);
    return client;
  }

  private constructor(uri: string, database: string, token: string) {
    const query = token === '' ? '' : `&token=${encodeURIComponent(token)}`;
    const address = `${uri.replace(/^http/, 'ws')}v1/database/${database}/subscribe`;
    this.#socket = new WebSocket(`${address}?compression=None${query}`, ['v2.bsatn.spacetimedb']);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('open', () => (this.hasOpened = true));
    this.#socket.addEventListener('message', ({ data }) => {
      this.frames.push(Buffer.from(data as ArrayBuffer));
      this.#heard();
    });
    this.ended = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code, reason }) => {
        this.closed = { code, reason };
        resolve(this.closed);
      });
    });
  }

  send(message: Buffer): void {
    this.#socket.send(message);
  }

  /** Subscribes, and resolves when the first rows are there. */
  async subscribe(...queries: string[]): Promise<void> {
    const before = this.frames.length;
    this.send(subscribeMessage(...queries));
    await this.until(() => this.frames.length > before);
  }

  /** Resolves once a message is there for which something holds. */
  until(holds: (message: Buffer) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const heardBefore = this.#heard;
      this.#heard = () => {
        heardBefore();
        if (this.frames.some(holds)) resolve();
      };
      this.#heard();
    });
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.ended;
  }
}
