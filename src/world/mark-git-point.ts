import type { GitPoint } from '../core/git-point.ts';
import { listed } from '../core/listed.ts';
import { canonicalJson } from '../core/op-payload.ts';
import { demandDone } from './demand-done.ts';
import { unreviewedRefusal } from './export-rule.ts';
import type { Refusal } from './refusal.ts';
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
  const answer = await session.deliver('mark_git_point', args, [opId], signal);
  const refusal = answer.tag === 'refused' ? answer.refusal : undefined;
  if (refusal?.code === 'unreviewed') throw unreviewedRefusal(unreviewedFiles(session, refusal));
  demandDone(answer);
}

/** What the world knows of it: the files, and not how much of their text. */
function unreviewedFiles({ view }: WorldSession, { details: { fileIds } }: Refusal): string {
  const ids = Array.isArray(fileIds) ? fileIds : [];
  const paths = ids.flatMap((fileId: number) => view.files.get(fileId)?.path ?? []);
  return `nobody has looked at what agents did: ${listed(paths.sort(), PATHS_NAMED)}`;
}

const PATHS_NAMED = 5;
