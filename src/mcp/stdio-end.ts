import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';

/** Standard input and output as a client's way in, and when it ends: with the input, or by a signal. */
export class StdioEnd {
  readonly transport = new StdioServerTransport(process.stdin, process.stdout, {
    maxBufferSize: MOST_BYTES,
  });
  /** Resolves once the client is gone or the signal aborts. */
  readonly reached: Promise<void>;

  constructor(signal: AbortSignal) {
    this.reached = new Promise((resolve) => {
      const end = (): void => resolve();
      process.stdin.once('end', end);
      process.stdin.once('close', end);
      process.stdin.once('error', end);
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', end, { once: true });
    });
  }
}

/** More than a world takes in one call, so that the world's own refusal is what a client hears. */
const MOST_BYTES = 40 * 1024 * 1024;
