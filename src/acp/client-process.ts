/**
 * Owns: the process of a client that is run, with all that it starts: none of it outlives `end`, or this process.
 * Does not know: what is said.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

export interface ClientProcessOptions {
  /** As it is found on the path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The folder that holds `dist`. */
  readonly installation: string;
  /** How long it is waited at each step before it is ended by force. */
  readonly graceMs: number;
}

export class ClientProcess {
  /** Resolves with the exit code when it is gone, and all that it had started. */
  readonly gone: Promise<number | null>;
  readonly #watcher: ChildProcess;
  #said = '';
  #isEnding = false;

  constructor(options: ClientProcessOptions) {
    const { program, args, folder, environment, installation, graceMs } = options;
    const script = path.join(installation, 'dist', 'client-watcher.cjs');
    this.#watcher = spawn(process.execPath, [script, String(graceMs), program, ...args], {
      cwd: folder,
      // Some clients take the folder that `PWD` names for theirs.
      env: { ...environment, PWD: folder, ...nodeRuntime(environment) },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // What ends this process in a terminal is not for the watcher, which has to end the client first.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    for (const stream of this.#watcher.stdio) stream?.on('error', () => {});
    // Nothing comes there; that it ends is seen only where it is read from.
    (this.#watcher.stdio[HELD] as Readable | null)?.resume();
    this.#watcher.stderr?.on('data', (bytes: Buffer) => this.#hear(bytes));
    this.gone = new Promise((resolve) => {
      this.#watcher.once('error', () => resolve(null));
      this.#watcher.once('close', (code) => resolve(code));
    });
    // What it has left in a group of its own may keep the pipes open: what was said before that is read by then.
    this.#watcher.once('exit', () => setTimeout(() => this.#letGo(), graceMs).unref());
  }

  get input(): Writable {
    return this.#watcher.stdin!;
  }

  get output(): Readable {
    return this.#watcher.stdout!;
  }

  /** The last line of what it said beside the protocol: what somebody reads who wonders why it ended. */
  get lastWords(): string {
    const lines = this.#said
      .replaceAll(ESCAPES, '')
      .split('\n')
      .map((line) => line.replaceAll(/\p{Cc}/gu, ' ').trim());
    return (lines.findLast((line) => line !== '') ?? '').slice(0, MOST_WORDS);
  }

  /** Asks it to end, and ends it by force after the grace. */
  async end(): Promise<void> {
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#watcher.stdin?.end();
      // Nobody listens any more: what it has not said yet would keep the pipe open.
      this.#watcher.stdout?.destroy();
      (this.#watcher.stdio[HELD] as Writable | null)?.end();
    }
    await this.gone;
  }

  #letGo(): void {
    for (const stream of this.#watcher.stdio) stream?.destroy();
  }

  #hear(bytes: Buffer): void {
    this.#said = (this.#said + bytes.toString('utf8')).slice(-MOST_SAID);
  }
}

/** So that a window's own program runs the watcher as Node, and the client does not hear of that. */
function nodeRuntime(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (process.versions['electron'] === undefined) return {};
  const wasThere = environment['ELECTRON_RUN_AS_NODE'] !== undefined;
  return {
    ELECTRON_RUN_AS_NODE: '1',
    ...(!wasThere && { AGENT_WORLD_RUNTIME: 'electron' }),
  };
}

/** What terminals take for colours. */
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[0-9;]*[A-Za-z]/g;
/** The pipe that the watcher waits for the end of. */
const HELD = 3;
const MOST_SAID = 8_192;
const MOST_WORDS = 300;
