import type { IdentityHex } from '../core/op.ts';
import { memberName } from './member-name.ts';
import type { Refusal } from './refusal.ts';
import type { WorldView } from './world-view.ts';

/**
 * A refusal's message for a person; of a claim it says who holds which lines, and until when, of a pause who is
 * paused by whom.
 */
export function refusalText(view: Pick<WorldView, 'members'>, refusal: Refusal): string {
  const { code, message, details } = refusal;
  if (code === 'paused') return pauseText(view, details) ?? message;
  const { holder, expiresAtMicros, firstLine, lastLine, pattern, path } = details;
  if (code !== 'locked' || typeof holder !== 'string' || typeof expiresAtMicros !== 'string') {
    return message;
  }
  const name = memberName(view, holder);
  const until = new Date(Number(BigInt(expiresAtMicros) / 1000n)).toISOString();
  const lines = linesOf(firstLine, lastLine);
  const where = typeof path === 'string' ? `${lines} of ${path}` : lines;
  return `${name} has claimed ${typeof pattern === 'string' ? pattern : where} until ${until}`;
}

/** Who is paused by whom, since when; undefined where the world does not tell. */
function pauseText(
  view: Pick<WorldView, 'members'>,
  { member, by, sinceMs }: Refusal['details'],
): string | undefined {
  if (typeof member !== 'string' || typeof by !== 'string' || typeof sinceMs !== 'number') {
    return undefined;
  }
  const since = new Date(sinceMs).toISOString();
  return `${memberName(view, by)} has paused ${memberName(view, member)} since ${since}`;
}

/** As the world refuses what a paused member does, with as much as is known here. */
export function pauseRefusal({ pauses }: Pick<WorldView, 'pauses'>, member: IdentityHex): Refusal {
  const row = pauses.get(member);
  const details = row ? { member, by: row.by, sinceMs: row.sinceMs } : {};
  return { code: 'paused', message: 'this member is paused', details };
}

/** Lines count from 0 in a refusal, and from 1 for people. */
function linesOf(first: unknown, last: unknown): string {
  if (typeof first !== 'number' || typeof last !== 'number') return 'these lines';
  return first === last ? `line ${first + 1}` : `lines ${first + 1} to ${last + 1}`;
}
