import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { IdentityHex } from '../../../src/core/op.ts';
import type { MirrorEvent } from '../../../src/mirror/mirror-event.ts';
import type { StoredIdentity } from '../../../src/world/identities.ts';

/** What a mirror is started with. */
export interface MirrorStart {
  readonly uri: string;
  readonly database: string;
  readonly self: StoredIdentity;
  /** The folder is in it, and so is what is known of it. */
  readonly place: string;
  /** Whose work it is what tools write; empty for the member's own. */
  readonly author: IdentityHex;
}

export type MirrorAnswer =
  | { readonly tag: 'kept' }
  | { readonly tag: 'event'; readonly event: MirrorEvent }
  /** Everything was looked at, and nothing was left to do then. */
  | { readonly tag: 'looked'; readonly isWaiting: boolean; readonly state: string };

export type MirrorLook = Extract<MirrorAnswer, { tag: 'looked' }>;

/** A mirror in a process that a test kills and starts again. */
export class MirrorProcess {
  readonly events: MirrorEvent[] = [];
  readonly #script: string;
  readonly #start: MirrorStart;
  #child: ChildProcess | undefined;
  #errors = '';

  /** Builds what runs in the process; the file to give to `start`. */
  static async bundle(directory: string): Promise<string> {
    const outfile = path.join(directory, 'mirror.cjs');
    const entry = fileURLToPath(new URL('mirror-child.ts', import.meta.url));
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile,
      sourcemap: 'inline',
      logLevel: 'silent',
    });
    return outfile;
  }

  /** Resolves when the folder is kept in step. */
  static async start(script: string, start: MirrorStart): Promise<MirrorProcess> {
    const mirror = new MirrorProcess(script, start);
    await mirror.begin();
    return mirror;
  }

  private constructor(script: string, start: MirrorStart) {
    this.#script = script;
    this.#start = start;
  }

  /** Starts it again after it was killed. */
  async begin(): Promise<void> {
    const execArgv = ['--enable-source-maps'];
    const child = fork(this.#script, { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    child.stderr!.on('data', (text) => (this.#errors += String(text)));
    child.on('message', (answer: MirrorAnswer) => {
      if (answer.tag === 'event') this.events.push(answer.event);
    });
    child.send(this.#start);
    await this.#answer(child, 'kept');
  }

  /** Everything is looked at once more. */
  async look(): Promise<MirrorLook> {
    const child = this.#child!;
    const answer = this.#answer(child, 'looked');
    child.send('look');
    return (await answer) as MirrorLook;
  }

  /** It ends at once, whatever it was doing. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const end = once(child, 'exit');
    child.kill('SIGKILL');
    await end;
  }

  /** Rejects when the process ends before. */
  async #answer(child: ChildProcess, tag: MirrorAnswer['tag']): Promise<MirrorAnswer> {
    return new Promise((resolve, reject) => {
      const hear = (answer: MirrorAnswer): void => {
        if (answer.tag === tag) end(() => resolve(answer));
      };
      const ended = (): void => end(() => reject(new Error(`the mirror ended\n${this.#errors}`)));
      const end = (settle: () => void): void => {
        child.off('message', hear);
        child.off('exit', ended);
        settle();
      };
      child.on('message', hear);
      child.on('exit', ended);
    });
  }
}
