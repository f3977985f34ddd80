import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  /** 0 where the socket was closed without an answer. */
  readonly status: number;
  readonly text: string;
}

export interface RawRequest {
  readonly port: number;
  readonly method: string;
  /** With the key. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A request as no well-behaved client would make it. Never rejects. */
export function askRaw(raw: RawRequest): Promise<RawAnswer> {
  const { port, method, path, body = '' } = raw;
  // Of some methods a body without a length would be taken for another request.
  const headers = { 'content-length': `${Buffer.byteLength(body)}`, ...raw.headers };
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: false };
    const asked = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', () => resolve({ status: 0, text: '' }));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    asked.on('error', () => resolve({ status: 0, text: '' }));
    asked.end(body);
  });
}

/** Bytes sent to a port, whatever they are; resolves with what came back once it is over. */
export function sendBytes(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

export interface RawUpgrade {
  readonly port: number;
  /** With the key. */
  readonly path: string;
  readonly headers?: readonly string[];
}

/** A WebSocket without a library on this end: frames are sent as they are given, well made or not. */
export class RawSocket {
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #received = Buffer.alloc(0);
  #heard: () => void = () => {};

  constructor({ port, path, headers = [] }: RawUpgrade) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (part) => {
      this.#received = Buffer.concat([this.#received, part]);
      this.#heard();
    });
    this.#socket.on('error', () => {});
    this.#closed = new Promise((resolve) => this.#socket.on('close', () => resolve()));
    const lines = [
      `GET ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: v2.bsatn.spacetimedb',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...headers,
    ];
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  /** The status of the answer to the upgrade; 0 where the socket ends without one. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.#received.toString('latin1'))?.[1] ?? 0);
  }

  /** What came after the upgrade's answer: the server's frames, not taken apart. */
  get frames(): Buffer {
    const end = this.#received.indexOf('\r\n\r\n');
    return end < 0 ? Buffer.alloc(0) : this.#received.subarray(end + 4);
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Waits until the far end has closed. */
  closed(): Promise<void> {
    return this.#closed;
  }

  /** Waits until a condition on what was received holds, or the far end has closed. */
  async until(holds: (socket: this) => boolean): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#heard = () => {
        if (holds(this)) resolve();
      };
      this.#heard();
    });
    await Promise.race([heard, this.#closed]);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** A client's frame, masked with zeros, which leaves its payload as it is. */
export function frame(payload: Buffer, opcode = BINARY): Buffer {
  const short = payload.length < 126;
  const head = Buffer.alloc(short ? 6 : payload.length < 65_536 ? 8 : 14);
  head[0] = 0x80 | opcode;
  if (short) head[1] = 0x80 | payload.length;
  else if (head.length === 8) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(payload.length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, payload]);
}

export const TEXT = 1;
export const BINARY = 2;
