import { WorldError } from '../world/world-error.ts';

/**
 * What an attempt comes to, if that is in time. Rejects with `WorldError` `cancelled` once the signal
 * aborts, and with whatever nobody else caught meanwhile: a library that cannot read a server's message
 * throws out of its socket's handler.
 */
export async function within<Result>(
  patienceMs: number,
  signal: AbortSignal,
  attempt: () => Promise<Result>,
): Promise<Result> {
  let release = (): void => {};
  const broken = new Promise<never>((_, reject) => {
    const cancel = (): void => reject(new WorldError('cancelled', 'Interrupted'));
    const late = (): void => reject(new Error(`no answer within ${patienceMs / 1000} s`));
    const timer = setTimeout(late, patienceMs);
    signal.addEventListener('abort', cancel, { once: true });
    process.on('uncaughtException', reject);
    release = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      process.off('uncaughtException', reject);
    };
    if (signal.aborted) cancel();
  });
  try {
    return await Promise.race([attempt(), broken]);
  } finally {
    release();
  }
}
