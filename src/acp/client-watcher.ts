/**
 * A program of its own between a window and a client that it runs: the client speaks with the window by its own input
 * and output; when the window lets go of the third pipe, or is gone, the client and all that it started end. Arguments:
 * the grace in milliseconds, the program, its arguments. It imports nothing but `node:`.
 */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

const [grace = '1000', program = '', ...args] = process.argv.slice(2);
const GRACE_MS = Number(grace);
const isWindows = process.platform === 'win32';

const environment = { ...process.env };
if (environment['AGENT_WORLD_RUNTIME'] === 'electron') delete environment['ELECTRON_RUN_AS_NODE'];
delete environment['AGENT_WORLD_RUNTIME'];

// A group of its own: what the client starts belongs to it.
const client = spawn(program, args, {
  stdio: ['inherit', 'inherit', 'inherit'],
  env: environment,
  detached: !isWindows,
  // What npm installs there are scripts of the shell.
  shell: isWindows,
  windowsHide: true,
});
let code = 127;
let isEnding = false;
client.once('error', () => finish());
client.once('exit', (ended, signal) => {
  code = ended ?? (signal === null ? 1 : 128);
  void end();
});

// Its end is the window's; nothing is ever said there. A stream of files would hold a thread, and the exit with it.
const held = new Socket({ fd: 3 });
held.on('error', () => void end());
held.on('close', () => void end());
held.resume();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  // Its input has ended, too: that is how such a client is asked to end.
  await untilGone(GRACE_MS);
  signalAll('SIGTERM');
  await untilGone(GRACE_MS);
  signalAll('SIGKILL');
  // Nothing can hold that up but a machine that has no time for it.
  await untilGone(KILLED_MS);
  finish();
}

function finish(): void {
  process.exit(code);
}

/** True while the client, or what it has started in its group, is there. */
function isThere(): boolean {
  const { pid } = client;
  if (pid === undefined) return false;
  if (isWindows) return client.exitCode === null && client.signalCode === null;
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function signalAll(signal: NodeJS.Signals): void {
  const { pid } = client;
  if (pid === undefined || !isThere()) return;
  if (isWindows) {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }).on('error', () => {
      client.kill();
    });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just gone.
  }
}

async function untilGone(mostMs: number): Promise<void> {
  const deadlineMs = performance.now() + mostMs;
  while (isThere() && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const LOOK_MS = 20;
const KILLED_MS = 10_000;
