import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';

export interface StdioEndOptions {
  readonly input?: Readable;
  readonly output?: Writable;
  /** The longest message that is read. */
  readonly mostBytes?: number;
}

/**
 * Standard input and output as a client's way in, and when it ends: with the input, by a signal, or with a
 * message that is too long to be read, after which nothing more can be.
 */
export class StdioEnd {
  readonly transport: StdioServerTransport;
  /** Resolves once the client is gone or the signal aborts. */
  readonly reached: Promise<void>;

  constructor(signal: AbortSignal, options: StdioEndOptions = {}) {
    const { input = process.stdin, output = process.stdout, mostBytes = MOST_BYTES } = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.reached = promise;
    const end = (): void => resolve();
    this.transport = new EndingTransport(end, { input, output, mostBytes });
    input.once('end', end);
    input.once('close', end);
    input.once('error', end);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  }
}

/** Tells of its end, whoever ended it. */
class EndingTransport extends StdioServerTransport {
  readonly #onEnd: () => void;

  constructor(onEnd: () => void, { input, output, mostBytes }: StdioEndOptions) {
    super(input, output, { maxBufferSize: mostBytes });
    this.#onEnd = onEnd;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#onEnd();
  }
}

/** More than a world takes in one call, so that the world's own refusal is what a client hears. */
const MOST_BYTES = 40 * 1024 * 1024;
