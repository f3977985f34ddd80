/** Owns: finding out whether a server that a client is to start answers, and what it can do. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WorldError } from '../world/world-error.ts';
import type { Clock } from '../world/clock.ts';

export interface TriedServer {
  readonly tools: readonly string[];
  /** What listing one file said: that the world is reached, or why not. */
  readonly said: string;
  readonly isReached: boolean;
}

/** Longer than a client waits for any. */
const MOST_MS = 30_000;

/** Starts the server as a client does, asks it, and ends it. Rejects with `WorldError`. */
export async function tryServer(
  entry: { readonly command: string; readonly args: readonly string[] },
  clock: Clock,
): Promise<TriedServer> {
  const child = spawn(entry.command, [...entry.args], { stdio: ['pipe', 'pipe', 'ignore'] });
  const failed = Promise.withResolvers<never>();
  const cancel = clock.after(MOST_MS, () => {
    failed.reject(new WorldError('unreachable', 'The server does not answer'));
  });
  child.once('error', (error) => {
    failed.reject(new WorldError('unreachable', `The server cannot be started: ${error.message}`));
  });
  child.once('exit', (code) => {
    failed.reject(new WorldError('unreachable', `The server ended with ${code} by itself`));
  });
  // One that ended is told of by its exit.
  child.stdin.on('error', () => undefined);
  let hasAnswered = false;
  try {
    const tried = await Promise.race([ask(child), failed.promise]);
    hasAnswered = true;
    return tried;
  } finally {
    cancel();
    child.stdin.end();
    // Whoever does not answer may not see the end of its input either.
    if (!hasAnswered) child.kill();
  }
}

async function ask(child: ReturnType<typeof spawn>): Promise<TriedServer> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const request = async (id: number, method: string, params: object): Promise<unknown> => {
    child.stdin!.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) return new Promise(() => undefined);
      const answer = answerIn(value);
      if (answer?.id !== id) continue;
      if (answer.result !== undefined) return answer.result;
      throw new WorldError('unreachable', `The server refuses ${method}`);
    }
  };
  const clientInfo = { name: 'agent-world', version: '1' };
  await request(1, 'initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo,
  });
  const { tools } = (await request(2, 'tools/list', {})) as {
    readonly tools: readonly { readonly name: string }[];
  };
  const listing = { name: 'list_files', arguments: { limit: 1 } };
  const { structuredContent: answer } = (await request(3, 'tools/call', listing)) as {
    readonly structuredContent: { readonly outcome: string; readonly message: string };
  };
  return {
    tools: tools.map(({ name }) => name),
    said: answer.message,
    isReached: answer.outcome === 'done',
  };
}

interface WireAnswer {
  readonly id?: number;
  readonly result?: unknown;
}

/** A launcher's own words may stand between the answers. */
function answerIn(line: string): WireAnswer | undefined {
  try {
    return JSON.parse(line) as WireAnswer;
  } catch {
    return undefined;
  }
}
