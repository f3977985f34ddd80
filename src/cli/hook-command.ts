/**
 * `agent-world hook CLIENT`: an agent's client runs it at each event, so it is small: it asks the server
 * that runs for the agent's folder, and has that folder kept where none runs. Whatever fails, the agent works on: it is silent and ends with 0.
 */
import { askDesk } from '../agents/hooks/ask-desk.ts';
import { type HookRequest, MOST_INPUT } from '../agents/hooks/hook-address.ts';
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
  const home = defaultHomePath();
  return (
    (await askDesk(home, cwd, { client, input })) ?? withoutServer(home, cwd, { client, input })
  );
}

/** Before a client's first tool its server may just be starting: nothing is said then. */
async function withoutServer(home: string, cwd: string, request: HookRequest): Promise<string> {
  const { wakeMirror } = await import('./wake-mirror.ts');
  const text = await wakeMirror(home, cwd);
  const { hookForm } = await import('../agents/hooks/hook-forms.ts');
  const form = hookForm(request.client);
  const kind = form?.eventOf(request.input)?.kind;
  if (text === '' || !(kind === 'writing' || kind === 'wrote' || kind === 'read')) return '';
  const output = form?.output(request.input, { kind: 'told', text });
  return output === undefined ? '' : JSON.stringify(output);
}
