/**
 * Owns: the form of patches that git and `diff -u` write. The counts of lines in them are often wrong where
 * a model wrote them, so the rows themselves decide.
 */
import type { FilePatch, Hunk, ParsedPatch, PatchRow } from './patch.ts';

const HUNK = /^@@+ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
/** Without numbers, as models write it. */
const BARE_HUNK = /^@@/;

interface Draft {
  before: string | undefined;
  after: string | undefined;
  isRename: boolean;
  mode: string | undefined;
  hunks: Hunk[];
}

export function parseUnifiedDiff(rows: readonly string[]): ParsedPatch {
  const drafts: Draft[] = [];
  let draft: Draft | undefined;
  const begin = (): Draft => {
    draft = { before: undefined, after: undefined, isRename: false, mode: undefined, hunks: [] };
    drafts.push(draft);
    return draft;
  };
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    if (row.startsWith('diff --git ')) {
      begin();
      const names = row.length > LONGEST_NAMES ? null : GIT_NAMES.exec(row);
      if (names) [draft!.before, draft!.after] = [names[1], names[2]];
    } else if (isFileHeader(rows, at)) {
      const [before, after] = [nameIn(row), nameIn(rows[at + 1]!)];
      const isNew = !draft || draft.hunks.length > 0;
      const file = isNew ? begin() : draft!;
      // A git header before it may name the two more exactly only where it renames.
      if (!file.isRename) [file.before, file.after] = [before, after];
      at++;
    } else if (HUNK.test(row) || BARE_HUNK.test(row)) {
      if (!draft) return { tag: 'bad', line: at + 1, why: 'no file is named before this change' };
      const { hunk, next } = readHunk(rows, at);
      if (hunk.rows.length > 0) draft.hunks.push(hunk);
      at = next - 1;
    } else if (draft) {
      readNote(draft, row);
    }
  }
  const files: FilePatch[] = [];
  for (const each of drafts) {
    const file = fileOf(each);
    if (file) files.push(file);
  }
  return { tag: 'patch', files };
}

function isFileHeader(rows: readonly string[], at: number): boolean {
  return rows[at]!.startsWith('--- ') && (rows[at + 1] ?? '').startsWith('+++ ');
}

/** What git tells between its header and the first change. */
function readNote(draft: Draft, row: string): void {
  const rename = /^rename (from|to) (.+)$/.exec(row);
  if (rename) {
    draft.isRename = true;
    if (rename[1] === 'from') draft.before = unquoted(rename[2]!);
    else draft.after = unquoted(rename[2]!);
  }
  const mode = /^(new file|deleted file|new) mode (\d{6})$/.exec(row);
  if (!mode) return;
  if (mode[1] === 'new file') draft.before = NOWHERE;
  if (mode[1] === 'deleted file') draft.after = NOWHERE;
  else draft.mode = mode[2];
}

function readHunk(
  rows: readonly string[],
  at: number,
): { readonly hunk: Hunk; readonly next: number } {
  const numbers = HUNK.exec(rows[at]!);
  const found: PatchRow[] = [];
  let oldLacksNewline = false;
  let newLacksNewline = false;
  let oldLeft = numbers ? Number(numbers[2] ?? 1) : 0;
  let newLeft = numbers ? Number(numbers[4] ?? 1) : 0;
  let unmarked = 0;
  let next = at + 1;
  for (; next < rows.length; next++) {
    const row = rows[next]!;
    const isCounted = oldLeft > 0 || newLeft > 0;
    if (row.startsWith('@@') || row.startsWith('diff --git ')) break;
    if (isFileHeader(rows, next) && (!isCounted || BARE_HUNK.test(rows[next + 2] ?? ''))) break;
    if (row.startsWith('\\')) {
      const { mark } = found.at(-1) ?? { mark: ' ' };
      if (mark !== '+') oldLacksNewline = true;
      if (mark !== '-') newLacksNewline = true;
      continue;
    }
    const mark = row === '' ? ' ' : row[0]!;
    if (mark !== ' ' && mark !== '-' && mark !== '+') break;
    found.push({ mark, text: row.slice(1) });
    unmarked = row === '' ? unmarked + 1 : 0;
    if (mark !== '+') oldLeft--;
    if (mark !== '-') newLeft--;
  }
  // An empty row at the end is the space behind the change, unless the numbers count it.
  let isCounted = numbers !== null && oldLeft === 0 && newLeft === 0;
  for (; unmarked > 0 && !isCounted; unmarked--) {
    found.pop();
    oldLeft++;
    newLeft++;
    isCounted = numbers !== null && oldLeft === 0 && newLeft === 0;
  }
  const line = numbers ? Math.max(1, Number(numbers[1])) : undefined;
  const hunk = { rows: found, line, anchors: [], isAtEnd: false, oldLacksNewline, newLacksNewline };
  return { hunk, next };
}

function fileOf({ before, after, mode, hunks }: Draft): FilePatch | undefined {
  const isExecutable = mode === undefined ? undefined : mode.endsWith('755');
  if (before === undefined || after === undefined) return undefined;
  if (before === NOWHERE && after === NOWHERE) return undefined;
  if (before === NOWHERE) {
    const rows = hunks.flatMap((hunk) => hunk.rows).filter(({ mark }) => mark !== '-');
    const text = rows.map((row) => row.text).join('\n');
    const end = rows.length === 0 || hunks.at(-1)?.newLacksNewline ? '' : '\n';
    return { kind: 'add', path: after, text: text + end, isExecutable: isExecutable ?? false };
  }
  if (after === NOWHERE) return { kind: 'delete', path: before, hunks };
  const to = before === after ? undefined : after;
  if (hunks.length === 0 && to === undefined && isExecutable === undefined) return undefined;
  return { kind: 'update', path: before, to, hunks, isExecutable };
}

/** Of a header row: without the mark, git's `a/` and `b/`, and the time behind a tab. */
function nameIn(row: string): string {
  const name = unquoted(row.slice(4).split('\t')[0]!.trimEnd());
  if (name === '/dev/null') return NOWHERE;
  return name.replace(/^[ab]\//, '');
}

/** Git quotes names with bytes beyond ASCII as C does. */
function unquoted(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  const bytes: number[] = [];
  const body = name.slice(1, -1);
  for (let at = 0; at < body.length; at++) {
    const octal = /^\\([0-7]{3})/.exec(body.slice(at, at + 4));
    if (octal) {
      bytes.push(Number.parseInt(octal[1]!, 8));
      at += 3;
    } else if (body[at] === '\\') {
      at++;
      bytes.push(...Buffer.from(ESCAPES[body[at] ?? ''] ?? body[at] ?? ''));
    } else {
      const character = String.fromCodePoint(body.codePointAt(at)!);
      bytes.push(...Buffer.from(character));
      at += character.length - 1;
    }
  }
  return Buffer.from(bytes).toString('utf8');
}

const GIT_NAMES = /^diff --git "?a\/(.+?)"? "?b\/(.+?)"?$/;
/** No two paths of a world are longer. */
const LONGEST_NAMES = 4096;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
const NOWHERE = '';
