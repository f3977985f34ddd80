import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { WorldLog } from '../world/log.ts';
import type { ExtensionSurroundings } from './surroundings.ts';

/**
 * Starts the `agent-world` command that the extension carries, on VS Code's own runtime: what would
 * keep the extension host busy runs beside it. Its output goes to the log, line by line; `input` is
 * what it reads.
 */
export function startCommand(
  { installation, home }: Pick<ExtensionSurroundings, 'installation' | 'home'>,
  args: readonly string[],
  log: WorldLog,
  input = '',
): ChildProcess {
  const script = path.join(installation, 'dist', 'cli.cjs');
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', AGENT_WORLD_HOME: home },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  // Who reads none of it may have ended.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.trim() !== '') log.info(line);
    });
  }
  return child;
}

/** Resolves with the exit code; rejects when the command could not be started. */
export function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
