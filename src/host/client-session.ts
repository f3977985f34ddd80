import { BsatnReader } from './bsatn/reader.ts';
import { identityNumber, type IdentityHex } from './identity.ts';
import type { Caller } from './module-runtime.ts';
import { readClientMessage, type ClientMessage } from './protocol/client-message.ts';
import { joinFrames } from './protocol/server-message.ts';

/** The far end of a connection. */
export interface Transport {
  /** Sends one frame; the bytes are not changed afterwards. */
  send(frame: Buffer): void;
  /** Ends the connection; the reason is for the log of whoever is connected. */
  close(reason: string, how: CloseCode): void;
  /** Bytes handed to `send` that have not left yet; absent where they leave at once. */
  bufferedBytes?(): number;
  /** Calls back whenever some of them have left. */
  onSent?(listener: () => void): void;
  /** Reads nothing more from the client until `resume`, so that it has to wait. */
  pause?(): void;
  resume?(): void;
}

/** With a closing frame that has this code, or without any: then the client is told 1006. */
export type CloseCode = number | 'dropped';

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
  /**
   * Frames a client may have waiting before it is cut off, as SpacetimeDB does. Without it no more is
   * read from a client than is worked on, and it waits.
   */
  readonly queuedFrames?: number;
}

/** What a session needs of its database. */
export interface SessionHost {
  /**
   * Queues the work of one message; a session has one queued at a time. `isAhead` says that it was
   * sent, among others, before those before it were answered.
   */
  work(task: () => void, isAhead: boolean): void;
  /** Does what a message asks for. */
  handle(session: ClientSession, message: ClientMessage): void;
  /** Says that the session has frames to flush once what they tell of is durable. */
  touched(session: ClientSession): void;
  /** The transport is gone, or was cut. Called once. */
  ended(session: ClientSession): void;
}

/**
 * One client's connection: decodes what comes in when its turn comes, and holds back what goes out
 * until it is true. A client that sends faster than it is served, or reads slower, is not read from.
 */
export class ClientSession {
  readonly credentials: Credentials;
  readonly connectionId: string;
  readonly caller: Caller;
  readonly #transport: Transport;
  readonly #host: SessionHost;
  readonly #version: ProtocolVersion;
  readonly #limits: SessionLimits;
  /** Frames that wait for their turn; of the first one, a part may be done. */
  #inbox: BsatnReader[] = [];
  #doneOfFrame = 0;
  #inboundBytes = 0;
  #isQueued = false;
  #isPaused = false;
  /** Whether more had come when the message before was worked on than goes together. */
  #isAhead = false;
  #outgoing: Buffer[] = [];
  #isOwedAnswer = false;
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
    transport.onSent?.(() => this.#regulate());
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Whether something that was asked for is among what waits to be sent. */
  get isOwedAnswer(): boolean {
    return this.#isOwedAnswer;
  }

  /** Takes a frame from the client. One that cannot be read ends this connection and no other. */
  receive(frame: Buffer): void {
    if (!this.#open) return;
    this.#inbox.push(new BsatnReader(frame));
    this.#inboundBytes += frame.length;
    if (this.#inboundBytes > this.#limits.inboundBytes) {
      this.cut('too much is waiting to be worked on');
      return;
    }
    if (this.#inbox.length > (this.#limits.queuedFrames ?? Infinity)) {
      this.cut('too many requests', TRY_AGAIN_LATER);
      return;
    }
    this.#regulate();
  }

  /** Sees to it that the next message gets its turn, and that no more comes in than is worked on. */
  #regulate(): void {
    if (!this.#open) return;
    const isBehind = (this.#transport.bufferedBytes?.() ?? 0) > UNREAD_BYTES;
    const [most, mostBytes] = this.#isPaused
      ? [FRAMES_WAITING / 2, BYTES_WAITING / 2]
      : [FRAMES_WAITING, BYTES_WAITING];
    const isMuch =
      this.#limits.queuedFrames === undefined &&
      (this.#inbox.length > most || this.#inboundBytes > mostBytes);
    if (this.#isPaused !== (isBehind || isMuch)) {
      this.#isPaused = !this.#isPaused;
      if (this.#isPaused) this.#transport.pause?.();
      else this.#transport.resume?.();
    }
    if (this.#isQueued || isBehind || this.#inbox.length === 0) return;
    this.#isQueued = true;
    this.#host.work(() => {
      this.#isQueued = false;
      this.#workOne();
      this.#isAhead = this.#inbox.length + this.#doneOfFrame > MESSAGES_AT_ONCE;
      this.#regulate();
    }, this.#isAhead);
  }

  #workOne(): void {
    const [reader] = this.#inbox;
    if (reader === undefined) return;
    let message: ClientMessage;
    try {
      message = readClientMessage(reader);
      if (this.#version === 2 && reader.remaining > 0) throw new RangeError('bytes are left over');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.cut(`broken frame: ${error.message}`);
      return;
    }
    this.#doneOfFrame++;
    if (reader.remaining === 0) {
      this.#doneOfFrame = 0;
      this.#inbox.shift();
      this.#inboundBytes -= reader.offset;
    }
    this.#host.handle(this, message);
  }

  /** The transport has ended. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#inbox = [];
    this.#outgoing = [];
    this.#host.ended(this);
  }

  /** Ends the connection from this side. */
  cut(reason: string, how: CloseCode = NORMAL_CLOSURE): void {
    if (!this.#open) return;
    this.close();
    this.#transport.close(reason, how);
  }

  /** Queues a frame until `flush`: an answer, or what the client must hear to understand one. */
  send(frame: Buffer): void {
    this.#isOwedAnswer = true;
    this.tell(frame);
  }

  /** Queues a frame until `flush` that tells what others did. */
  tell(frame: Buffer): void {
    if (!this.#open) return;
    this.#host.touched(this);
    this.#outgoing.push(frame);
  }

  /** Sends what is queued; a client that does not read what it is sent is cut off. */
  flush(): void {
    if (!this.#open) return;
    const frames = this.#outgoing;
    this.#outgoing = [];
    this.#isOwedAnswer = false;
    if (this.#version === 3 && frames.length > 0) this.#transport.send(joinFrames(frames));
    else for (const frame of frames) this.#transport.send(frame);
    const buffered = this.#transport.bufferedBytes?.() ?? 0;
    if (buffered > this.#limits.outboundBytes) this.cut('too far behind');
  }
}

const NORMAL_CLOSURE = 1000;
const TRY_AGAIN_LATER = 1013;
/** An unsubscription goes together with what is asked next, an edit with where the cursor is. */
const MESSAGES_AT_ONCE = 2;
/** Beyond either, no more is read from the client until half of it is done. */
const FRAMES_WAITING = 64;
const BYTES_WAITING = 256 * 1024;
/** A client that has so much to read yet is not asked what else it wants. */
const UNREAD_BYTES = 1024 * 1024;
