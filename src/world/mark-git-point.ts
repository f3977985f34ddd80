import type { GitPoint } from '../core/git-point.ts';
import { canonicalJson } from '../core/op-payload.ts';
import { demandDone } from './demand-done.ts';
import { demandTurns } from './turns.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import type { WorldSession } from './world-session.ts';

/** Writes down where the world met a repository, once, whatever the connection does. Throws `WorldError`. */
export async function markGitPoint(
  session: WorldSession,
  point: GitPoint,
  text: string,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<void> {
  if (point.kind === 'export' && point.mode === 'turns') demandTurns(session);
  const opId = newUuid(session.clock.nowMs(), randomBytes);
  const args = { opId, point: canonicalJson(point), text };
  demandDone(await session.deliver('mark_git_point', args, [opId], signal));
}
