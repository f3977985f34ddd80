/**
 * Owns: what others did to files that an agent has read, as short diffs. Does not know: how much of it fits
 * into an answer.
 */
import type { OpRecord } from '../../core/op.ts';
import type { Text } from '../../core/text.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { FileEntry } from './agent-record.ts';
import type { FileNews } from './answer.ts';
import { lineDiff } from './line-diff.ts';
import type { TextShelf } from './text-shelf.ts';

/** A file's news, whole, and what the record says when it was told. */
export interface UntoldFile {
  readonly news: FileNews | undefined;
  readonly told: FileEntry;
}

/** Whether there may be something to tell of a file; asks the world nothing. */
export function mayHaveNews(view: WorldView, entry: FileEntry): boolean {
  const head = view.files.get(entry.fileId);
  return (
    head !== undefined && (head.version > entry.toldVersion || placeOf(head) !== entry.toldPath)
  );
}

/** What others did to a file since the agent was told of it; `self` is the agent. */
export async function untoldOf(
  link: Link,
  view: WorldView,
  shelf: TextShelf,
  entry: FileEntry,
  self: string,
): Promise<UntoldFile> {
  const head = view.files.get(entry.fileId)!;
  const place = placeOf(head);
  const told = { ...entry, toldVersion: head.version, toldPath: place };
  const base = {
    path: head.path,
    fromVersion: entry.toldVersion,
    toVersion: head.version,
    diff: '',
    isCut: false,
  };
  const isMoved = entry.toldPath !== '' && place !== '' && place !== entry.toldPath;
  const moved = isMoved ? { from: entry.toldPath } : {};
  const last = [memberName(view, head.updatedBy)];
  if (head.deleted) return { told, news: { ...base, what: 'deleted', authors: last } };
  const found = await changesOf(link, view, shelf, entry, self);
  if (found.rows.length > 0) {
    const news = {
      ...base,
      ...moved,
      what: 'changed',
      authors: found.authors,
      diff: found.rows.join('\n'),
    } as const;
    return { told, news };
  }
  if (entry.toldPath === '') return { told, news: { ...base, what: 'restored', authors: last } };
  if (isMoved && head.updatedBy !== self) {
    return { told, news: { ...base, ...moved, what: 'renamed', authors: last } };
  }
  return { told, news: undefined };
}

function placeOf({ deleted, path }: FileHead): string {
  return deleted ? '' : path;
}

interface FoundChanges {
  readonly rows: readonly string[];
  readonly authors: readonly string[];
}

const NONE: FoundChanges = { rows: [], authors: [] };

async function changesOf(
  link: Link,
  view: WorldView,
  shelf: TextShelf,
  { fileId, toldVersion }: FileEntry,
  self: string,
): Promise<FoundChanges> {
  const head = view.files.get(fileId)!;
  if (head.version <= toldVersion || head.kind === 'binary') return NONE;
  const ops = await shelf.opsBetween(link, fileId, toldVersion, head.version);
  const others = ops.filter(({ author }) => author !== self);
  if (others.length === 0) return NONE;
  const authors = [...new Set(others.map(({ author }) => memberName(view, author)))];
  const before = await shelf.read(link, view, fileId, toldVersion);
  const after = await shelf.read(link, view, fileId, ops.at(-1)!.version);
  if (!before || !after) return { rows: ['(not a text for a while)'], authors };
  const runs = runsOf(ops);
  // Where people write by turns, word by word, a diff for each turn tells nobody anything.
  if (runs.length > MOST_RUNS || ops.some(({ changes }) => changes.length === 0)) {
    return { rows: lineDiff(before.text, after.text), authors };
  }
  return { rows: rowsByAuthor(view, before.text, runs, self), authors };
}

function rowsByAuthor(
  view: WorldView,
  before: Text,
  runs: readonly (readonly OpRecord[])[],
  self: string,
): readonly string[] {
  const rows: string[] = [];
  let text = before;
  for (const run of runs) {
    const after = run.reduce((sum, { changes }) => sum.apply(changes), text);
    const { author } = run[0]!;
    if (author !== self) rows.push(...lineDiff(text, after, memberName(view, author)));
    text = after;
  }
  return rows;
}

/** Ops in a row of one author. */
function runsOf(ops: readonly OpRecord[]): readonly (readonly OpRecord[])[] {
  const runs: OpRecord[][] = [];
  for (const op of ops) {
    const last = runs.at(-1);
    if (last?.[0]?.author === op.author) last.push(op);
    else runs.push([op]);
  }
  return runs;
}

const MOST_RUNS = 6;
