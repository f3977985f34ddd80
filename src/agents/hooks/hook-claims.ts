/** Owns: which claim of somebody else a write of a client's tool meets. */
import { readFile, stat } from 'node:fs/promises';
import type { Changes } from '../../core/change.ts';
import { type LineRange, mapLineRange, mapPosition } from '../../core/map-position.ts';
import { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import { isPathClaim } from '../../world/any-claim.ts';
import { readFile as readFileAt } from '../../world/file-reader.ts';
import { pathClaimsOn } from '../../world/path-claims.ts';
import { evenText } from '../../world/text-format.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { ClaimView } from '../tools/answer.ts';
import { claimsOfOthersOn, claimView } from '../tools/claim-views.ts';
import type { FileToWrite, NativeWrite } from './hook-event.ts';
import { writtenLines } from './written-lines.ts';

/**
 * `path`: in the world; `file` is on this disk. `made`: the text that a whole one is made on, where that is known.
 * The lines of a claim are those of the world's text, which disk and reading may be behind.
 */
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
  const [before, world] = [made ?? (await textOf(file)), await worldText(session, head)];
  const ranges = linesInWorld(evenText(before), world, write);
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

function linesInWorld(
  before: string,
  world: string | undefined,
  write: NativeWrite,
): readonly LineRange[] {
  const ranges = writtenLines(before, write);
  if (world === undefined || world === before) return ranges;
  const since = minimalChanges(Text.of(before), world);
  const moved = ranges.map((range) => movedLines(range, since));
  // A file is brought up to date before a write by quotes.
  return write.kind === 'quotes' ? [...moved, ...writtenLines(world, write)] : moved;
}

/** A range without a line stays one, between the same neighbours. */
function movedLines({ firstLine, lastLine }: LineRange, since: Changes): LineRange {
  if (lastLine >= firstLine) return mapLineRange({ firstLine, lastLine }, since);
  const { line } = mapPosition({ line: firstLine, character: 0 }, since, 'after');
  return { firstLine: line, lastLine: line - 1 };
}

/** At the version that is known here, as the claims are; undefined where it cannot be had, or is too long. */
async function worldText(
  { link, view }: WorldSession,
  { fileId, version }: FileHead,
): Promise<string | undefined> {
  if (!link) return undefined;
  try {
    const read = await readFileAt(link, view, fileId, version);
    if (read.kind !== 'text' || read.text.length > MOST_BYTES) return undefined;
    return read.text.toString();
  } catch {
    return undefined;
  }
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
