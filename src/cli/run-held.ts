import { spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import { rememberedStates } from '../mirror/directory-mirror.ts';
import { holdText } from '../mirror/held-runs.ts';
import { WorldError } from '../world/world-error.ts';
import type { Command, Context } from './command.ts';
import { UsageError } from './exit-code.ts';
import { isMirrorRunning } from '../mirror/mirror-lock.ts';
import { pathInside } from '../world/path-inside.ts';

export const runHeldCommand: Command = {
  name: 'run-held',
  usage: '[--minutes N] -- COMMAND [ARGUMENTS]',
  summary: 'run a command in an agent’s folder while the text there stays as it is',
  explanation: `
Runs a build or a test in a folder that a mirror keeps, so that it reads one text from its beginning to
its end: what others do meanwhile is put on disk when it is over. What the command itself writes counts,
as all that is written there does. It ends with the command's exit code, or with 124 where that took
longer than --minutes; signals go to the command. Where this is killed the text moves again at once.

  agent-world run-held -- npm test

The folder is the one you are in, or one around it; --folder names another. "agent-world snapshot" makes a
folder that does not move at all, without what builds need.`,
  options: [
    { name: 'minutes', value: 'N', meaning: 'how long it may take (30)' },
    { name: 'folder', value: 'DIR', meaning: 'run it in this folder' },
  ],
  positionals: [1, Number.MAX_SAFE_INTEGER],
  async run(context, line) {
    const minutes = Number(line.text('minutes') ?? 30);
    if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
      throw new UsageError(`--minutes must be a number up to ${MOST_MINUTES}`);
    }
    const cwd = path.resolve(line.text('folder') ?? process.cwd());
    const state = await stateAround(context, cwd);
    const held = await holdText(state, {
      isMirrored: await isMirrorRunning(state),
      timeoutMs: HOLD_MS,
    });
    if (held === undefined) throw new WorldError('bad_home', 'This runtime cannot lock files');
    try {
      if (!held.isHeld)
        throw new WorldError('unreachable', 'The mirror of this folder does not answer');
      return await runToEnd(context, line.positionals, { cwd, timeoutMs: minutes * 60_000 });
    } finally {
      held.end();
    }
  },
};

const MOST_MINUTES = 24 * 60;
/** A mirror that puts down thousands of files comes to an end of that first. */
const HOLD_MS = 120_000;
/** As `timeout` of other systems' commands says it. */
const TOO_LONG = 124;
/** Whoever does not end when asked is ended. */
const GRACE_MS = 5_000;

/** The state of the mirror that keeps the innermost folder around `cwd`. */
async function stateAround({ machine }: Context, cwd: string): Promise<string> {
  const real = await realpath(cwd).catch(() => cwd);
  const around = (await rememberedStates(machine.home))
    .filter(({ directory }) => pathInside(directory, real) !== undefined)
    .sort((a, b) => b.directory.length - a.directory.length);
  const [innermost, next] = around;
  if (innermost === undefined) {
    throw new UsageError(`No mirror has kept ${cwd}: its text does not move by itself`);
  }
  // A directory may have been in several worlds: what counts is where a mirror runs.
  if (next?.directory !== innermost.directory) return innermost.state;
  const same = around.filter(({ directory }) => directory === innermost.directory);
  for (const { state } of same) if (await isMirrorRunning(state)) return state;
  return innermost.state;
}

async function runToEnd(
  { machine, terminal }: Context,
  [command = '', ...args]: readonly string[],
  { cwd, timeoutMs }: { readonly cwd: string; readonly timeoutMs: number },
): Promise<number> {
  const child = spawn(command, args, { cwd, stdio: 'inherit' });
  let isTooLong = false;
  let cancel = machine.clock.after(timeoutMs, () => {
    isTooLong = true;
    terminal.note(`It takes longer than it may; ending ${command}`);
    child.kill('SIGTERM');
    cancel = machine.clock.after(GRACE_MS, () => void child.kill('SIGKILL'));
  });
  const forward = (name: NodeJS.Signals): void => {
    // A terminal tells its whole group of an interrupt, the command too.
    if (name !== 'SIGINT' || !process.stdin.isTTY) child.kill(name);
  };
  const endWithUs = (): void => void child.kill('SIGTERM');
  for (const name of FORWARDED) process.on(name, forward);
  process.on('exit', endWithUs);
  try {
    const ended = Promise.withResolvers<number>();
    child.once('error', (error) => {
      ended.reject(new UsageError(`${command} cannot be started: ${error.message}`));
    });
    child.once('exit', (code, by) => {
      ended.resolve(code ?? 128 + (by === null ? 0 : constants.signals[by]));
    });
    const code = await ended.promise;
    return isTooLong ? TOO_LONG : code;
  } finally {
    cancel();
    process.off('exit', endWithUs);
    for (const name of FORWARDED) process.off(name, forward);
  }
}

const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
