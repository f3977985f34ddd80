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
 * when it was cancelled. Throws `CommandFailure`.
 */
export async function runCommand<Result>(
  surroundings: ExtensionSurroundings,
  args: readonly string[],
  token: vscode.CancellationToken,
): Promise<Result | undefined> {
  const child = startCommand(surroundings, [...args, '--json'], silentLog);
  let out = '';
  let said = '';
  child.stdout?.on('data', (text: string) => (out += text));
  child.stderr?.on('data', (text: string) => (said += text));
  token.onCancellationRequested(() => child.kill('SIGTERM'));
  const code = await exitOf(child);
  if (token.isCancellationRequested) return undefined;
  if (code === 0) return JSON.parse(out) as Result;
  throw new CommandFailure(said.trim().split('\n').at(-1) ?? `agent-world ended with ${code}`);
}
