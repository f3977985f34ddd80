/** What an agent is told when what it names of a text is not there, or is there too often. */
import type { Text } from '../../core/text.ts';
import { refused, type Reply } from './answer.ts';
import type { FittedHunks } from './fit-hunks.ts';
import type { Ground } from './grounds.ts';
import type { LineChanges } from './line-edits.ts';
import { nearestPlace } from './nearest-place.ts';
import { countedLines, excerptOf, type LineSpan, rangeHashOf } from './numbered-lines.ts';
import { type QuotedChanges, withLineFeeds } from './quotes.ts';

export function quoteMisfit(
  ground: Ground,
  found: Exclude<QuotedChanges, { readonly tag: 'found' }>,
): Reply {
  const { path } = ground;
  const { edit } = found;
  switch (found.tag) {
    case 'not_found': {
      const message = `The text that you quote is not in ${where(ground)}: ${shorten(edit.search)}.`;
      return notThere(ground, message, withLineFeeds(edit.search), withLineFeeds(edit.replacement));
    }
    case 'ambiguous':
      return refused(
        'ambiguous',
        `The text that you quote stands in ${where(ground)} ${found.lines.length} times, at lines ${listed(found.lines)}: ${shorten(edit.search)}.`,
        [
          'Quote more lines around the place that you mean, or say which occurrence it is (1, 2, …), or `all`.',
        ],
        placesBody(ground, found.lines),
      );
    case 'overlapping':
      return refused(
        'overlapping',
        `Two of your edits change the same text of ${path}: ${shorten(edit.search)}.`,
        ['Put both into one edit.'],
      );
  }
}

export function linesMisfit(
  ground: Ground,
  found: Exclude<LineChanges, { readonly tag: 'found' }>,
): Reply {
  const { path, text } = ground;
  const { firstLine, lastLine } = found.edit;
  const total = countedLines(text);
  switch (found.tag) {
    case 'bad_range':
      return refused(
        'bad_range',
        `There are no lines ${firstLine} to ${lastLine} in ${where(ground)}: it has ${total}.`,
        [`Read ${path} again.`],
      );
    case 'hash_needed':
      return refused(
        'hash_needed',
        `Say what stands at lines ${firstLine} to ${lastLine} of ${path}, since numbers are easily off: by \`rangeHash\` or \`oldText\`.`,
        [
          `If these are the lines that you mean, make the edit again with rangeHash: ${rangeHashOf(text, found.edit)}.`,
        ],
        { kind: 'places', places: [excerptOf(ground, found.edit)], difference: '' },
      );
    case 'range_changed': {
      const at = found.places.map((place) => place.firstLine);
      const elsewhere = at.length > 0 ? ` Lines that read so begin at ${listed(at)}.` : '';
      const hash = rangeHashWithin(text, found.edit, total);
      return refused(
        'range_changed',
        `Lines ${firstLine} to ${lastLine} of ${where(ground)} are not as you say.${elsewhere}`,
        [
          'Look at the lines below and make the edit again on what stands there.',
          ...(hash === undefined
            ? []
            : [`Lines ${firstLine} to ${Math.min(lastLine, total)} have rangeHash: ${hash}.`]),
        ],
        {
          kind: 'places',
          places: [
            excerptOf(ground, found.edit, 2),
            ...found.places.slice(0, MOST_PLACES).map((each) => excerptOf(ground, each, 1)),
          ],
          difference: '',
        },
      );
    }
    case 'overlapping':
      return refused('overlapping', `Two of your edits replace line ${firstLine} of ${path}.`, [
        'Put both into one edit.',
      ]);
  }
}

export function hunkMisfit(
  ground: Ground,
  found: Exclude<FittedHunks, { readonly tag: 'found' }>,
  count: number,
): Reply {
  const which = `Change ${found.index + 1} of ${count}`;
  if (found.tag === 'ambiguous') {
    return refused(
      'ambiguous',
      `${which} fits ${where(ground)} in ${found.places.length} places, at lines ${listed(found.places)}; nothing of the patch was done.`,
      ['Give more lines around it, or name what it stands below after @@.'],
      placesBody(ground, found.places),
    );
  }
  const message = `${which} does not fit ${where(ground)}; nothing of the patch was done.`;
  const reply = notThere(ground, message, found.lines.join('\n'), '');
  return { ...reply, code: 'patch_misfit' };
}

function notThere(ground: Ground, message: string, search: string, replacement: string): Reply {
  const { path, text } = ground;
  const next = [`Look at what stands there, and quote it exactly; or read ${path} again.`];
  const isDone =
    replacement.trim().length >= LEAST_TELLING && text.toString().includes(replacement);
  if (isDone)
    next.unshift(
      `Your new text stands in ${path} already: it may be that this edit was made before.`,
    );
  const lines = [...text.lines()];
  const near = nearestPlace(lines, withoutBlankEnds(search.split('\n')));
  if (!near) return refused('not_found', message, next);
  const span = { firstLine: near.start + 1, lastLine: near.end };
  const told = near.difference === '' ? '' : `- is yours, + is the file’s:\n${near.difference}`;
  return refused(
    'not_found',
    `${message} It comes nearest at lines ${span.firstLine} to ${span.lastLine}.`,
    next,
    {
      kind: 'places',
      places: [excerptOf(ground, cut(span), 1)],
      difference: told,
    },
  );
}

function withoutBlankEnds(lines: readonly string[]): readonly string[] {
  let [first, end] = [0, lines.length];
  while (first < end && lines[first] === '') first++;
  while (end > first && lines[end - 1] === '') end--;
  return lines.slice(first, end);
}

function rangeHashWithin(
  text: Text,
  { firstLine, lastLine }: LineSpan,
  total: number,
): string | undefined {
  if (firstLine > total) return undefined;
  return rangeHashOf(text, { firstLine, lastLine: Math.min(lastLine, total) });
}

function placesBody(ground: Ground, lines: readonly number[]) {
  const places = lines
    .slice(0, MOST_PLACES)
    .map((line) => excerptOf(ground, { firstLine: line, lastLine: line }, 1));
  return { kind: 'places', places, difference: '' } as const;
}

function cut({ firstLine, lastLine }: LineSpan): LineSpan {
  return { firstLine, lastLine: Math.min(lastLine, firstLine + MOST_LINES) };
}

function where({ path, version }: Ground): string {
  return `${path} (version ${version})`;
}

function listed(numbers: readonly number[]): string {
  return numbers.join(', ');
}

function shorten(text: string): string {
  const short = text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED).toWellFormed()}…` : text;
  return JSON.stringify(short);
}

const MOST_QUOTED = 120;
const MOST_PLACES = 12;
const MOST_LINES = 40;
const LEAST_TELLING = 8;
