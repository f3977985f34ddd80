/**
 * Owns: that a mirror runs on an agent's folder for as long as its server does, and is started again when it
 * ends. Does not know: what a mirror does, or when it ends after that.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { askToPull, directoryState } from '../mirror/directory-mirror.ts';
import { forgetPuts } from '../mirror/folder-log.ts';
import { knock, type MirrorHold } from '../mirror/knock.ts';
import type { CancelTimer, Clock } from '../world/clock.ts';
import { WorldError } from '../world/world-error.ts';
import { isMirrorRunning } from './running-mirrors.ts';
import { mirrorArguments, type MirrorOf, startMirror } from './start-mirror.ts';

export interface KeptMirrorOptions extends MirrorOf {
  readonly home: string;
  readonly clock: Clock;
  /** Starts one that goes on by itself. */
  readonly start?: (home: string, of: MirrorOf) => unknown;
}

export class KeptMirror {
  readonly #options: KeptMirrorOptions;
  #hold: MirrorHold | undefined;
  #cancel: CancelTimer | undefined;
  /** Servers that hold the mirror, this one included; 0 while it is not reached. */
  #servers = 0;
  #wasKept = false;
  #looks = 0;
  /** Since it was last reached. */
  #starts = 0;
  #isOver = false;

  constructor(options: KeptMirrorOptions) {
    this.#options = options;
    void this.#look();
  }

  /** How the folder stands, as far as its agent should know; each a sentence. */
  get standing(): readonly string[] {
    const { folder } = this.#options;
    if (this.#servers > 1) {
      return [
        `Another session of yours works in ${folder} at the same time. Neither of you is told what the other one changes there: work in one of them, or have an agent with another name and folder set up for the second.`,
      ];
    }
    if (this.#servers === 1) return [];
    // One that is being started for the first time is no trouble yet.
    if (!this.#wasKept && this.#starts < 2) return [];
    return [
      `The folder ${folder} is not kept in step with the world now: what you write there by tools of your own reaches nobody until it is, and what others write does not come in. It is tried again; the tools of this server reach the world.`,
    ];
  }

  /** Lets go of the mirror, which ends by itself when nobody needs it. */
  dispose(): void {
    this.#isOver = true;
    this.#cancel?.();
    this.#hold?.release();
  }

  async #look(): Promise<void> {
    this.#looks++;
    const state = await stateOf(this.#options.home, this.#options);
    if (this.#isOver) return;
    this.#hold = knock({
      state,
      as: 'server',
      onServers: (servers) => {
        this.#servers = servers;
        this.#wasKept = true;
        this.#looks = 0;
        this.#starts = 0;
      },
      onGone: () => void this.#gone(state),
    });
  }

  async #gone(state: string): Promise<void> {
    this.#servers = 0;
    // One that is just starting has its lock, and cannot be reached yet.
    const isFirst = this.#looks % LOOKS_TO_START === 1;
    if (isFirst && !(await isMirrorRunning(state)) && !this.#isOver) {
      const { home, start = startMirror } = this.#options;
      this.#starts++;
      start(home, this.#options);
    }
    if (this.#isOver) return;
    const { clock } = this.#options;
    // Where none can be started at all it is tried more and more seldom.
    const times = Math.min(Math.max(1, this.#starts), MOST_TIMES);
    this.#cancel = clock.after(LOOK_MS * times, () => void this.#look());
  }
}

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

/** Where what is known of an agent's folder is kept. */
export async function stateOf(home: string, { folder, database }: MirrorOf): Promise<string> {
  const directory = await realpath(folder).catch(() => folder);
  return directoryState(home, directory, database);
}

/** How often it is looked whether the mirror can be reached. */
const LOOK_MS = 250;
/** So many looks a start has time for before it is tried again. */
const LOOKS_TO_START = 20;
const MOST_TIMES = 24;
const ASK_MS = 50;
const MOST_ASKED = 200;
/** A world of a large project takes a while to be put on disk. */
const PULL_MS = 120_000;
