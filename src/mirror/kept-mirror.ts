/**
 * Owns: that a mirror runs on an agent's folder for as long as somebody needs it, such as the agent's server, and is
 * started again when it ends. Does not know: what a mirror does, or when it ends after that.
 */
import { realpath } from 'node:fs/promises';
import type { CancelTimer, Clock } from '../world/clock.ts';
import { directoryState } from './directory-mirror.ts';
import { type Holder, knock, type MirrorHold } from './knock.ts';
import { isMirrorRunning } from './mirror-lock.ts';
import { type MirrorOf, startMirror } from './start-mirror.ts';

export interface KeptMirrorOptions extends MirrorOf {
  readonly home: string;
  readonly clock: Clock;
  /** Who needs it; the agent's server where nothing is said. */
  readonly as?: Exclude<Holder, 'end'>;
  /** Starts one that goes on by itself. */
  readonly start?: (home: string, of: MirrorOf) => unknown;
  /** `isKept` changed. */
  readonly onChange?: () => void;
}

export class KeptMirror {
  readonly #options: KeptMirrorOptions;
  #hold: MirrorHold | undefined;
  #cancel: CancelTimer | undefined;
  /** Servers that hold the mirror, this one included; 0 while it is not reached. */
  #servers = 0;
  #isKept = false;
  #wasKept = false;
  #looks = 0;
  /** Since it was last reached. */
  #starts = 0;
  #isOver = false;

  constructor(options: KeptMirrorOptions) {
    this.#options = options;
    void this.#look();
  }

  /** True while a mirror keeps the folder. */
  get isKept(): boolean {
    return this.#isKept;
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

  #setKept(isKept: boolean): void {
    if (isKept === this.#isKept) return;
    this.#isKept = isKept;
    this.#options.onChange?.();
  }

  async #look(): Promise<void> {
    this.#looks++;
    const state = await stateOf(this.#options.home, this.#options);
    if (this.#isOver) return;
    this.#hold = knock({
      state,
      as: this.#options.as ?? 'server',
      onServers: (servers) => {
        this.#servers = servers;
        this.#setKept(true);
        this.#wasKept = true;
        this.#looks = 0;
        this.#starts = 0;
      },
      onGone: () => void this.#gone(state),
    });
  }

  async #gone(state: string): Promise<void> {
    this.#servers = 0;
    this.#setKept(false);
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
