import type * as vscode from 'vscode';
import { exitOf, startCommand } from '../editor/command-line.ts';
import type { ExtensionSurroundings } from '../editor/surroundings.ts';
import { silentLog } from '../world/log.ts';

/** A command of `agent-world` did not do what it was asked for; the message is what it said last. */
export class CommandFailure extends Error {
  /** Its JSON result, where it had one all the same. */
  readonly result: unknown;

  constructor(message: string, result?: unknown) {
    super(message);
    this.name = 'CommandFailure';
    this.result = result;
  }
}

export interface RunOptions {
  /** What it reads. */
  readonly input?: string;
  /** Told what it says goes on, line by line. */
  readonly onNote?: (text: string) => void;
}

/**
 * Runs an `agent-world` command beside the extension host and returns its one JSON result; undefined
 * when it was cancelled. Throws `CommandFailure`.
 */
export async function runCommand<Result>(
  surroundings: ExtensionSurroundings,
  args: readonly string[],
  token: vscode.CancellationToken,
  { input, onNote }: RunOptions = {},
): Promise<Result | undefined> {
  const child = startCommand(surroundings, [...args, '--json'], silentLog, input);
  let out = '';
  let said = '';
  child.stdout?.on('data', (text: string) => (out += text));
  child.stderr?.on('data', (text: string) => {
    said += text;
    onNote?.(text.trim().split('\n').at(-1)!);
  });
  token.onCancellationRequested(() => child.kill('SIGTERM'));
  const code = await exitOf(child);
  if (token.isCancellationRequested) return undefined;
  const result: unknown = out.trim() === '' ? undefined : JSON.parse(out);
  if (code === 0) return result as Result;
  throw new CommandFailure(reasonIn(said) ?? `agent-world ended with ${code}`, result);
}

/** The last thing that a command says is why it failed. */
function reasonIn(said: string): string | undefined {
  const last = said.trim().split('\n').at(-1) || undefined;
  if (!last?.startsWith('{"error":')) return last;
  return (JSON.parse(last) as { readonly error: { readonly message: string } }).error.message;
}
