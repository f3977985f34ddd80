/**
 * `agent-world hook CLIENT [EVENT]`: an agent's client runs it at each event, so it is small, and loads no more of
 * Node than it needs: it asks the server that runs for the agent's folder, and only where none runs it loads what has
 * that folder kept. Whatever fails, the agent works on: it is silent and ends with 0.
 */
import { readSync, writeSync } from 'node:fs';
import { askDesk } from '../agents/hooks/ask-desk.ts';
import { MOST_INPUT } from '../agents/hooks/hook-address.ts';
import { defaultHomePath } from '../host/home.ts';

/** A client waits for its hook before it goes on. */
const MOST_MS = 6_000;
const BUFFER_BYTES = 64 * 1024;
const AGAIN_MS = 2;

export function run(): void {
  setTimeout(() => process.exit(0), MOST_MS);
  void tell();
}

async function tell(): Promise<void> {
  try {
    const text = await answer();
    if (text !== '') write(`${text}\n`);
  } finally {
    // A code that is not 0 stops some clients.
    process.exit(0);
  }
}

async function answer(): Promise<string> {
  const [client = '', event = ''] = process.argv.slice(3);
  const input = readInput();
  if (input === undefined) return '';
  const cwd =
    typeof input === 'object' && input !== null && 'cwd' in input && typeof input.cwd === 'string'
      ? input.cwd
      : process.cwd();
  const home = defaultHomePath();
  const request = { client, event, input };
  const answer = await askDesk(home, cwd, request);
  if (answer !== undefined) return answer;
  const { unservedAnswer } = await import('./unserved-hook.ts');
  return unservedAnswer(home, cwd, request);
}

/**
 * The JSON of the client, without the streams of Node, which cost a quarter of its start. It ends with the object
 * that it is, since a client may leave the input open. Undefined for what is too long; throws for no JSON.
 */
function readInput(): unknown {
  const deadlineMs = performance.now() + MOST_MS;
  const parts: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  for (let byteLength = 0; byteLength <= MOST_INPUT;) {
    const read = trying(() => readSync(0, buffer, 0, BUFFER_BYTES, null), deadlineMs);
    parts.push(Buffer.from(buffer.subarray(0, read)));
    byteLength += read;
    const text = (): string => Buffer.concat(parts).toString('utf8');
    if (read === 0) return JSON.parse(text());
    if (
      !buffer
        .toString('utf8', Math.max(0, read - 8), read)
        .trimEnd()
        .endsWith('}')
    )
      continue;
    try {
      return JSON.parse(text());
    } catch {
      // There is more to come.
    }
  }
  return undefined;
}

function write(text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  const deadlineMs = performance.now() + MOST_MS;
  for (let at = 0; at < bytes.length;) {
    at += trying(() => writeSync(1, bytes, at), deadlineMs);
  }
}

/** Pipes that do not block say that they are not ready. */
function trying(work: () => number, deadlineMs: number): number {
  for (;;) {
    try {
      return work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN' || performance.now() > deadlineMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
    }
  }
}
