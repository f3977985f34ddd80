/** Owns: that an agent's own folder is filled at first, and that nobody keeps it any more in the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { askToPull } from '../mirror/directory-mirror.ts';
import { forgetPuts } from '../mirror/folder-log.ts';
import { stateOf } from '../mirror/kept-mirror.ts';
import { knock } from '../mirror/knock.ts';
import { isMirrorRunning } from '../mirror/mirror-lock.ts';
import { mirrorArguments, type MirrorOf } from '../mirror/start-mirror.ts';
import { WorldError } from '../world/world-error.ts';

/**
 * Puts the world's files into an agent's folder once. One that is empty is begun anew: whatever was in it
 * before is not missing. Rejects with `WorldError`.
 */
export async function fillFolder(home: string, of: MirrorOf): Promise<void> {
  await mkdir(of.folder, { recursive: true });
  const state = await stateOf(home, of);
  await endMirror(state);
  if (await isMirrorRunning(state)) {
    if ((await askToPull(state, PULL_MS)) !== undefined) return;
    throw new WorldError('unreachable', `The mirror of ${of.folder} does not answer`);
  }
  if ((await readdir(of.folder)).length === 0) await forgetPuts(state);
  const args = [...mirrorArguments(home, of), '--until-input-ends', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said = String(text)));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const isPulled = (line: string): boolean => line.includes('"tag":"pulled"');
  for await (const line of createInterface({ input: child.stdout })) {
    if (isPulled(line)) child.stdin.end();
  }
  const [code] = await ended;
  if (code !== 0) throw new WorldError('unreachable', `The folder cannot be kept: ${said.trim()}`);
}

/** Ends the mirror that keeps a folder for nobody any more, if one does; resolves once it is gone. */
export async function endMirror(state: string): Promise<void> {
  // One that is just starting has its lock, and cannot be reached yet; one that ends gives it back a moment later.
  for (let asked = 0; asked < MOST_ASKED && (await isMirrorRunning(state)); asked++) {
    if (await isNeeded(state)) return;
    await delay(ASK_MS);
  }
}

/** Asks a mirror to end; true where it goes on. */
function isNeeded(state: string): Promise<boolean> {
  return new Promise((resolve) => {
    const hold = knock({
      state,
      as: 'end',
      onServers: () => {
        hold.release();
        resolve(true);
      },
      onGone: () => resolve(false),
    });
  });
}

const ASK_MS = 50;
const MOST_ASKED = 200;
/** A world of a large project takes a while to be put on disk. */
const PULL_MS = 120_000;
