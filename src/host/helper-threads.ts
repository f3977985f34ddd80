import { readdirSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/** How much less the helpers weigh, in steps of `nice`; ten of them are about a tenth of the weight. */
const STEPS_BELOW = 10;

/**
 * Lets the threads with which V8 compiles and collects garbage give way to the one that does the
 * work, and to the clients on the same machine: on few processors a keystroke otherwise waits for a
 * whole time slice of theirs. To be called at the start, when there are no other threads yet. Only
 * Linux has priorities for single threads; elsewhere nothing happens. `steps`: how much less they weigh.
 */
export function yieldHelperThreads(steps = STEPS_BELOW): void {
  if (process.platform !== 'linux') return;
  try {
    for (const thread of helperThreads()) {
      const priority = getPriority(thread) + steps;
      setPriority(thread, Math.min(priority, constants.priority.PRIORITY_LOW));
    }
  } catch {
    // Where a sandbox hides threads or forbids it, the host is slower at times, and nothing else.
  }
}

/** The ids of all threads but the first, whose id is that of the process. */
function helperThreads(): number[] {
  return readdirSync('/proc/self/task')
    .map(Number)
    .filter((thread) => thread !== process.pid);
}
