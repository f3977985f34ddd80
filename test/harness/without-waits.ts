import { WAIT_TEXTS } from '../../src/cli/wait-texts.ts';

/** The lines of a command's errors without what it says that it waits for, which a slow machine makes it say. */
export function withoutWaits(err: string): readonly string[] {
  const waits = Object.values<string>(WAIT_TEXTS);
  return err.split('\n').filter((line) => line !== '' && !waits.includes(line));
}
