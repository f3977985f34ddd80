/**
 * Owns: what a client says and is told, as the protocol's package takes it: bounded, and no faster than a window can
 * follow. A client that floods is not read from until its turn comes, so the flood is its own to wait for. Does not
 * know: what messages mean, but for updates of a session, which go to whoever shows them: they come in hundreds, and
 * the package would drop those that it does not know.
 */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import { at } from '../agents/hooks/input-fields.ts';
import type { Clock } from '../world/clock.ts';

export interface ClientStreamOptions {
  readonly input: Writable;
  readonly output: Readable;
  readonly clock: Clock;
  /** An update of a session, in the order in which it was said. */
  readonly onUpdate: (params: unknown) => void;
}

/** Why no more is read. */
export class StreamFault extends Error {
  readonly code: 'client_garbled' | 'client_too_long';

  constructor(code: StreamFault['code']) {
    super(code);
    this.code = code;
  }
}

export function clientStream(options: ClientStreamOptions): Stream {
  const { input } = options;
  const listener = new Listener(options);
  return {
    readable: new ReadableStream<AnyMessage>(
      {
        async pull(controller) {
          const message = await listener.next();
          if (message === undefined) controller.close();
          else controller.enqueue(message);
        },
        cancel: () => listener.cancel(),
      },
      { highWaterMark: 0 },
    ),
    writable: new WritableStream<AnyMessage>({
      async write(message) {
        listener.sent(message);
        if (!input.writable) throw new Error('The client takes no more');
        if (!input.write(`${JSON.stringify(message)}\n`)) await drained(input);
      },
    }),
  };
}

class Listener {
  readonly #options: ClientStreamOptions;
  readonly #chunks: AsyncIterator<Buffer>;
  /** Lines that were read and not given yet. */
  #lines: Buffer[] = [];
  #rest: Buffer[] = [];
  #restBytes = 0;
  #isOver = false;
  /** Ids of questions that have no answer yet: the client's, and ours. */
  readonly #asked = new Set<unknown>();
  readonly #asking = new Set<unknown>();
  #goOn: (() => void) | undefined;
  #garbage = 0;
  /** What was taken in this slice of time. */
  #sliceMs = 0;
  #messages = 0;
  #bytes = 0;

  constructor(options: ClientStreamOptions) {
    this.#options = options;
    this.#chunks = options.output[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Undefined at the end. Rejects with `StreamFault`. */
  async next(): Promise<AnyMessage | undefined> {
    while (!this.#isOver) {
      const line = this.#lines.shift() ?? (await this.#nextLine());
      if (line === undefined) return undefined;
      await this.#pace(line.length);
      const message = this.#messageOf(line);
      if (message === undefined) continue;
      if (isRequest(message)) {
        // Whoever asks without waiting for answers waits here.
        while (this.#asked.size >= MOST_ASKED && !this.#isOver) {
          await new Promise<void>((resolve) => (this.#goOn = resolve));
        }
        this.#asked.add(at(message, 'id'));
      }
      return message;
    }
    return undefined;
  }

  /** What is told to the client. */
  sent(message: AnyMessage): void {
    const id = at(message, 'id');
    if (id === undefined) return;
    if ('method' in message) {
      this.#asking.add(id);
      return;
    }
    this.#asked.delete(id);
    this.#goOn?.();
    this.#goOn = undefined;
  }

  async cancel(): Promise<void> {
    this.#isOver = true;
    this.#goOn?.();
    await this.#chunks.return?.();
  }

  async #nextLine(): Promise<Buffer | undefined> {
    while (this.#lines.length === 0) {
      const { value, done } = await this.#chunks.next().catch(() => OVER);
      if (done === true || value === undefined) return undefined;
      this.#split(value);
    }
    return this.#lines.shift();
  }

  #split(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
      this.#keep(chunk.subarray(from, end));
      this.#lines.push(this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest));
      this.#rest = [];
      this.#restBytes = 0;
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  #keep(part: Buffer): void {
    this.#restBytes += part.length;
    if (this.#restBytes > MOST_LINE) throw new StreamFault('client_too_long');
    this.#rest.push(part);
  }

  /** Undefined for what says nothing to the package. */
  #messageOf(line: Buffer): AnyMessage | undefined {
    const message = parsed(line);
    const isAnswer = message !== undefined && !('method' in message);
    // Clients print words of theirs there, too: some are borne.
    if (message === undefined || (isAnswer && !this.#asking.delete(at(message, 'id')))) {
      if (line.toString('latin1').trim() !== '') this.#garbage++;
      if (this.#garbage > MOST_GARBAGE) throw new StreamFault('client_garbled');
      return undefined;
    }
    this.#garbage = 0;
    if (at(message, 'method') !== 'session/update') return message;
    this.#options.onUpdate(at(message, 'params'));
    return undefined;
  }

  /** Waits for the next slice of time where this one has had enough. */
  async #pace(bytes: number): Promise<void> {
    const { clock } = this.#options;
    if (clock.nowMs() - this.#sliceMs >= SLICE_MS) this.#begin();
    this.#messages++;
    this.#bytes += bytes;
    if (this.#messages <= MESSAGES_A_SLICE && this.#bytes <= BYTES_A_SLICE) return;
    await new Promise<void>((resolve) => {
      clock.after(SLICE_MS, resolve);
    });
    this.#begin();
  }

  #begin(): void {
    this.#sliceMs = this.#options.clock.nowMs();
    this.#messages = 0;
    this.#bytes = 0;
  }
}

/** Undefined for what is no message of JSON-RPC. */
function parsed(line: Buffer): AnyMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
  if (at(value, 'jsonrpc') !== '2.0' || Array.isArray(value)) return undefined;
  const [id, method] = [at(value, 'id'), at(value, 'method')];
  const hasId = typeof id === 'string' || typeof id === 'number' || id === null;
  if (method === undefined ? !hasId : typeof method !== 'string') return undefined;
  if (id !== undefined && !hasId) return undefined;
  return value as AnyMessage;
}

function isRequest(message: AnyMessage): boolean {
  return 'method' in message && at(message, 'id') !== undefined;
}

/** Also where it ends. */
async function drained(input: Writable): Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  try {
    await Promise.race([
      once(input, 'drain', { signal }),
      once(input, 'close', { signal }),
      once(input, 'finish', { signal }),
    ]);
  } finally {
    ending.abort();
  }
}

const OVER = { value: undefined, done: true } as const;
const LINE_END = 0x0a;
/** A whole file may be in it, with each character escaped. */
const MOST_LINE = 16 * 1024 * 1024;
/** One after the other, without a message between them. */
const MOST_GARBAGE = 200;
/** At once. */
const MOST_ASKED = 64;
const SLICE_MS = 50;
const MESSAGES_A_SLICE = 400;
const BYTES_A_SLICE = 1024 * 1024;
