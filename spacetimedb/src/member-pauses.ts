import type { MemberPayload } from '../../src/core/op-payload.ts';
import { identityOf, type Who } from './caller.ts';
import type { Context, Row } from './world.ts';

interface PausingOp {
  readonly opSeq: number;
  readonly author: Pick<Who, 'identity'>;
  readonly madeAt: Row<'member_pause'>['pausedAt'];
}

/** Keeps who paused a member for as long as that lasts. Called for new ops and for replayed ones. */
export function notePause(
  ctx: Context,
  { opSeq, author, madeAt }: PausingOp,
  { identity: hex, paused, pauses, removed }: MemberPayload,
): void {
  const table = ctx.db.member_pause;
  const identity = identityOf(ctx, hex);
  const isStill = paused && !removed;
  if (isStill && !pauses) return;
  table.identity.delete(identity);
  if (!isStill) return;
  table.insert({ identity, pausedBy: author.identity, pausedAt: madeAt, pausedSeq: opSeq });
}
