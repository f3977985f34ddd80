/** Owns: what of a proposed change is shown in the page itself. Whoever wants all of it opens the diff. */
import { lineDiff } from '../../agents/tools/line-diff.ts';
import { Text } from '../../core/text.ts';
import type { ToolDiff } from '../../acp/agent-run.ts';

/** Longer texts are not compared while somebody waits. In UTF-16 code units. */
const MOST_TEXT = 32 * 1024;
const MOST_ROWS = 40;
const MOST_ROW = 400;

export interface DiffRows {
  readonly rows: readonly string[];
  /** Rows that are not shown; undefined where the texts were too long to be compared. */
  readonly more: number | undefined;
}

const known = new WeakMap<ToolDiff, DiffRows>();

export function diffRows(diff: ToolDiff): DiffRows {
  let rows = known.get(diff);
  if (rows === undefined) {
    rows = readRows(diff);
    known.set(diff, rows);
  }
  return rows;
}

function readRows({ oldText = '', newText }: ToolDiff): DiffRows {
  if (oldText.length > MOST_TEXT || newText.length > MOST_TEXT)
    return { rows: [], more: undefined };
  const all = lineDiff(Text.of(oldText), Text.of(newText));
  const rows = all
    .slice(0, MOST_ROWS)
    .map((row) => (row.length > MOST_ROW ? `${row.slice(0, MOST_ROW)}…` : row));
  return { rows, more: all.length - rows.length };
}
