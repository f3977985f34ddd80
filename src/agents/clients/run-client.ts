/** Owns: running a client's own program for a setting of it. Does not know: what the setting is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { WorldError } from '../../world/world-error.ts';
import type { AgentClient } from './client-entry.ts';

/** Runs it in a folder to its end. Throws `WorldError` when it is not there or refuses. */
export async function runClient(
  { program, title }: AgentClient,
  args: readonly string[],
  cwd: string,
): Promise<void> {
  // What holds for one folder is kept under its name, also where the folder is gone by now.
  const made = await mkdir(cwd, { recursive: true });
  const child = spawn(program, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (text) => (said += String(text)));
  child.stderr.on('data', (text) => (said += String(text)));
  const ended = once(child, 'close');
  try {
    const [code] = (await ended) as [number | null];
    if (code === 0) return;
    throw new WorldError('bad_home', `${title} did not take it (${code}): ${firstLine(said)}`);
  } catch (error) {
    if (error instanceof WorldError) throw error;
    const why = `${title} is not on the path here (${program})`;
    throw new WorldError('bad_home', why, { cause: error });
  } finally {
    if (made !== undefined) await rm(made, { recursive: true });
  }
}

/** Some tell where in their program they failed, too. */
function firstLine(said: string): string {
  return said.trim().split(/\r?\n/)[0]!;
}
