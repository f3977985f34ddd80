// Clones of a project with two branches, and a mirror that keeps one of them, as a user starts it.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeLargeFolder } from './large-folder.ts';

const run = promisify(execFile);

/** Runs git; resolves with the milliseconds that it took. */
export async function timeGit(folder: string, ...args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  await run('git', [
    '-C',
    folder,
    '-c',
    'user.name=Bench',
    '-c',
    'user.email=b@example.org',
    ...args,
  ]);
  return performance.now() - startedMs;
}

/** A repository of so many files, and a branch `changed` in which each has two other lines. */
export async function makeBranches(
  folder: string,
  files: number,
): Promise<{ readonly bytes: number; readonly addMs: number }> {
  const bytes = await makeChanged(folder, files);
  const addMs = await timeGit(folder, 'add', '-A');
  await timeGit(folder, 'commit', '-qm', 'changed');
  await timeGit(folder, 'checkout', '-q', 'main');
  return { bytes, addMs };
}

/** A repository of so many files, all of which are changed and not added yet. Returns their bytes. */
export async function makeChanged(folder: string, files: number): Promise<number> {
  const bytes = await writeLargeFolder(folder, files);
  await timeGit(folder, 'init', '-q', '-b', 'main');
  await timeGit(folder, 'add', '-A');
  await timeGit(folder, 'commit', '-qm', 'main');
  await timeGit(folder, 'checkout', '-q', '-b', 'changed');
  for (const name of await filesOf(folder)) {
    const file = join(folder, name);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('value3 =', 'value3: number =').replace('value9 ', 'nine '));
  }
  return bytes;
}

/** The paths that git tracks there. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const { stdout } = await run('git', ['-C', folder, 'ls-files'], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.split('\n').filter((each) => each !== '');
}

/** `agent-world mirror`, in a process of its own. */
export class MirrorProcess {
  readonly #child: ChildProcess;
  readonly #said: { readonly tag: string }[] = [];
  #look: () => void = () => {};

  constructor(home: string, directory: string, world: string) {
    const installation = fileURLToPath(new URL('../..', import.meta.url));
    const command = join(installation, 'dist', 'cli.cjs');
    const args = [command, 'mirror', directory, '--as', 'switcher', '--world', world, '--json'];
    this.#child = spawn(process.execPath, args, {
      env: { ...process.env, AGENT_WORLD_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.#said.push(JSON.parse(line) as { readonly tag: string });
      this.#look();
    });
  }

  /** Resolves once it has said so. */
  says(tag: string): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        const at = this.#said.findIndex((event) => event.tag === tag);
        if (at < 0) return;
        this.#said.splice(0, at + 1);
        resolve();
      };
      this.#look();
    });
  }

  /** The most that it has had so far. */
  get peakBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  }

  /** What it has used of the processor so far. */
  get cpuMs(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => void this.#child.once('close', resolve));
    this.#child.kill('SIGINT');
    await closed;
  }
}

const CLOCK_TICK_MS = 10;
