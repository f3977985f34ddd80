/** Owns: the form of patches that begins with `*** Begin Patch`: places are found by text, not by numbers. */
import type { FilePatch, Hunk, ParsedPatch, PatchRow } from './patch.ts';

const HEADER = /^\*\*\* (Add|Update|Delete) File: (.+)$/;
const MOVE = /^\*\*\* Move to: (.+)$/;

/** Reads the rows from `from` on, up to the end mark or the end. */
export function parseV4a(rows: readonly string[], from: number): ParsedPatch {
  const files: FilePatch[] = [];
  let at = from;
  while (at < rows.length) {
    const row = rows[at]!;
    if (row.trimEnd() === '*** End Patch') break;
    const header = HEADER.exec(row);
    if (!header) {
      if (row.trim() !== '')
        return bad(at, 'here a file has to be named, such as *** Update File: path');
      at++;
      continue;
    }
    const end = bodyEnd(rows, at + 1);
    const [, kind, path] = header;
    const parsed = fileOf(kind!, path!.trim(), rows.slice(at + 1, end), at + 1);
    if ('why' in parsed) return parsed;
    files.push(parsed);
    at = end;
  }
  return { tag: 'patch', files };
}

function bodyEnd(rows: readonly string[], from: number): number {
  let at = from;
  while (at < rows.length && !HEADER.test(rows[at]!) && rows[at]!.trimEnd() !== '*** End Patch')
    at++;
  return at;
}

type Bad = Extract<ParsedPatch, { readonly tag: 'bad' }>;

function fileOf(
  kind: string,
  path: string,
  body: readonly string[],
  line: number,
): FilePatch | Bad {
  if (kind === 'Delete') {
    const more = body.findIndex((row) => row.trim() !== '');
    return more < 0
      ? { kind: 'delete', path, hunks: [] }
      : bad(line + more, 'a deleted file has no lines');
  }
  if (kind === 'Add') {
    const lines: string[] = [];
    for (const [index, row] of trimEnd(body).entries()) {
      if (!row.startsWith('+')) return bad(line + index, 'every line of a new file begins with +');
      lines.push(row.slice(1));
    }
    const text = lines.map((each) => `${each}\n`).join('');
    return { kind: 'add', path, text, isExecutable: false };
  }
  const move = MOVE.exec(body[0] ?? '');
  const hunks = hunksOf(move ? body.slice(1) : body, line + (move ? 1 : 0));
  if ('why' in hunks) return hunks;
  return { kind: 'update', path, to: move?.[1]?.trim(), hunks, isExecutable: undefined };
}

function hunksOf(body: readonly string[], line: number): readonly Hunk[] | Bad {
  const hunks: Hunk[] = [];
  let rows: PatchRow[] = [];
  let anchors: string[] = [];
  let isAtEnd = false;
  const close = (): void => {
    if (rows.length > 0) {
      hunks.push({
        rows,
        anchors,
        isAtEnd,
        line: undefined,
        oldLacksNewline: false,
        newLacksNewline: false,
      });
      anchors = [];
    }
    rows = [];
    isAtEnd = false;
  };
  for (const [index, row] of trimEnd(body).entries()) {
    const mark = row[0];
    if (row.startsWith('@@')) {
      close();
      const anchor = row.slice(2).replace(/^ /, '').trimEnd();
      // Line numbers of the other form say nothing here.
      if (anchor !== '' && !/^-\d/.test(anchor)) anchors.push(anchor);
    } else if (row.trimEnd() === '*** End of File') {
      isAtEnd = true;
      close();
    } else if (mark === ' ' || mark === '-' || mark === '+') {
      rows.push({ mark, text: row.slice(1) });
    } else if (row === '') {
      rows.push({ mark: ' ', text: '' });
    } else {
      return bad(line + index, 'every line of a change begins with a space, - or +');
    }
  }
  close();
  return hunks;
}

function trimEnd(body: readonly string[]): readonly string[] {
  let end = body.length;
  while (end > 0 && body[end - 1]!.trim() === '') end--;
  return body.slice(0, end);
}

function bad(index: number, why: string): Bad {
  return { tag: 'bad', line: index + 1, why };
}
