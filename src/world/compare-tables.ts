import { USAGE_STEP } from '../core/quota.ts';
import type { LogHead } from '../core/verify-log.ts';
import { type Row, tableOf, type TableName } from './bindings.ts';
import type { CheckedHistory, HistoryFault } from './checked-history.ts';
import { type HistoryTable, PUBLIC_TABLES } from './history-tables.ts';
import { FormerTickets, storedBytes } from './former-tickets.ts';
import type { Link } from './link.ts';
import { PAGE_TABLES, readPagedLog } from './log-pages.ts';
import { codecOf, firstDifference, inSql, type RowDifference } from './row-difference.ts';

/** Rows of the tables that a session watches, as they stood at one moment. */
export type WatchedRows = ReadonlyMap<TableName, readonly Row<TableName>[]>;

/** To be called at the moment itself, while the connection's tables stand still. */
export function watchedRows(link: Link): WatchedRows {
  const names = tablesRead(link, 'watched').map(({ name }) => name);
  return new Map(names.map((name) => [name, [...tableOf(link.connection, name).iter()]]));
}

/** The first watched row that is not what the history, replayed up to the same moment, makes of it. */
export function wrongWatchedRow(
  link: Link,
  { replayed }: CheckedHistory,
  rows: WatchedRows,
): RowDifference | undefined {
  for (const { name, key } of tablesRead(link, 'watched')) {
    const expected = replayed.rows(name) ?? [];
    const wrong = firstDifference(name, key, expected, rows.get(name) ?? []);
    if (wrong) return wrong;
  }
  return undefined;
}

/**
 * Reads the tables that nobody watches as a whole, some rows at a time, and compares each with what the
 * history makes of it. The world may go on meanwhile: the history follows it. `answerBytes` is how much
 * of right rows is asked for at once.
 */
export async function wrongAskedRow(
  link: Link,
  history: CheckedHistory,
  answerBytes: number = ANSWER_BYTES,
): Promise<RowDifference | HistoryFault | undefined> {
  const former = new FormerTickets();
  const asked = tablesRead(link, 'asked').map(({ name, key, reading }) => {
    return { name, key, groups: () => groupsOf(history, { name, key, ...reading, answerBytes }) };
  });
  const whole = tablesRead(link, 'whole').map(({ name, key }) => {
    return { name, key, groups: (): readonly (typeof EVERY_ROW)[] => [EVERY_ROW] };
  });
  let isCounted = true;
  // Until all of a history of 0.1.0 is cut, its pages are fewer than the replay's.
  const isBeingCut = mayLag(history) && ((await readPagedLog(link))?.isBeingCut ?? false);
  for (const { name, key, groups } of [...whole, ...asked]) {
    if (isBeingCut && PAGE_TABLES.includes(name)) continue;
    if (name === 'member_usage' && !isCounted) continue;
    for (const asked of groups()) {
      const { head, rows } = await ask(link, name, asked);
      const fault = await history.advance(head);
      if (fault) return fault;
      if (name === 'world_usage') isCounted = !mayLag(history) || isCountedTo(rows, head);
      if (name === 'world_usage' && !isCounted) continue;
      const expected = expectedOf(history, name, asked);
      const texts = (): readonly Uint8Array[] => history.replayed.rows('ticket_text') ?? [];
      const wrong = former.firstDifference(name, key, expected, rows, texts);
      if (wrong && asked !== EVERY_ROW) return closerLook(link, history, name, key, wrong);
      if (wrong) return wrong;
    }
  }
  return undefined;
}

/** Only what 0.1.0 began may still be brought up to date: later worlds have a format from the beginning. */
function mayLag({ replayed }: CheckedHistory): boolean {
  return replayed.rows('world_format')?.length === 0;
}

/** A history that 0.1.0 wrote is counted bit by bit: until it is at its end, the count is no fault. */
function isCountedTo(rows: readonly Row<TableName>[], { opSeq }: LogHead): boolean {
  const [row] = rows as readonly Row<'world_usage'>[];
  return opSeq - (row?.uptoSeq ?? 0) <= USAGE_STEP.ops;
}

/** Rows in which a column has one of some values. */
interface Asked {
  readonly column: string;
  readonly values: ReadonlySet<string | number>;
}

const EVERY_ROW = 'every row';

interface AskedTable {
  readonly name: TableName;
  readonly key: string;
  readonly by: string;
  readonly values?: readonly string[];
  readonly answerBytes: number;
}

