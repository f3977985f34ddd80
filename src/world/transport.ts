import type { DbConnectionBuilder, DbConnectionImpl } from 'spacetimedb';
import { WebSocket, type RawData } from 'ws';
import type { Clock } from './clock.ts';
import { SILENT_MS } from './open-waits.ts';

// The library's own name for this type is not exported.
// oxlint-disable-next-line typescript/no-explicit-any -- any remote module will do here
type SocketFactory = Parameters<DbConnectionBuilder<DbConnectionImpl<any>>['withWSFn']>[0];
type SocketArguments = Parameters<SocketFactory>[0];
type SocketAdapter = Awaited<ReturnType<SocketFactory>>;

export interface TransportOptions {
  readonly clock: Clock;
  /** The server gave a sign of life, whatever it was. */
  readonly onHeard?: () => void;
  /** The server answered the upgrade with this HTTP status: nobody by that name, a bad token, … */
  readonly onRefused: (status: number) => void;
  /** A message could not be understood; nothing more is read, and the socket is closed. */
  readonly onBroken: (error: unknown) => void;
}

/**
 * Opens sockets for the client library, in place of its own factory: without compression, with the
 * token in a header (the library first exchanges it for one that may stand in an address, a round
 * trip more), and with a check that the other side is still there. Works on Node 20 too.
 */
export function socketFactory(options: TransportOptions): SocketFactory {
  return (args) => Promise.resolve(new Socket(args, options));
}

const PING_INTERVAL_MS = 15_000;
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;
const UNCOMPRESSED = 0;

class Socket implements SocketAdapter {
  readonly #socket: WebSocket;
  readonly #options: TransportOptions;
  #cancelPing: () => void = () => {};
  #heardMs: number;
  #isBroken = false;

  constructor(args: SocketArguments, options: TransportOptions) {
    this.#options = options;
    this.#heardMs = options.clock.nowMs();
    const socket = new WebSocket(subscribeAddress(args), args.wsProtocol, {
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      ...(args.authToken ? { headers: { authorization: `Bearer ${args.authToken}` } } : {}),
    });
    this.#socket = socket;
    socket.on('unexpected-response', (_request, response) => {
      options.onRefused(response.statusCode ?? 0);
      response.destroy();
      socket.terminate();
    });
    for (const sign of ['open', 'message', 'ping', 'pong'] as const) {
      socket.on(sign, () => {
        this.#heardMs = options.clock.nowMs();
        options.onHeard?.();
      });
    }
    socket.on('open', () => this.#ping());
    socket.on('close', () => this.#cancelPing());
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  set onopen(handler: () => void) {
    this.#socket.on('open', handler);
  }

  set onclose(handler: SocketAdapter['onclose']) {
    // The library reads nothing of the event.
    this.#socket.on('close', () => (handler as () => void)());
  }

  set onerror(handler: SocketAdapter['onerror']) {
    // Typed for browsers, but the library takes an `Error` as it is.
    this.#socket.on('error', (error) => (handler as (error: Error) => void)(error));
  }

  set onmessage(handler: (message: { data: Uint8Array }) => void) {
    this.#socket.on('message', (raw) => {
      if (this.#isBroken) return;
      try {
        handler({ data: payloadOf(raw) });
      } catch (error) {
        // The library may have taken half of a transaction: nothing it knows is certain any more.
        this.#isBroken = true;
        this.#options.onBroken(error);
        this.#socket.terminate();
      }
    });
  }

  send(message: Uint8Array): void {
    this.#socket.send(message);
  }

  close(): void {
    this.#cancelPing();
    this.#socket.close();
  }

  /** A sleeping machine or a cut line gives no sign: pings without any answer end it. */
  #ping(): void {
    const { clock } = this.#options;
    if (clock.nowMs() - this.#heardMs >= SILENT_MS) {
      this.#socket.terminate();
      return;
    }
    this.#socket.ping();
    this.#cancelPing = clock.after(PING_INTERVAL_MS, () => this.#ping());
  }
}

function subscribeAddress({ url, nameOrAddress, confirmedReads }: SocketArguments): URL {
  const address = new URL(`v1/database/${encodeURIComponent(nameOrAddress)}/subscribe`, url);
  address.searchParams.set('compression', 'None');
  if (confirmedReads !== undefined) {
    address.searchParams.set('confirmed', String(confirmedReads));
  }
  return address;
}

function payloadOf(raw: RawData): Uint8Array {
  const frame = Array.isArray(raw) ? Buffer.concat(raw) : new Uint8Array(raw as Buffer);
  if (frame[0] !== UNCOMPRESSED) throw new Error('the server sent a compressed message');
  return frame.subarray(1);
}
