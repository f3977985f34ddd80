/** Owns: what edits of one file's text change: by quotes, by lines, whole. Does not know: how they are sent. */

import { DEFAULT_LIMITS, type Limits } from '../../core/limits.ts';
import { type Changes, replace } from '../../core/change.ts';
import { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import type { Link } from '../../world/link.ts';
import { refused, type Reply } from './answer.ts';
import type { LinesRequest, QuoteRequest, WriteRequest } from './change-request.ts';
import type { FoundGround, Ground, Grounds, NamedBase } from './grounds.ts';
import { findLines } from './line-edits.ts';
import { linesMisfit, quoteMisfit } from './misfit.ts';
import { carryApart, type Mind } from './mind.ts';
import { noChange, type Planned, plannedEdit, refuse } from './planned-step.ts';
import { findQuotes, withLineFeeds } from './quotes.ts';
import { touchedLines } from './touched-lines.ts';

/** Throws `WorldError` and `LinkFailure`. */
export async function planQuotes(
  link: Link,
  grounds: Grounds,
  { path, edits, baseVersion, contentHash }: QuoteRequest,
): Promise<Planned> {
  if (edits.length === 0 || edits.some(({ search }) => search === '')) {
    return refuse(
      refused('bad_request', 'Every edit needs a text to search for, which must not be empty.'),
    );
  }
  const on = await groundOf(link, grounds, path, { baseVersion, contentHash });
  if (on.tag === 'refused') return on;
  return onEither(link, grounds, on.ground, (ground) => {
    const found = findQuotes(ground.text, edits);
    if (found.tag === 'found') return plannedEdit(ground, found.changes, found.notes);
    return { ...refuse(quoteMisfit(ground, found)), isNowhere: found.tag === 'not_found' };
  });
}

export async function planLines(
  link: Link,
  grounds: Grounds,
  { path, edits, baseVersion, contentHash }: LinesRequest,
): Promise<Planned> {
  if (edits.length === 0) return refuse(refused('bad_request', 'There is no edit in the call.'));
  const on = await groundOf(link, grounds, path, { baseVersion, contentHash });
  if (on.tag === 'refused') return on;
  return onEither(link, grounds, on.ground, (ground) => {
    const found = findLines(ground.text, edits);
    if (found.tag === 'found') return plannedEdit(ground, found.changes, found.notes);
    const isNowhere = found.tag === 'range_changed' && found.places.length === 0;
    return { ...refuse(linesMisfit(ground, found)), isNowhere };
  });
}

/**
 * A file that is there is made to read so by what differs from the text that the agent had: what others
 * wrote since is not touched.
 */
export async function planWhole(
  link: Link,
  grounds: Grounds,
  { path, text, baseVersion, contentHash }: WriteRequest,
  limits: Limits = DEFAULT_LIMITS,
): Promise<Planned> {
  const on = await groundOf(link, grounds, path, { baseVersion, contentHash });
  if (on.tag === 'refused') return on;
  const { ground } = on;
  const wanted = withLineFeeds(text.replace(/^\uFEFF/, ''));
  const mind = ground.origin === 'named' ? undefined : grounds.mind(ground.fileId);
  if (mind) return planOnMind(link, grounds, { ground, mind, wanted });
  const unseen = unseenReply(ground);
  if (unseen) return refuse(unseen);
  const minimal = minimalChanges(ground.text, wanted);
  const changes = minimal.length <= limits.changesPerOp ? minimal : whole(ground, wanted);
  return plannedEdit(ground, changes, [], touchedLines(ground.text, changes));
}

/**
 * The agent edited the file, and others did: what it writes now differs from its own text, of which no
 * version ever read so. That is done to the version that has theirs, too, where the two keep apart.
 */
async function planOnMind(
  link: Link,
  grounds: Grounds,
  {
    ground,
    mind,
    wanted,
  }: {
    readonly ground: Ground;
    readonly mind: Mind & { readonly version: number };
    readonly wanted: string;
  },
): Promise<Planned> {
  const own = minimalChanges(mind.text, wanted);
  if (own.length === 0) return refuse(noChange(ground.path));
  const carried = carryApart(own, mind.others);
  if (!carried) return refuse(staleCopy(ground));
  const on = await grounds.on(link, ground.head, { baseVersion: mind.version });
  if (on.tag === 'refused') return on;
  const planned = plannedEdit({ ...on.ground, origin: 'given' }, carried.moved);
  if (planned.tag === 'refused') return planned;
  const after = { text: Text.of(wanted), others: carried.others };
  const steps = planned.steps.map((step) =>
    step.kind === 'edit' ? { ...step, mind: after } : step,
  );
  return { tag: 'steps', steps };
}

function staleCopy({ path, head }: Ground): Reply {
  return refused(
    'stale_copy',
    `You edited ${path} after you read it, and so did others: you have no version of it in mind that it ever had. It is at version ${head.version} now.`,
    [`Read ${path}, and then decide what it is to be.`, 'Or edit it by quotes.'],
  );
}

/** Why an agent may not replace or remove all of a file; undefined if it may. */
export function unseenReply(ground: Ground): Reply | undefined {
  const { origin, entry, path, version } = ground;
  if (origin === 'named') return undefined;
  const readIt = `Read ${path}, and then decide what it is to be.`;
  if (!entry) {
    return refused(
      'unread',
      `You have not read ${path} (version ${version}), so you cannot replace all of it.`,
      [readIt, 'Or edit it by quotes of what you know that it holds.'],
    );
  }
  if (ground.isShared) return baseNeeded(ground);
  if (entry.isMixed) return staleCopy(ground);
  if (entry.seen === 'all') return undefined;
  const lines = entry.seen.map(({ firstLine, lastLine }) => `${firstLine}-${lastLine}`).join(', ');
  const part = lines === '' ? 'parts' : `lines ${lines}`;
  return refused(
    'partly_read',
    `You have read ${part} of ${path} (version ${version}) only, so you cannot replace all of it.`,
    [`Read all of ${path}, or edit it by quotes or lines.`],
  );
}

function baseNeeded({ path }: Ground): Reply {
  return refused(
    'base_needed',
    `Your client does not say which of its conversations asks, so it is not known which text of ${path} you were given.`,
    [
      `Call it again with base_version: the version of ${path} that you read and mean, as the answer told it.`,
      'Or edit the file by quotes.',
    ],
  );
}

/** The text that a call about a path is made on. */
export async function groundOf(
  link: Link,
  grounds: Grounds,
  path: string,
  base: NamedBase,
): Promise<FoundGround> {
  const file = await grounds.find(path);
  if (file.tag === 'refused') return file;
  if (file.tag === 'none') return refuse(noSuchFile(file.path));
  return grounds.on(link, file.head, base);
}

/**
 * Plans on the text that the agent had; what it names and is nowhere in that may be in the newest, of which
 * it was told something.
 */
export async function onEither(
  link: Link,
  grounds: Grounds,
  given: Ground,
  plan: (ground: Ground) => Planned & { readonly isNowhere?: boolean },
): Promise<Planned> {
  const planned = plan(given);
  if (planned.tag === 'steps' || !planned.isNowhere || given.origin !== 'given') return planned;
  const newest = await grounds.newest(link, given);
  return newest.version === given.version ? planned : plan(newest);
}

export function noSuchFile(path: string): Reply {
  return refused('no_such_file', `The world has no file ${path}.`, [
    'List the files to find the right path, or create the file.',
  ]);
}

function whole({ text }: Ground, wanted: string): Changes {
  return [replace({ line: 0, character: 0 }, text.end, wanted)];
}
