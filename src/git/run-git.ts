import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { systemCode } from '../host/host-error.ts';
import { GitError } from './git-error.ts';

export interface GitOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
  /** Also taken for success, beside 0. */
  readonly allowed?: readonly number[];
  readonly signal?: AbortSignal | undefined;
  /** Hooks of the repository run: somebody asked for just what git does. */
  readonly hooks?: boolean;
}

export interface GitAnswer {
  readonly code: number;
  readonly out: Buffer;
  /** What it says beside that. */
  readonly said: string;
}

/** Runs git in a folder and returns what it prints. Throws `GitError`. */
export async function runGit(
  folder: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitAnswer> {
  const { env, input = '', allowed = [], signal, hooks } = options;
  const child = startGit(folder, args, env, hooks ? NO_MONITOR : SAFE);
  const stop = (): void => void child.kill();
  signal?.addEventListener('abort', stop);
  try {
    child.stdin.end(input);
    const [out, code] = await Promise.all([collect(child.stdout), ended(child, args)]);
    if (signal?.aborted) throw new GitError('cancelled', 'Cancelled');
    if (code !== 0 && !allowed.includes(code)) throw failure(args, child);
    return { code, out, said: saidBy(child) };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The same as text without the line end behind it. */
export async function askGit(
  folder: string,
  args: readonly string[],
  options?: GitOptions,
): Promise<string> {
  const { out } = await runGit(folder, args, options);
  return out.toString('utf8').replace(/\r?\n$/, '');
}

/** Starts git with pipes; `ended` tells how it ended. */
export function startGit(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  settings: readonly string[] = SAFE,
): ChildProcessWithoutNullStreams {
  const child = spawn('git', [...settings, ...args], {
    cwd: folder,
    env: { ...environment(), ...env },
    windowsHide: true,
  });
  folders.set(child, folder);
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    words.set(child, ((words.get(child) ?? '') + text).slice(-MOST_WORDS));
  });
  // Its end says what there is to say.
  child.stdin.on('error', () => {});
  return child;
}

/** The exit code, once it has ended and all is read. Throws `GitError` when it could not start. */
export async function ended(
  child: ChildProcessWithoutNullStreams,
  args: readonly string[],
): Promise<number> {
  try {
    await once(child, 'close');
  } catch (error) {
    const isMissing = systemCode(error) === 'ENOENT';
    const folder = folders.get(child) ?? '';
    // The system tells neither from the other.
    if (isMissing && !existsSync(folder)) {
      throw new GitError('no_repository', `${folder} is not there`, { cause: error });
    }
    const why = isMissing ? 'git cannot be found: install it, or add it to PATH' : String(error);
    throw new GitError('no_git', `git ${args[0]}: ${why}`, { cause: error });
  }
  return child.exitCode ?? 128;
}

/** What git said in failing. */
export function failure(args: readonly string[], child: ChildProcessWithoutNullStreams): GitError {
  const said = saidBy(child).trim();
  const why = said === '' ? `ended with ${child.signalCode ?? child.exitCode}` : said;
  return new GitError('git_failed', `git ${args[0]}: ${why}`);
}

function saidBy(child: ChildProcessWithoutNullStreams): string {
  return words.get(child) ?? '';
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** What git is told by its surroundings, but for what would make it work in another repository. */
function environment(): NodeJS.ProcessEnv {
  const { GIT_DIR: _d, GIT_WORK_TREE: _w, GIT_INDEX_FILE: _i, ...rest } = process.env;
  const { GIT_OBJECT_DIRECTORY: _o, GIT_PREFIX: _p, GIT_NAMESPACE: _n, ...others } = rest;
  const { GIT_COMMON_DIR: _c, GIT_QUARANTINE_PATH: _q, GIT_ATTR_SOURCE: _a, ...kept } = others;
  // A look at the index must not write it, nor a question wait for somebody who is not there.
  return { ...kept, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
}

/** The folder may be anybody's: its configuration must not make git start programs of its own. */
const NO_MONITOR = ['-c', 'core.fsmonitor=false'];
const SAFE = [...NO_MONITOR, '-c', 'core.hooksPath=/dev/null'];
const MOST_WORDS = 4000;
const words = new WeakMap<ChildProcessWithoutNullStreams, string>();
const folders = new WeakMap<ChildProcessWithoutNullStreams, string>();
