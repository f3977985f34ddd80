import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { WebSocket, type RawData } from 'ws';
import { systemClock, type CancelTimer, type Clock } from './clock.ts';
import { HEARTBEAT_MS, type LeaseMessage } from './folder-lease.ts';
import { systemCode } from './host-error.ts';

export interface FolderLeaseOptions {
  /** Where the host is: its address, or how to find it again after it moved (`ensureHost`). */
  readonly uri: string | ((signal: AbortSignal) => Promise<string>);
  /** The world's database name or identity. */
  readonly world: string;
  /** Path of the folder; it is told to the host as `folderKeyOf` of it. */
  readonly folder: string;
  /** Gives the lease back, or stops asking. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** The folder is ours until `onLost`; `fence` is higher than that of every earlier holder. */
  onGranted(fence: number): void;
  /** Ends every grant, also one given back: stop writing. Asking again goes on by itself. */
  onLost(): void;
  /** Another window holds the folder. */
  onWaiting?(ahead: number): void;
  /** The host could not be asked; it will be tried again. */
  onUnreachable?(error: unknown): void;
}

/**
 * Asks the host for the lease of a folder in a world, and keeps asking until `signal` aborts: across
 * holders that end, and across restarts and handovers of the host.
 */
export function acquireFolderLease(options: FolderLeaseOptions): void {
  const { signal, clock = systemClock } = options;
  let failures = 0;
  let cancelRetry: CancelTimer = () => {};

  const ask = (): void => {
    holdOnce(options, clock, () => (failures = 0)).then(retry, (error: unknown) => {
      options.onUnreachable?.(error);
      retry();
    });
  };
  const retry = (): void => {
    if (signal.aborted) return;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS);
    failures += 1;
    cancelRetry = clock.after(delayMs, ask);
  };

  signal.addEventListener('abort', () => cancelRetry(), { once: true });
  if (!signal.aborted) ask();
}

/**
 * Names a folder the same way from every window, whatever links and spellings lead to it, and
 * without telling its path: lower-case hexadecimal SHA-256.
 */
export async function folderKeyOf(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  const canonical = (await canonicalPath(folder)).normalize('NFC');
  // Both platforms find a folder by any casing, and `realpath` need not restore the real one.
  const foldsCase = platform === 'win32' || platform === 'darwin';
  const name = foldsCase ? canonical.toLowerCase() : canonical;
  return createHash('sha256').update(name).digest('hex');
}

/** A folder that is gone for now has the name that it had: its place is still kept and asked about. */
async function canonicalPath(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    const above = path.dirname(folder);
    if (systemCode(error) !== 'ENOENT' || above === folder) throw error;
    return path.join(await canonicalPath(above), path.basename(folder));
  }
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/** One connection's worth of the lease; resolves when it ended, rejects when there was none. */
async function holdOnce(
  options: FolderLeaseOptions,
  clock: Clock,
  onAnswered: () => void,
): Promise<void> {
  const { signal } = options;
  const folderKey = await folderKeyOf(options.folder);
  const uri = typeof options.uri === 'string' ? options.uri : await options.uri(signal);
  if (signal.aborted) return;
  const address = leaseAddress(uri, options.world, folderKey);
  const socket = new WebSocket(address, { perMessageDeflate: false });
  const abort = (): void => socket.close();
  signal.addEventListener('abort', abort);
  let held = false;
  let failure: Error | undefined;
  let cancelSilence = terminateWhenSilent(socket, clock);
  socket.on('ping', () => {
    cancelSilence();
    cancelSilence = terminateWhenSilent(socket, clock);
  });
  socket.on('error', (error) => (failure = error));
  socket.on('message', (data) => {
    const message = parseMessage(data);
    if (message === undefined || signal.aborted) return;
    onAnswered();
    held = message.granted;
    if (message.granted) options.onGranted(message.fence);
    else options.onWaiting?.(message.ahead);
  });
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  cancelSilence();
  signal.removeEventListener('abort', abort);
  if (held) options.onLost();
  else if (failure !== undefined && !signal.aborted) throw failure;
}

function leaseAddress(uri: string, world: string, folderKey: string): URL {
  const address = new URL('agent-world/lease', uri);
  address.protocol = 'ws:';
  address.searchParams.set('world', world);
  address.searchParams.set('folder', folderKey);
  address.searchParams.set('holder', ownName());
  return address;
}

/** What this process is to a person who looks for it. */
function ownName(): string {
  const isCommand = path.basename(process.argv[1] ?? '') === 'cli.cjs';
  return `${isCommand ? 'agent-world mirror' : 'a window'} (process ${process.pid})`;
}

/** A connection on which the host says nothing may long be dead, and the folder another's. */
function terminateWhenSilent(socket: WebSocket, clock: Clock): CancelTimer {
  return clock.after(3 * HEARTBEAT_MS, () => socket.terminate());
}

function parseMessage(data: RawData): LeaseMessage | undefined {
  const value = parseObject((data as Buffer).toString('utf8'));
  if (value['granted'] === true && typeof value['fence'] === 'number') {
    return { granted: true, fence: value['fence'] };
  }
  if (value['granted'] === false && typeof value['ahead'] === 'number') {
    return { granted: false, ahead: value['ahead'] };
  }
  return undefined;
}

function parseObject(text: string): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
