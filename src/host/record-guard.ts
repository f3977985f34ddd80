import { watch } from 'node:fs';
import type { Clock, CancelTimer } from './clock.ts';
import { readHostRecord, writeHostRecord, type HostRecord } from './discovery.ts';
import type { Home } from './home.ts';
import type { HostLog } from './log.ts';
import type { ProcessLock } from './process-lock.ts';

export interface RecordGuardOptions {
  readonly home: Home;
  readonly record: HostRecord;
  readonly lock: ProcessLock;
  readonly clock: Clock;
  readonly log: HostLog;
  readonly pollMs: number;
  /** The lock's file is not the one this host holds: another host may start beside it. */
  onLockLost(): void;
}

export interface RecordGuard {
  /** Resolves when no write of the guard's can come any more. */
  stop(): Promise<void>;
}

/**
 * Keeps `host.json` naming this host: whoever deletes or overwrites it gets it back, and a lock file
 * that was swapped ends the host. Woken by the directory's events, and by a slow poll where the
 * system has none to give.
 */
export function guardRecord(options: RecordGuardOptions): RecordGuard {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let queued = false;
  let cancelPoll: CancelTimer = () => {};

  const look = async (): Promise<void> => {
    queued = false;
    if (stopped) return;
    if (!options.lock.guardsItsPath()) return options.onLockLost();
    const found = await readHostRecord(options.home);
    if (found?.key === options.record.key || stopped) return;
    await writeHostRecord(options.home, options.record);
    options.log.warn('record.restored');
  };
  const wake = (): void => {
    if (queued || stopped) return;
    queued = true;
    running = running.then(look).catch((error: unknown) => {
      options.log.error('record.guard_failed', { error: String(error) });
    });
  };
  const poll = (): void => {
    wake();
    cancelPoll = options.clock.after(options.pollMs, poll);
  };

  const stopWatching = watchDirectory(options, wake);
  poll();
  return {
    async stop() {
      stopped = true;
      cancelPoll();
      stopWatching();
      await running;
    },
  };
}

function watchDirectory(options: RecordGuardOptions, onChange: () => void): () => void {
  try {
    const watcher = watch(options.home.root, { persistent: false }, onChange);
    watcher.on('error', (error) => {
      options.log.warn('record.watch_ended', { error: error.message });
      watcher.close();
    });
    return () => watcher.close();
  } catch (error) {
    options.log.warn('record.watch_failed', { error: String(error) });
    return () => {};
  }
}
