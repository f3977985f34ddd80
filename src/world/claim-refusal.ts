import { memberName } from './member-name.ts';
import type { Refusal } from './refusal.ts';
import type { WorldView } from './world-view.ts';

/** A refusal's message for a person; of a claim it says who holds which lines, and until when. */
export function refusalText(view: Pick<WorldView, 'members'>, refusal: Refusal): string {
  const { code, message, details } = refusal;
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

/** Lines count from 0 in a refusal, and from 1 for people. */
function linesOf(first: unknown, last: unknown): string {
  if (typeof first !== 'number' || typeof last !== 'number') return 'these lines';
  return first === last ? `line ${first + 1}` : `lines ${first + 1} to ${last + 1}`;
}