/** What to ask for, so that the right rows of an answer take about a mebibyte, or are a single row. */
function* groupsOf(
  history: CheckedHistory,
  table: AskedTable,
): Generator<Asked | typeof EVERY_ROW> {
  const { name, key, by, answerBytes } = table;
  const byValue = new Map<string | number, Sized[]>(table.values?.map((value) => [value, []]));
  for (const bytes of history.replayed.rows(name) ?? []) {
    const decoded = codecOf(name).decode(bytes);
    const row = decoded as Record<string, unknown>;
    const value = row[by] as string | number;
    const rows = byValue.get(value) ?? [];
    const stored = storedBytes(name, decoded, bytes.length);
    rows.push({ key: row[key] as string | number, bytes: stored });
    byValue.set(value, rows);
  }
  const bytesOf = (rows: readonly Sized[]): number => rows.reduce((sum, row) => sum + row.bytes, 0);
  if (bytesOf([...byValue.values()].flat()) <= answerBytes) {
    yield EVERY_ROW;
    return;
  }
  const small: Sized[] = [];
  for (const [value, rows] of byValue) {
    const bytes = bytesOf(rows);
    if (bytes <= answerBytes) small.push({ key: value, bytes });
    else yield* cut(key, rows, answerBytes);
  }
  yield* cut(by, small, answerBytes);
}

interface Sized {
  readonly key: string | number;
  readonly bytes: number;
}

function* cut(column: string, rows: readonly Sized[], answerBytes: number): Generator<Asked> {
  let values = new Set<string | number>();
  let size = 0;
  for (const { key, bytes } of rows) {
    const isFull = values.size >= QUERIES_AT_A_TIME || size + bytes > answerBytes;
    if (isFull && values.size > 0) {
      yield { column, values };
      values = new Set();
      size = 0;
    }
    values.add(key);
    size += bytes;
  }
  if (values.size > 0) yield { column, values };
}

function expectedOf(
  history: CheckedHistory,
  name: TableName,
  asked: Asked | typeof EVERY_ROW,
): readonly Uint8Array[] {
  const rows = history.replayed.rows(name) ?? [];
  if (asked === EVERY_ROW) return rows;
  return rows.filter((bytes) => isAsked(codecOf(name).decode(bytes), asked));
}

function isAsked(row: Row<TableName>, { column, values }: Asked): boolean {
  return values.has((row as unknown as Record<string, string | number>)[column]!);
}

/** The rows that meet a condition, and the world's newest op at that very moment. */
async function ask<Name extends TableName>(
  link: Link,
  name: Name,
  asked: Asked | typeof EVERY_ROW,
): Promise<{ readonly head: LogHead; readonly rows: readonly Row<Name>[] }> {
  let found: { readonly head: LogHead; readonly rows: readonly Row<Name>[] } | undefined;
  const queries = [...queriesFor(name, asked), 'SELECT * FROM log_head'];
  const subscription = await link.subscribe(queries, () => {
    const stored = [...tableOf(link.connection, name).iter()];
    const rows = asked === EVERY_ROW ? stored : stored.filter((row) => isAsked(row, asked));
    for (const { opSeq, chainHash } of tableOf(link.connection, 'log_head').iter()) {
      found = { head: { opSeq, chainHash }, rows };
    }
  });
  subscription.end();
  if (!found) throw new Error('the world has no head');
  return found;
}

function queriesFor(name: TableName, asked: Asked | typeof EVERY_ROW): string[] {
  if (asked === EVERY_ROW) return [`SELECT * FROM ${name}`];
  const column = inSql(asked.column);
  return Array.from(asked.values, (value) => {
    const literal = typeof value === 'string' ? `'${value}'` : value;
    return `SELECT * FROM ${name} WHERE ${column} = ${literal}`;
  });
}

/** A row that is not where it should be may stand elsewhere, by a column that was changed. */
async function closerLook(
  link: Link,
  history: CheckedHistory,
  name: TableName,
  column: string,
  wrong: RowDifference,
): Promise<RowDifference | HistoryFault> {
  if (wrong.what === 'differs') return wrong;
  const rows = [...(history.replayed.rows(name) ?? [])].map((bytes) => codecOf(name).decode(bytes));
  const row = rows.find((each) => codecOf(name).spelled(column, each) === wrong.key);
  if (!row) return wrong;
  const value = (row as unknown as Record<string, string | number>)[column]!;
  const asked: Asked = { column, values: new Set([value]) };
  const found = await ask(link, name, asked);
  const fault = await history.advance(found.head);
  if (fault) return fault;
  return firstDifference(name, column, expectedOf(history, name, asked), found.rows) ?? wrong;
}

type Tag = HistoryTable['reading']['tag'];
type Read<Of extends Tag> = Extract<HistoryTable['reading'], { readonly tag: Of }>;

/** Tables that the world has and that are read in one way. */
function tablesRead<Of extends Tag>({ moduleLevel }: Link, tag: Of) {
  const found: { name: TableName; key: string; reading: Read<Of> }[] = [];
  for (const [name, table] of Object.entries(PUBLIC_TABLES)) {
    if ('notHistory' in table || table.reading.tag !== tag) continue;
    if (table.level > moduleLevel) continue;
    found.push({ name: name as TableName, key: table.key, reading: table.reading as Read<Of> });
  }
  return found;
}

const ANSWER_BYTES = 1024 * 1024;
const QUERIES_AT_A_TIME = 200;
