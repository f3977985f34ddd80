import { TURN_NAME_LENGTH } from '../../src/core/turn-mark.ts';
import type { Caller, Who } from './caller.ts';
import { demand } from './refusal.ts';
import { turnOfSession } from './turn-table.ts';
import type { Context } from './world.ts';

/** The number of the turn of the session that a call names; undefined where nobody knows. */
export function turnOfCall(ctx: Context, caller: Caller, session: string): number | undefined {
  demand(session.length <= TURN_NAME_LENGTH, 'bad_request', 'a session has a short name');
  return session === '' ? undefined : turnOfSession(ctx.db, caller, session)?.turnId;
}

/** The turn of the session that the caller's connection has taken; only agents have turns. */
export function turnOfConnection(ctx: Context, actor: Who | Caller): number | undefined {
  const { connectionId } = ctx;
  if (!connectionId || !('member' in actor) || actor.member.kind !== 'agent') return undefined;
  const taken = ctx.db.connection_session.connectionId.find(connectionId);
  return taken ? turnOfSession(ctx.db, actor, taken.session)?.turnId : undefined;
}
