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
  /** Resolves once the client was answered for the first time. */
  readonly answered: Promise<void>;

  constructor(signal: AbortSignal, options: StdioEndOptions = {}) {
    const { input = process.stdin, output = process.stdout, mostBytes = MOST_BYTES } = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.reached = promise;
    const end = (): void => resolve();
    const answered = Promise.withResolvers<void>();
    this.answered = answered.promise;
    const told = { onEnd: end, onAnswer: answered.resolve };
    this.transport = new ToldTransport(told, { input, output, mostBytes });
    input.once('end', end);
    input.once('close', end);
    input.once('error', end);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  }
}

interface Told {
  readonly onEnd: () => void;
  readonly onAnswer: () => void;
}

/** Tells of what it has sent, and of its end, whoever ended it. */
class ToldTransport extends StdioServerTransport {
  readonly #told: Told;

  constructor(told: Told, { input, output, mostBytes }: Required<StdioEndOptions>) {
    super(input, output, { maxBufferSize: mostBytes });
    this.#told = told;
  }

  override async send(message: Parameters<StdioServerTransport['send']>[0]): Promise<void> {
    await super.send(message);
    this.#told.onAnswer();
  }

  override async close(): Promise<void> {
    await super.close();
    this.#told.onEnd();
  }
}

/** More than a world takes in one call, so that the world's own refusal is what a client hears. */
const MOST_BYTES = 40 * 1024 * 1024;
