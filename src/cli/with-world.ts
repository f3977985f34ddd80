import { openAsPerson } from '../world/open-folder.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Context } from './command.ts';
import type { ExitCode } from './exit-code.ts';
import { findWorld } from './known-world.ts';

/** Connects to the world that a command line names, and leaves it again whatever happens. */
export async function withWorld(
  { machine, signal }: Context,
  named: string | undefined,
  use: (session: WorldSession, world: KnownWorld) => Promise<ExitCode>,
): Promise<ExitCode> {
  const world = await findWorld(machine, named);
  const session = await openAsPerson(machine, world, signal);
  try {
    return await use(session, world);
  } finally {
    // An open connection would keep the process alive.
    session.close();
  }
}
