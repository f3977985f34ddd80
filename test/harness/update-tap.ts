import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { BsatnReader } from '../../src/host/bsatn/reader.ts';

/** What a server told one client of changes: rows by table, inserted and deleted, and all bytes. */
export interface Tally {
  /** How often the client itself asked for something. */
  readonly asked: number;
  readonly messages: number;
  readonly bytes: number;
  readonly rows: Readonly<Record<string, number>>;
}

/** Stands between one client and a server, and counts what the client is told. */
export interface UpdateTap {
  readonly port: number;
  /** What came since it was asked last. */
  take(): Tally;
  close(): Promise<void>;
}

export async function startUpdateTap(target: URL): Promise<UpdateTap> {
  const http = createServer((request, response) => void answer(target, request, response));
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first! });
  const open = new Set<WebSocket>();
  let tally = new OpenTally();
  http.on('upgrade', (request, socket, head) => {
    const address = new URL(request.url ?? '/', target);
    address.protocol = 'ws:';
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/, */);
    const { authorization } = request.headers;
    const far = new WebSocket(address, offered, {
      perMessageDeflate: false,
      maxPayload: 0,
      headers: authorization === undefined ? {} : { authorization },
    });
    open.add(far);
    far.once('open', () => {
      request.headers['sec-websocket-protocol'] = far.protocol;
      sockets.handleUpgrade(request, socket, head, (near) => {
        open.add(near);
        near.on('message', (data) => {
          tally.asked++;
          far.send(data as Buffer);
        });
        near.on('close', () => far.close());
        far.on('close', () => near.close());
        const pass = (data: RawData): void => {
          tally.add(data as Buffer);
          near.send(data as Buffer);
        };
        for (const data of early.splice(0)) pass(data);
        far.off('message', keep);
        far.on('message', pass);
      });
    });
    const early: RawData[] = [];
    const keep = (data: RawData): void => void early.push(data);
    far.on('message', keep);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    take() {
      const taken = tally;
      tally = new OpenTally();
      return taken;
    },
    async close() {
      for (const socket of open) socket.terminate();
      const closed = once(http, 'close');
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

/** Only `hello` comes this way. */
async function answer(
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const address = new URL(request.url ?? '/', target);
  const answered = await fetch(address, { method: request.method ?? 'GET' });
  response.writeHead(answered.status).end(Buffer.from(await answered.arrayBuffer()));
}

class OpenTally implements Tally {
  asked = 0;
  messages = 0;
  bytes = 0;
  readonly rows: Record<string, number> = {};

  /** A frame may hold several messages; those that tell no changes end the reading of it. */
  add(frame: Buffer): void {
    const reader = new BsatnReader(frame, 1);
    while (reader.remaining > 0) {
      const tag = reader.u8();
      if (tag === TRANSACTION_UPDATE) this.#updates(reader);
      else if (tag === REDUCER_RESULT && isOk(reader)) this.#updates(reader);
      else return;
      this.messages++;
    }
    this.bytes += frame.length;
  }

  #updates(reader: BsatnReader): void {
    for (let sets = reader.u32(); sets > 0; sets--) {
      reader.u32();
      for (let tables = reader.u32(); tables > 0; tables--) {
        const table = reader.string();
        for (let parts = reader.u32(); parts > 0; parts--) {
          const isEvent = reader.u8() === 1;
          const count = rowsIn(reader) + (isEvent ? 0 : rowsIn(reader));
          this.rows[table] = (this.rows[table] ?? 0) + count;
        }
      }
    }
  }
}

/** The answer to a call of ours that changed something. */
function isOk(reader: BsatnReader): boolean {
  reader.u32();
  reader.i64();
  if (reader.u8() !== 0) return false;
  reader.bytes();
  return true;
}

function rowsIn(reader: BsatnReader): number {
  const fixedSize = reader.u8() === 0 ? reader.u16() : undefined;
  const offsets = fixedSize === undefined ? reader.array(() => reader.u64()).length : 0;
  const { length } = reader.bytes();
  return fixedSize === undefined ? offsets : length / fixedSize;
}

const TRANSACTION_UPDATE = 4;
const REDUCER_RESULT = 6;
