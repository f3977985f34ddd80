import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One finished system call of a traced program, with where it began and ended in the trace. */
export interface TracedCall {
  readonly name: string;
  /** Line of the trace at which the kernel was entered. */
  readonly began: number;
  /** Line at which it returned. */
  readonly ended: number;
  /** What the descriptor was open on, as `strace -yy` tells: a path, or `TCP:[…]`. */
  readonly target: string;
  /** The arguments as strace prints them; printable bytes of a buffer stand as they are. */
  readonly text: string;
}

/** The command line that runs a program under strace, writing its calls to `output`. */
export function straceCommand(output: string): readonly string[] {
  return [
    'strace',
    '--follow-forks',
    '--decode-fds=all',
    '--string-limit=131072',
    '--trace=fsync,fdatasync,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg',
    `--output=${output}`,
  ];
}

/** Installs strace where that is possible; otherwise throws with what is missing. */
export function requireStrace(say: (message: string) => void): void {
  if (runs('strace', '-V')) return;
  if (process.getuid?.() === 0 && runs('apt-get', '--version')) {
    say('Installing strace from the packages of this system, to trace what the host syncs.');
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '-qq', 'strace'], { stdio: 'ignore' });
    if (runs('strace', '-V')) return;
  }
  throw new Error('strace is missing: install it, so that the order of syncs can be shown');
}

/** Reads a trace; calls of several threads that overlap are put together. */
export async function readTrace(file: string): Promise<TracedCall[]> {
  const calls: TracedCall[] = [];
  const unfinished = new Map<string, { began: number; text: string }>();
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    line += 1;
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(text) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const start = resumed ? unfinished.get(thread) : { began: line, text: '' };
    const whole = `${start?.text ?? ''}${resumed ? resumed[1] : rest}`;
    if (start === undefined) continue;
    if (whole.endsWith(' <unfinished ...>')) {
      unfinished.set(thread, { began: line, text: whole.slice(0, -' <unfinished ...>'.length) });
      continue;
    }
    const call = /^(\w+)\(\d+<(.*?)>(?=[,)])(.*)\)\s+= (-?\d+)/.exec(whole);
    if (call === null || Number(call[4]) < 0) continue;
    const [, name = '', target = '', argument = ''] = call;
    calls.push({ name, began: start.began, ended: line, target, text: argument });
  }
  return calls;
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}
