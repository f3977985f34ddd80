import os from 'node:os';
import { yieldHelperThreads } from '../host/helper-threads.ts';

/** A third of the processor where somebody else wants all of it, all of it where nobody does. */
const BELOW_OTHERS = 5;

/**
 * Lets other programs of this machine go first. A mirror that takes in a branch switch works for seconds on a
 * whole core, and whoever types meanwhile would wait for it.
 */
export function giveWay(): void {
  try {
    // Whoever started it with less weight still meant that.
    os.setPriority(Math.max(os.getPriority(), BELOW_OTHERS));
    // On Linux that is said of the first thread alone, and a third of the work is done by those that collect garbage.
    yieldHelperThreads(BELOW_OTHERS);
  } catch {
    // A system that lets no program step back leaves all as it was.
  }
}
