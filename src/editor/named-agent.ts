/** Owns: whether an agent of this machine may be named as the author of what it did in a person's window. */
import type { IdentityHex } from '../core/op.ts';
import { mayName } from '../mirror/told-author.ts';
import type { WorldSession } from '../world/world-session.ts';

/** A member that has just joined is told to who let it in within this time. */
const TOLD_MS = 3_000;

/** The agent, once the session knows it; undefined where it may not be named, or stays unknown. */
export async function namedAgent(
  session: WorldSession,
  agent: IdentityHex | undefined,
): Promise<IdentityHex | undefined> {
  if (agent === undefined) return undefined;
  const isNamed = (): boolean => mayName(session, agent);
  if (!isNamed()) await toldOf(session, isNamed);
  return isNamed() ? agent : undefined;
}

async function toldOf({ view, clock }: WorldSession, isSo: () => boolean): Promise<void> {
  const told = Promise.withResolvers<void>();
  const look = (): void => {
    if (isSo()) told.resolve();
  };
  const stops = [
    view.members.onChange(look),
    view.origins.onChange(look),
    clock.after(TOLD_MS, () => told.resolve()),
  ];
  await told.promise;
  for (const stop of stops) stop();
}
