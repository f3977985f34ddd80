/** Owns: that an agent's folder is one client's while a window runs it, in a panel or a terminal. */
import type { AddedAgent } from '../agents/clients/added-agents.ts';
import { lockRun, type RunPlaceKind } from '../agents/run-lock.ts';
import { RunFault } from './run-fault.ts';
import type { RunMachine } from './run-place.ts';

/** Resolves with how it is let go of. Rejects with `RunFault` where a client works there already. */
export async function holdFolder(
  { home, clock }: Pick<RunMachine, 'home' | 'clock'>,
  { name, folder }: Pick<AddedAgent, 'name' | 'folder'>,
  place: RunPlaceKind,
): Promise<() => void> {
  for (let tries = 1; ; tries++) {
    const lock = lockRun(home, folder, place);
    if (lock.kind === 'held') return () => lock.release();
    if (lock.kind === 'unavailable') return () => {};
    if (tries === LOCK_TRIES) {
      const next = 'Go on there, or end it there first: two at once would change the same files.';
      throw new RunFault('folder_busy', `${name} runs in a ${lock.by} already.`, next);
    }
    // Who only looks whether it is held has it for a moment, too.
    await new Promise<void>((resolve) => {
      clock.after(LOCK_MS, resolve);
    });
  }
}

const LOCK_TRIES = 5;
const LOCK_MS = 20;
