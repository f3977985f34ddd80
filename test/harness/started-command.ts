import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { until } from './host-life.ts';

/** `npm start` with arguments of a test, in a home of its own. */
export class StartedCommand {
  readonly #child: ChildProcess;
  readonly #home: string;
  #output = '';

  constructor(args: readonly string[], home: string) {
    // A machine with a display would open a browser of the user's.
    const { DISPLAY: _, WAYLAND_DISPLAY: __, ...environment } = process.env;
    this.#home = home;
    this.#child = spawn(process.execPath, [path.join('scripts', 'start.mjs'), ...args], {
      cwd: projectRoot,
      env: { ...environment, ...GIT_NAME, AGENT_WORLD_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => (this.#output += String(chunk)));
    }
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with what `pattern` matches in the output, once it does; rejects when it ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    await until(() => pattern.test(this.#output) || this.#hasEnded);
    const match = pattern.exec(this.#output);
    if (match === null) throw new Error(`It ended without printing ${pattern}:\n${this.#output}`);
    return match;
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  /** Resolves with the exit code when all that was printed was read. */
  async ended(): Promise<number | null> {
    if (!this.#hasEnded) await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  /** The processes that it started, theirs, and those that work for its home. */
  processes(): readonly number[] {
    const rows = listProcesses();
    const found = new Set([this.#child.pid]);
    // A parent may stand below its child in the list.
    for (let size = 0; size !== found.size;) {
      size = found.size;
      for (const { pid, parent, program } of rows) {
        if (found.has(parent) || program.includes(this.#home)) found.add(pid);
      }
    }
    return rows.map(({ pid }) => pid).filter((pid) => found.has(pid));
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Those of the processes that are still there. */
export function alive(pids: readonly number[]): readonly string[] {
  return listProcesses()
    .filter(({ pid }) => pids.includes(pid))
    .map(({ pid, program }) => `${pid} ${program}`);
}

function listProcesses() {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return lines
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, state, program] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return program === undefined ? [] : [{ pid, parent, state, program }];
    })
    .filter(({ state, program }) => !state?.startsWith('Z') && !program.startsWith('ps -eo'))
    .map(({ pid, parent, program }) => ({ pid: Number(pid), parent: Number(parent), program }));
}

const GIT_NAME = {
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'user.name',
  GIT_CONFIG_VALUE_0: 'Ada',
};
