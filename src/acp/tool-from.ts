/** Owns: a tool call as the client tells it, piece by piece, bounded. */
import { at, listAt, textAt } from '../agents/hooks/input-fields.ts';
import type { ToolCall, ToolDiff, ToolKind, ToolLocation } from './agent-run.ts';
import { cutText, oneLine } from './cut-text.ts';
import { textOf } from './block-text.ts';

/** A file as a client names it, and its path in the world: empty for what is outside. */
export interface NamedPlace {
  readonly file: string;
  readonly path: string;
}

/** What was known of it, with what the update says; what that does not name stays. */
export function toolFrom(
  update: unknown,
  before: ToolCall | undefined,
  placeOf: (file: string) => NamedPlace,
): ToolCall {
  const [title, kind, status] = [
    textAt(update, 'title'),
    textAt(update, 'kind'),
    textAt(update, 'status'),
  ];
  const has = (key: string): boolean => Array.isArray(at(update, key));
  const content = listAt(update, 'content').slice(0, MOST_ITEMS);
  const locations = listAt(update, 'locations').slice(0, MOST_ITEMS);
  return {
    toolCallId: before?.toolCallId ?? textAt(update, 'toolCallId') ?? '',
    title: title === undefined ? (before?.title ?? '') : oneLine(title),
    kind: KINDS.find((each) => each === kind) ?? before?.kind ?? 'other',
    status: STATUSES.find((each) => each === status) ?? before?.status ?? 'pending',
    locations: has('locations')
      ? locations.flatMap((each) => locationFrom(each, placeOf))
      : (before?.locations ?? []),
    diffs: has('content')
      ? content.flatMap((each) => diffFrom(each, placeOf))
      : (before?.diffs ?? []),
    text: has('content') ? saidIn(content) : (before?.text ?? ''),
  };
}

function locationFrom(
  location: unknown,
  placeOf: (file: string) => NamedPlace,
): readonly ToolLocation[] {
  const [file, line] = [textAt(location, 'path'), at(location, 'line')];
  if (file === undefined) return [];
  return [{ ...placeOf(file), line: typeof line === 'number' && line >= 1 ? line : undefined }];
}

function diffFrom(content: unknown, placeOf: (file: string) => NamedPlace): readonly ToolDiff[] {
  const [file, newText] = [textAt(content, 'path'), textAt(content, 'newText')];
  if (at(content, 'type') !== 'diff' || file === undefined || newText === undefined) return [];
  const old = textAt(content, 'oldText');
  const [before, after] = [old === undefined ? undefined : cutText(old), cutText(newText)];
  const isCut = after.isCut || before?.isCut === true;
  return [{ ...placeOf(file), oldText: before?.text, newText: after.text, isCut }];
}

function saidIn(content: readonly unknown[]): string {
  const texts = content
    .filter((each) => at(each, 'type') === 'content')
    .map((each) => textOf(at(each, 'content')));
  return cutText(texts.join('\n')).text;
}

const KINDS: readonly ToolKind[] = [
  'read',
  'edit',
  'delete',
  'move',
  'search',
  'execute',
  'think',
  'fetch',
  'switch_mode',
  'other',
];
const STATUSES: readonly ToolCall['status'][] = ['pending', 'in_progress', 'completed', 'failed'];
const MOST_ITEMS = 50;
