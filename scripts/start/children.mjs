import { spawn } from 'node:child_process';
import { errorCode } from '../setup/error-code.mjs';

const GRACE_MS = 8_000;
const POSIX = process.platform !== 'win32';

/**
 * The programs that a start has running. Each leads a process group of its own, so that its children end
 * with it and a Ctrl-C of the terminal reaches them only through here.
 */
export class Children {
  /** @type {Map<import('node:child_process').ChildProcess, Promise<void>>} */
  #running = new Map();

  /**
   * @param {string} program
   * @param {readonly string[]} args
   * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions }} options
   */
  start(program, args, options) {
    const child = spawn(program, args, { ...options, detached: POSIX });
    const gone = new Promise((resolve) => {
      child.once('error', resolve);
      child.once('exit', resolve);
    });
    this.#running.set(child, this.#forget(child, gone));
    return child;
  }

  /** @param {import('node:child_process').ChildProcess} child @param {Promise<unknown>} gone */
  async #forget(child, gone) {
    await gone;
    this.#running.delete(child);
    // What it had started must not outlive it.
    signal(child, 'SIGKILL');
  }

  /** Asks all to end, and makes those that do not. */
  async end() {
    const timer = setTimeout(() => this.kill(), GRACE_MS);
    for (const child of this.#running.keys()) signal(child, 'SIGTERM');
    await Promise.all(this.#running.values());
    clearTimeout(timer);
  }

  /** Ends all at once, without asking. */
  kill() {
    for (const child of this.#running.keys()) signal(child, 'SIGKILL');
  }
}

function signal(
  /** @type {import('node:child_process').ChildProcess} */ child,
  /** @type {NodeJS.Signals} */ name,
) {
  if (child.pid === undefined) return;
  try {
    process.kill(POSIX ? -child.pid : child.pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
