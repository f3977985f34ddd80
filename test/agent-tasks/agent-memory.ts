/**
 * Owns: what an agent that has only its reading and the answer can do again, whatever the task is. One
 * program for all tasks. It never replaces text that it has not read, and asks nobody.
 */
import type { TaskCall } from './task.ts';

export interface Memory {
  /** By path, with line feeds. */
  readonly readings: ReadonlyMap<string, string>;
  /** The paths of all files when it began. */
  readonly listed: ReadonlySet<string>;
  readonly call: TaskCall;
  /** The line that it means, as it read. */
  readonly line: number | undefined;
}

/** The same call with lines of the file in place of the quoted ones; undefined if it never read these. */
export function requoted(
  { readings, call }: Memory,
  rows: readonly string[],
  hunk: number,
): TaskCall | undefined {
  const found = rows.join('\n');
  const read = [...readings.values()].some((text) => `\n${text}\n`.includes(`\n${found}\n`));
  if (!read || rows.length === 0) return undefined;
  if (call.tool === 'replace') {
    if (!isLike(call.old, found)) return undefined;
    const isWhole = call.old.endsWith('\n') && call.new.endsWith('\n');
    const [old, wanted] = isWhole
      ? [call.old.slice(0, -1), call.new.slice(0, -1)]
      : [call.old, call.new];
    return { ...call, old: found, new: asInFile(old.split('\n'), rows, wanted.split('\n')) };
  }
  if (call.tool === 'patch') return withRows(call, rows, hunk);
  return undefined;
}

/** Lines that it leaves become those of the file, and the others get the indentation that the file has. */
function asInFile(
  old: readonly string[],
  rows: readonly string[],
  wanted: readonly string[],
): string {
  const leading = (row: string): string => /^[ \t]*/.exec(row)![0];
  const indents = new Map(old.map((row, index) => [leading(row), leading(rows[index] ?? row)]));
  return wanted
    .map((row) => {
      const kept = old.indexOf(row);
      if (kept >= 0 && kept < rows.length) return rows[kept]!;
      return (indents.get(leading(row)) ?? leading(row)) + row.slice(leading(row).length);
    })
    .join('\n');
}

/** Most pairs of letters are the same. */
function isLike(one: string, other: string): boolean {
  const pairs = (text: string): Set<string> =>
    new Set([...text].slice(1).map((letter, index) => `${[...text][index]}${letter}`));
  const [ones, others] = [pairs(one), pairs(other)];
  const common = [...ones].filter((pair) => others.has(pair)).length;
  return 2 * common >= 0.6 * (ones.size + others.size);
}

/** A hunk's old lines become these, one by one. */
function withRows(
  call: Extract<TaskCall, { readonly tool: 'patch' }>,
  rows: readonly string[],
  hunk: number,
): TaskCall | undefined {
  let at = 0;
  let index = -1;
  const lines = call.text.split('\n').map((line) => {
    if (line.startsWith('@@')) index++;
    const isOld = !line.startsWith('---') && (line.startsWith('-') || line.startsWith(' '));
    return index === hunk && isOld ? `${line[0]}${rows[at++] ?? ''}` : line;
  });
  return at === rows.length ? { ...call, text: lines.join('\n') } : undefined;
}
