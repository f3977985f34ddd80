import { identityNumber, type IdentityHex } from './identity.ts';
import type { Caller } from './module-runtime.ts';
import { readClientMessages, type ClientMessage } from './protocol/client-message.ts';
import { joinFrames } from './protocol/server-message.ts';

/** The far end of a connection. */
export interface Transport {
  /** Sends one frame; the bytes are not changed afterwards. */
  send(frame: Buffer): void;
  /** Ends the connection; the reason is for the log of whoever is connected. */
  close(reason: string): void;
  /** Bytes handed to `send` that have not left yet; absent where they leave at once. */
  bufferedBytes?(): number;
}

export interface Credentials {
  readonly identity: IdentityHex;
  /** The token the client is told to use from now on. */
  readonly token: string;
  /** The claims of that token, as JSON. */
  readonly claims: string;
}

/** Version 3 may carry several messages in a frame; the messages are the same. */
export type ProtocolVersion = 2 | 3;

export interface SessionLimits {
  /** Bytes a client may leave unread before it is cut off. */
  readonly outboundBytes: number;
  /** Bytes a client may have waiting to be worked on before it is cut off. */
  readonly inboundBytes: number;
}

/** What a session needs of its database. */
export interface SessionHost {
  /** Queues the work of one message. */
  work(session: ClientSession, message: ClientMessage, done: () => void): void;
  /** Says that the session has frames to flush once what they tell of is durable. */
  touched(session: ClientSession): void;
  /** The transport is gone, or was cut. Called once. */
  ended(session: ClientSession): void;
}

/** One client's connection: decodes what comes in, and holds back what goes out until it is true. */
export class ClientSession {
  readonly credentials: Credentials;
  readonly connectionId: string;
  readonly caller: Caller;
  readonly #transport: Transport;
  readonly #host: SessionHost;
  readonly #version: ProtocolVersion;
  readonly #limits: SessionLimits;
  #outgoing: Buffer[] = [];
  #inboundBytes = 0;
  #open = true;

  constructor(
    credentials: Credentials,
    connectionId: string,
    transport: Transport,
    host: SessionHost,
    options: { readonly version: ProtocolVersion; readonly limits: SessionLimits },
  ) {
    this.credentials = credentials;
    this.connectionId = connectionId;
    this.caller = {
      identity: identityNumber(credentials.identity),
      connectionId: BigInt(`0x${connectionId}`),
    };
    this.#transport = transport;
    this.#host = host;
    this.#version = options.version;
    this.#limits = options.limits;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Takes a frame from the client. One that cannot be read ends this connection and no other. */
  receive(frame: Buffer): void {
    if (!this.#open) return;
    let messages: ClientMessage[];
    try {
      messages = readClientMessages(frame);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.cut(`broken frame: ${error.message}`);
      return;
    }
    if (this.#version === 2 && messages.length !== 1) {
      this.cut('broken frame: bytes are left over');
      return;
    }
    this.#inboundBytes += frame.length;
    if (this.#inboundBytes > this.#limits.inboundBytes) {
      this.cut('too much is waiting to be worked on');
      return;
    }
    for (const [index, message] of messages.entries()) {
      const size = index === 0 ? frame.length : 0;
      this.#host.work(this, message, () => (this.#inboundBytes -= size));
    }
  }

  /** The transport has ended. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#outgoing = [];
    this.#host.ended(this);
  }

  /** Ends the connection from this side. */
  cut(reason: string): void {
    if (!this.#open) return;
    this.close();
    this.#transport.close(reason);
  }

  /** Queues a frame until `flush`. */
  send(frame: Buffer): void {
    if (!this.#open) return;
    if (this.#outgoing.length === 0) this.#host.touched(this);
    this.#outgoing.push(frame);
  }

  /** Sends what is queued; a client that does not read what it is sent is cut off. */
  flush(): void {
    if (!this.#open) return;
    const frames = this.#outgoing;
    this.#outgoing = [];
    if (this.#version === 3 && frames.length > 0) this.#transport.send(joinFrames(frames));
    else for (const frame of frames) this.#transport.send(frame);
    const buffered = this.#transport.bufferedBytes?.() ?? 0;
    if (buffered > this.#limits.outboundBytes) this.cut('too far behind');
  }
}
