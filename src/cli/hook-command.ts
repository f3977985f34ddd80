/**
 * `agent-world hook CLIENT`: an agent's client runs it at each event, so it is small: it asks the server
 * that runs for the agent's folder. Whatever fails, the agent works on: it is silent and ends with 0.
 */
import { askDesk } from '../agents/hooks/ask-desk.ts';
import { MOST_INPUT } from '../agents/hooks/hook-address.ts';
import { defaultHomePath } from '../host/home.ts';

/** A client waits for its hook before it goes on. */
const MOST_MS = 6_000;

export function run(): void {
  setTimeout(() => process.exit(0), MOST_MS);
  void tell();
}

async function tell(): Promise<void> {
  try {
    const text = await answer();
    if (text !== '') process.stdout.write(`${text}\n`, () => process.exit(0));
    else process.exit(0);
  } catch {
    process.exit(0);
  }
}

async function answer(): Promise<string> {
  const client = process.argv[3] ?? '';
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const part of process.stdin) {
    text += String(part);
    if (text.length > MOST_INPUT) return '';
  }
  const input: unknown = JSON.parse(text);
  const cwd =
    typeof input === 'object' && input !== null && 'cwd' in input && typeof input.cwd === 'string'
      ? input.cwd
      : process.cwd();
  return askDesk(defaultHomePath(), cwd, { client, input });
}
