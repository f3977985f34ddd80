/** Owns: which claim of somebody else a write of a client's tool meets. */
import { readFile, stat } from 'node:fs/promises';
import { isPathClaim } from '../../world/any-claim.ts';
import { pathClaimsOn } from '../../world/path-claims.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { ClaimView } from '../tools/answer.ts';
import { claimsOfOthersOn, claimView } from '../tools/claim-views.ts';
import type { FileToWrite } from './hook-event.ts';
import { writtenLines } from './written-lines.ts';

/** `path`: in the world; `file` is on this disk. `made`: the text that a whole one is made on, where that is known. */
export async function claimOnWrite(
  session: WorldSession,
  path: string,
  { file, write }: FileToWrite,
  made?: string,
): Promise<ClaimView | undefined> {
  const { view, identity, clock } = session;
  const head = view.fileAt(path);
  // No file has this number: of one that is yet to come, its path alone counts.
  const whole = pathClaimsOn(view, head ?? { fileId: -1, path }).find(
    ({ holder, expiresAtMs }) => holder !== identity && expiresAtMs > clock.nowMs(),
  );
  if (whole) return claimView(session, whole);
  if (!head) return undefined;
  const onLines = claimsOfOthersOn(session, new Set([head.fileId])).flatMap((claim) =>
    isPathClaim(claim) ? [] : [claim],
  );
  if (onLines.length === 0) return undefined;
  const ranges = writtenLines(made ?? (await textOf(file)), write);
  const met = onLines.find((claim) =>
    ranges.some(
      ({ firstLine, lastLine }) => claim.firstLine <= lastLine && claim.lastLine >= firstLine,
    ),
  );
  return met && claimView(session, met);
}

/** Who holds it, how long and why, and what can be done. */
export function claimReason({
  holder,
  path,
  firstLine,
  lastLine,
  endsAtMs,
  reason,
}: ClaimView): string {
  const lines = firstLine > 0 ? `lines ${firstLine} to ${lastLine} of ` : '';
  const why = reason === '' ? '' : ` The reason: ${reason}.`;
  return (
    `${holder} has claimed ${lines}${path} until ${new Date(endsAtMs).toISOString()}.${why} ` +
    `Nothing was written. Work elsewhere, wait until the claim ends, or ask ${holder} by a message.`
  );
}

/** Empty for what cannot be read, or is too long to be looked through before each write. */
async function textOf(file: string): Promise<string> {
  try {
    return (await stat(file)).size > MOST_BYTES ? '' : await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

const MOST_BYTES = 1024 * 1024;
