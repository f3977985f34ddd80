import { toHex } from '../core/hash.ts';
import type { Link } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import { readHead } from './read-head.ts';
import { readOps } from './read-ops.ts';
import type { KnownWorld, WorldList } from './world-list.ts';
import type { WorldSession } from './world-session.ts';

/**
 * Remembers a world's present head on this machine, if the history still contains the one it saw
 * last: who can rewrite everything is caught by a head kept elsewhere. `rewritten` keeps the old one.
 */
export async function rememberHead(
  session: WorldSession,
  world: Pick<KnownWorld, 'server' | 'database'>,
  worlds: WorldList,
): Promise<'remembered' | 'rewritten'> {
  const known = await worlds.find(world.server, world.database);
  if (!known) return 'remembered';
  const { opSeq, chainHash } = await readHead(linkOf(session), (head) => head);
  const { lastHead } = known;
  if (lastHead && (await chainHashAt(session, lastHead.opSeq)) !== lastHead.chainHash) {
    session.log.error('world.rewritten', { database: world.database, opSeq: lastHead.opSeq });
    return 'rewritten';
  }
  const seenAt = new Date(session.clock.nowMs()).toISOString();
  const head = { opSeq, chainHash: toHex(chainHash), seenAt };
  if (opSeq > 0) await worlds.rememberHead(world.server, world.database, head);
  return 'remembered';
}

/** Hexadecimal; undefined where the history has no such op. */
async function chainHashAt(session: WorldSession, opSeq: number): Promise<string | undefined> {
  const [op] = await readOps(linkOf(session), [opSeq]);
  return op && toHex(op.chainHash);
}

function linkOf({ link }: WorldSession): Link {
  if (!link) throw new LinkFailure('not connected to the world');
  return link;
}
