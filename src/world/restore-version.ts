import { type Changes, endOf, resultRanges, startOf } from '../core/change.ts';
import type { LineRange } from '../core/map-position.ts';
import { comparePositions, type Position } from '../core/position.ts';
import type { Text } from '../core/text.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import type { VersionedText } from '../sync/ports.ts';
import type { ReturnedText } from '../core/returned-text.ts';
import {
  bringBackFile,
  changeFile,
  editFile,
  type FileChanger,
  type FileEdit,
  returnedFrom,
} from './change-file.ts';
import { readFile } from './file-reader.ts';
import { WorldError } from './world-error.ts';
import type { Outcome } from './world-rows.ts';

/** Lines of the text as it is, or as it was. */
export interface RestoredLines extends LineRange {
  readonly side: 'now' | 'then';
}

/**
 * The changes that make a text what it was at another version: all of it, or only where it differs
 * on given lines. Lines that are on one side only count with those around them.
 */
export function restoreChanges(now: Text, then: Text, lines?: RestoredLines): Changes {
  return restoringEdit(now, { version: 0, text: then }, lines).changes;
}

/** The same, and which pieces of their text the version has, and where. */
export function restoringEdit(
  now: Text,
  then: VersionedText,
  lines?: RestoredLines,
): Pick<FileEdit, 'changes'> & { readonly returned: readonly ReturnedText[] } {
  // Words that differ on lines in a row would be one change, and bring lines that are not wanted.
  const all = minimalChanges(now, then.text.toString(), lines ? 'characters' : 'words');
  const returned = returnedFrom(then.version, all);
  if (!lines) return { changes: all, returned };
  const results = resultRanges(all);
  const kept = all.flatMap((change, index) => {
    const isWanted =
      lines.side === 'now'
        ? touches(startOf(change), endOf(change), lines)
        : touches(results[index]!.start, results[index]!.end, lines);
    return isWanted ? [index] : [];
  });
  return {
    changes: kept.map((index) => all[index]!),
    returned: returned.flatMap((piece) => {
      const change = kept.indexOf(piece.change);
      return change < 0 ? [] : [{ ...piece, change }];
    }),
  };
}

function touches(start: Position, end: Position, lines: LineRange): boolean {
  // What ends at the start of a line has nothing of it.
  const lastLine = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  const isBehind = start.line === lines.lastLine + 1 && comparePositions(start, end) === 0;
  return (
    (isBehind && end.character === 0) ||
    (start.line <= lines.lastLine && lastLine >= lines.firstLine)
  );
}

/** What is to be restored; `now` is the file's head. */
export interface RestoreRequest {
  readonly fileId: number;
  readonly version: number;
  readonly lines?: RestoredLines | undefined;
}

/**
 * Makes a file in the world what it was at a version, whether it is text or not, deleted or not;
 * nothing where it is so already. Throws `WorldError`: `no_such_file`, `refused`.
 */
export async function restoreVersion(
  changer: FileChanger,
  { fileId, version, lines }: RestoreRequest,
): Promise<readonly Outcome[]> {
  const { session, signal } = changer;
  const link = await session.whenOnline(signal);
  const head = session.view.files.get(fileId);
  if (!head) throw new WorldError('no_such_file', `The world has no file ${fileId}`);
  const then = await readFile(link, session.view, fileId, version);
  const outcomes = head.deleted ? [...(await bringBackFile(changer, head))] : [];
  if (lines) {
    const now = await readFile(link, session.view, fileId);
    if (now.kind !== 'text' || then.kind !== 'text') {
      throw new WorldError('not_text', `File ${fileId} is not a text: it has no lines`);
    }
    const edit = restoringEdit(now.text, then, lines);
    if (edit.changes.length === 0) return outcomes;
    return [...outcomes, ...(await editFile(changer, { fileId, version: now.version, ...edit }))];
  }
  const { eol, bom, mode } = head;
  const content =
    then.kind === 'text'
      ? ({ kind: 'text', eol, bom, text: then.text.toString() } as const)
      : ({ kind: 'binary', bytes: then.bytes } as const);
  return [
    ...outcomes,
    ...(await changeFile(changer, head, { content, mode, keepsEnds: true }, version)),
  ];
}
