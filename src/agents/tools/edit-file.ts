/**
 * Owns: editing one file: by quotes of its text. Does not know: how texts are kept and told.
 */
import { type Changes, normalizeChanges } from '../../core/change.ts';
import type { Text } from '../../core/text.ts';
import { trimChanges } from '../../sync/minimal-changes.ts';
import type { Link } from '../../world/link.ts';
import { refused, type Reply } from './answer.ts';
import type { Ground, Grounds, NamedBase } from './grounds.ts';
import { excerptOf } from './numbered-lines.ts';
import { findQuotes, type QuoteEdit, type QuotedChanges } from './quotes.ts';

export interface QuoteRequest extends NamedBase {
  readonly path: string;
  /** All or none of them are made. */
  readonly edits: readonly QuoteEdit[];
}

/** An edit that is ready to be sent. */
export interface PlannedEdit {
  readonly ground: Ground;
  /** In normal form, without what is replaced by the same. */
  readonly changes: Changes;
  /** What must still read the same when it is made. */
  readonly quoted: Changes;
  readonly after: Text;
  readonly notes: readonly string[];
}

export type Planned =
  | { readonly tag: 'edit'; readonly edit: PlannedEdit }
  | { readonly tag: 'refused'; readonly reply: Reply };

/** Finds out what an edit by quotes changes. Throws `WorldError` and `LinkFailure`. */
export async function planQuotes(
  link: Link,
  grounds: Grounds,
  { path, edits, ...base }: QuoteRequest,
): Promise<Planned> {
  if (edits.length === 0 || edits.some(({ search }) => search === '')) {
    return refuse(
      refused('bad_request', 'Every edit needs a text to search for, which must not be empty.'),
    );
  }
  const file = await grounds.find(path);
  if (file.tag === 'refused') return file;
  if (file.tag === 'none') return refuse(noSuchFile(file.path));
  const on = await grounds.on(link, file.head, base);
  if (on.tag === 'refused') return on;
  const found = findQuotes(on.ground.text, edits);
  if (found.tag === 'found') return plannedEdit(on.ground, found.changes, found.notes);
  // What others wrote since may be quoted from what the agent was told of it, or from elsewhere.
  if (found.tag === 'not_found' && on.ground.origin === 'given') {
    const newest = await grounds.newest(link, on.ground);
    const now = findQuotes(newest.text, edits);
    if (now.tag === 'found') return plannedEdit(newest, now.changes, now.notes);
    if (now.tag !== 'not_found') return refuse(misfit(newest, now));
    return refuse(misfit(newest, found));
  }
  return refuse(misfit(on.ground, found));
}

/** What the changes make of a ground. */
export function plannedEdit(ground: Ground, quoted: Changes, notes: readonly string[]): Planned {
  const changes = normalizeChanges(trimChanges(quoted, ground.text));
  if (changes.length === 0) {
    const message = `${ground.path} reads so already: the edit would change nothing.`;
    return refuse({ ...refused('no_change', message), outcome: 'done' });
  }
  const after = ground.text.apply(changes);
  return { tag: 'edit', edit: { ground, changes, quoted, after, notes } };
}

export function noSuchFile(path: string): Reply {
  return refused('no_such_file', `The world has no file ${path}.`, [
    'List the files to find the right path, or create the file.',
  ]);
}

function refuse(reply: Reply): { readonly tag: 'refused'; readonly reply: Reply } {
  return { tag: 'refused', reply };
}

/** Why quotes fit nowhere, or too often. */
function misfit(ground: Ground, found: Exclude<QuotedChanges, { readonly tag: 'found' }>): Reply {
  const { path, version } = ground;
  switch (found.tag) {
    case 'not_found':
      return refused(
        'not_found',
        `The text that you quote is not in ${path} (version ${version}): ${shorten(found.edit.search)}`,
        [`Read ${path} and quote its text exactly, with its indentation.`],
      );
    case 'ambiguous': {
      const places = found.lines.map((line) =>
        excerptOf(ground, { firstLine: line, lastLine: line }, 1),
      );
      return refused(
        'ambiguous',
        `The text that you quote stands in ${path} (version ${version}) ${found.lines.length} times, at lines ${found.lines.join(', ')}: ${shorten(found.edit.search)}`,
        [
          'Quote more lines around the place that you mean, or say which occurrence (1, 2, …), or `all`.',
        ],
        { kind: 'places', places: places.slice(0, MOST_PLACES), difference: '' },
      );
    }
    case 'overlapping':
      return refused(
        'overlapping',
        `Two of your edits change the same text of ${path}: ${shorten(found.edit.search)}`,
        ['Put both into one edit.'],
      );
  }
}

function shorten(text: string): string {
  const short = text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text;
  return JSON.stringify(short);
}

const MOST_QUOTED = 120;
const MOST_PLACES = 12;
