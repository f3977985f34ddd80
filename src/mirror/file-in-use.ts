import type { DiskPort } from '../host/disk-port.ts';
import { mayBeInUse, tryAgain } from '../host/try-again.ts';

/** Another program has the file open, and the system lets nobody else do what is to be done with it meanwhile. */
export class FileInUse extends Error {
  readonly code = IN_USE;

  constructor(cause?: unknown) {
    super('another program has the file open', { cause });
    this.name = 'FileInUse';
  }
}

/** The code of such an error, beside those of the system. */
export const IN_USE = 'AW_IN_USE';

/** Does what somebody's open file may stand in the way of, a few times or `once`; throws `FileInUse` where it stays so. */
export async function insist<Result>(
  disk: DiskPort,
  act: () => Promise<Result>,
  {
    once,
    isInUse = mayBeInUse,
  }: { readonly once: boolean; readonly isInUse?: (error: unknown) => boolean },
): Promise<Result> {
  try {
    return await (once ? act() : tryAgain(act, disk, undefined, isInUse));
  } catch (error) {
    throw isInUse(error) ? new FileInUse(error) : error;
  }
}
