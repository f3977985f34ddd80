import type * as vscode from 'vscode';
import { exitOf, startCommand } from '../../editor/command-line.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { silentLog } from '../../world/log.ts';

/** A command of `agent-world` did not do what it was asked for; the message is what it said last. */
export class CommandFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/**
 * Runs an `agent-world` command beside the extension host and returns its one JSON result; undefined
 * when it was cancelled. `input` is what it reads. Throws `CommandFailure`.
 */
export async function runCommand<Result>(
  surroundings: ExtensionSurroundings,
  args: readonly string[],
  token: vscode.CancellationToken,
  input?: string,
): Promise<Result | undefined> {
  const child = startCommand(surroundings, [...args, '--json'], silentLog, input);
  let out = '';
  let said = '';
  child.stdout?.on('data', (text: string) => (out += text));
  child.stderr?.on('data', (text: string) => (said += text));
  token.onCancellationRequested(() => child.kill('SIGTERM'));
  const code = await exitOf(child);
  if (token.isCancellationRequested) return undefined;
  if (code === 0) return JSON.parse(out) as Result;
  throw new CommandFailure(reasonIn(said) ?? `agent-world ended with ${code}`);
}

/** The last thing that a command says is why it failed. */
function reasonIn(said: string): string | undefined {
  const last = said.trim().split('\n').at(-1);
  if (!last?.startsWith('{"error":')) return last;
  return (JSON.parse(last) as { readonly error: { readonly message: string } }).error.message;
}
