/**
 * Owns: what a text's bytes on disk say of the ends of its lines where these are mixed, there or in the world, and
 * telling the world of it. Does not know: its text, and what is in it else.
 *
 * - What something writes of lines that it leaves as they read is what it means.
 * - The ends of lines that it puts in or changes are what it means only where the file's ends were mixed already:
 *   many a tool leaves a line end of the other kind in what it edits.
 * - Whoever changes text and leaves all ends alike where they were mixed has not meant that: editors do so with
 *   each save, and many agents with each edit.
 */
import {
  crlfLines,
  type EndsChange,
  endsChanged,
  followEnds,
  type OtherEnds,
  sharedLines,
  withoutLines,
} from '../core/other-ends.ts';
import { Text } from '../core/text.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import type { TextContent } from '../world/text-format.ts';
import { formatPut, type FormatIntakeParts } from './format-intake.ts';
import type { ToolWrite } from './tool-write.ts';

/** What became of the line ends that are on disk. */
export type EndsTaken =
  | 'as_written'
  /** Lines that were put in or changed get the ends of their file. */
  | 'evened'
  /** All of them are put back. */
  | 'put_back';

/** `version`: what its text has become in the world; 0 where that has not changed. */
export async function takeMixedEnds(
  { world, log, lineEnds }: FormatIntakeParts,
  write: ToolWrite,
  content: TextContent,
  version: number,
): Promise<EndsTaken> {
  const { head, last, madeFrom, isOwnSave } = write;
  const difference = await write.difference();
  const put = difference && (await formatPut(world, log, madeFrom ?? last));
  if (!difference || put?.otherEnds === undefined) return content.otherEnds ? 'evened' : 'put_back';
  if (await lineEnds.areGits(last.path, content.otherEnds ? undefined : content.eol)) {
    return 'as_written';
  }
  const { base, changes } = difference;
  const was = { eol: put.eol ?? head.eol, otherEnds: put.otherEnds };
  const isEven = !content.otherEnds && was.otherEnds !== '';
  if (isEven && (changes.length > 0 || isOwnSave)) return 'put_back';
  const found = endsChanged(base.text.lineCount - 1, was, content, changes);
  const meant = was.otherEnds === '' ? found.untouched : found.all;
  const isAll = meant.crlf === found.all.crlf && meant.lf === found.all.lf;
  const taken = isAll ? 'as_written' : 'evened';
  if (meant.crlf === '' && meant.lf === '') return taken;
  const text = write.text!;
  const at = changes.length > 0 && version > 0 ? version : base.version;
  const now = await world.read(head.fileId, at);
  if (now.kind !== 'text') return 'put_back';
  const moves = minimalChanges(text, now.text.toString());
  const ends = text.lineCount - 1;
  const moved = {
    crlf: followEnds(meant.crlf, ends, moves),
    lf: followEnds(meant.lf, ends, moves),
  };
  const newest = world.file(head.fileId) ?? head;
  if (newest.version === at && areSo(moved, crlfLines(newest, newest.lineCount - 1))) return taken;
  const verdict = await world.setLineEnds(head, at, moved);
  return verdict.tag === 'applied' ? taken : 'put_back';
}

/** True where lines end so already. */
function areSo(wanted: EndsChange, crlf: OtherEnds): boolean {
  return withoutLines(wanted.crlf, crlf) === '' && sharedLines(wanted.lf, crlf) === '';
}

/** A text with the ends that its lines had in another one, and new lines have by their place. */
export function withEndsOf(before: TextContent, text: string, bom: boolean): TextContent {
  const base = Text.of(before.text);
  const { eol } = before;
  const changes = minimalChanges(base, text);
  const otherEnds = followEnds(before.otherEnds ?? '', base.lineCount - 1, changes);
  return { kind: 'text', text, eol, ...(otherEnds !== '' && { otherEnds }), bom };
}
