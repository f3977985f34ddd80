import { type DiskPort, systemDisk } from './disk-port.ts';
import { systemCode } from './host-error.ts';

/**
 * What Windows says, by way of libuv, of a file that somebody has open (`uv_translate_sys_error`): a sharing
 * violation or a lock is EBUSY; access denied, which it also says of a replaced or deleted file that is open, is EPERM.
 */
const IN_USE_CODES: ReadonlySet<string> = new Set(['EBUSY', 'EPERM', 'EACCES']);

/**
 * True where it may be that somebody has the file open, of what replaces or removes one. A right that is missing looks
 * the same.
 */
export function mayBeInUse(error: unknown): boolean {
  return IN_USE_CODES.has(systemCode(error) ?? '');
}

/** True where somebody has the file open, of what opens it or gives it another name: a missing right is not meant. */
export function isHeld(error: unknown): boolean {
  return systemCode(error) === 'EBUSY';
}

/** Somebody who looks at every file that changes, such as a scanner for viruses, is done within milliseconds. */
const PAUSES_MS = [0, 10, 20, 40, 80] as const;

/** Does what somebody's open file may stand in the way of, a few times; rejects with what the system says at last. */
export async function tryAgain<Result>(
  act: () => Promise<Result>,
  disk: Pick<DiskPort, 'pause'> = systemDisk,
  pausesMs: readonly number[] = PAUSES_MS,
  isInUse: (error: unknown) => boolean = mayBeInUse,
): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      return await act();
    } catch (error) {
      const pauseMs = pausesMs[tries];
      if (pauseMs === undefined || !isInUse(error)) throw error;
      await disk.pause(pauseMs);
    }
  }
}

/** The same at once; nobody waits longer than for a slow disk. */
export function tryAgainSync(act: () => void): void {
  for (let tries = 0; ; tries++) {
    try {
      return act();
    } catch (error) {
      const pauseMs = PAUSES_MS[tries];
      if (pauseMs === undefined || !mayBeInUse(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}
