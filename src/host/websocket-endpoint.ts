import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Credentials, ProtocolVersion, Transport } from './client-session.ts';
import type { CancelTimer, Clock } from './clock.ts';
import type { Database } from './database.ts';

const PROTOCOLS: ReadonlyMap<string, ProtocolVersion> = new Map([
  ['v3.bsatn.spacetimedb', 3],
  ['v2.bsatn.spacetimedb', 2],
]);

const PING_EVERY_MS = 15_000;
const IDLE_MS = 30_000;
/** A timer that is later than this has waited for a call. */
const LATE_MS = 2000;

export interface WebSocketLimits {
  /** Largest message a client may send, in bytes. */
  readonly messageBytes: number;
}

/** Turns upgraded sockets into connections to databases. */
export class WebSocketEndpoint {
  readonly #server: WebSocketServer;
  readonly #heardFrom = new Map<WebSocket, number>();
  readonly #clock: Clock;
  readonly #active: () => void;
  #cancelBeat: CancelTimer;
  #beatMs: number;

  /** `active` is called whenever a client says something. */
  constructor(limits: WebSocketLimits, clock: Clock, active: () => void) {
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: limits.messageBytes,
      WebSocket: DroppingWebSocket,
      perMessageDeflate: false,
      handleProtocols: (offered) => {
        for (const protocol of PROTOCOLS.keys()) if (offered.has(protocol)) return protocol;
        return false;
      },
    });
    this.#clock = clock;
    this.#active = active;
    this.#beatMs = this.#nowMs();
    this.#cancelBeat = clock.after(PING_EVERY_MS, () => this.#beat());
  }

  /** Whether a client offers a version of the protocol that is spoken here. */
  speaks(request: IncomingMessage): boolean {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',');
    return offered.some((protocol) => PROTOCOLS.has(protocol.trim()));
  }

  connect(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    database: Database,
    credentials: Credentials,
  ): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const version = PROTOCOLS.get(webSocket.protocol) ?? 2;
      const connection = database.connect(
        credentials,
        transportOf(webSocket, this.#clock),
        version,
      );
      this.#heardFrom.set(webSocket, this.#nowMs());
      webSocket.on('message', (data: Buffer) => {
        this.#heard(webSocket);
        connection.receive(data);
      });
      webSocket.on('pong', () => this.#heard(webSocket));
      // A broken or oversized frame: `ws` closes the socket with the fitting code after this.
      webSocket.on('error', () => connection.close());
      webSocket.on('close', () => {
        this.#heardFrom.delete(webSocket);
        connection.close();
      });
    });
  }

  close(): void {
    this.#cancelBeat();
    for (const webSocket of this.#heardFrom.keys()) webSocket.terminate();
  }

  #heard(webSocket: WebSocket): void {
    this.#heardFrom.set(webSocket, this.#nowMs());
    this.#active();
  }

  #beat(): void {
    const now = this.#nowMs();
    // While a call took long nothing was read: what clients said waits behind this very timer.
    const wasBusy = now - this.#beatMs > PING_EVERY_MS + LATE_MS;
    this.#beatMs = now;
    for (const [webSocket, heardMs] of this.#heardFrom) {
      if (now - heardMs > IDLE_MS && !wasBusy) webSocket.terminate();
      else webSocket.ping();
    }
    this.#cancelBeat = this.#clock.after(PING_EVERY_MS, () => this.#beat());
  }

  #nowMs(): number {
    return Number(this.#clock.nowMicros() / 1000n);
  }
}

/** Ends without a word where a message is too large, as SpacetimeDB does. */
class DroppingWebSocket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    if (code === MESSAGE_TOO_BIG) this.terminate();
    else super.close(code, data);
  }
}

const MESSAGE_TOO_BIG = 1009;
const LONGEST_REASON_BYTES = 123;
const CLOSE_GRACE_MS = 1000;

function transportOf(webSocket: WebSocket, clock: Clock): Transport {
  let sent = (): void => {};
  return {
    send: (frame) => {
      // A failed send is followed by the socket's end, which is where it is dealt with.
      if (webSocket.readyState === webSocket.OPEN) webSocket.send(frame, () => sent());
    },
    close(reason, how) {
      if (how === 'dropped') {
        webSocket.terminate();
        return;
      }
      webSocket.close(how, reason.slice(0, LONGEST_REASON_BYTES));
      const cancel = clock.after(CLOSE_GRACE_MS, () => webSocket.terminate());
      webSocket.once('close', cancel);
    },
    bufferedBytes: () => webSocket.bufferedAmount,
    onSent: (listener) => (sent = listener),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
  };
}
