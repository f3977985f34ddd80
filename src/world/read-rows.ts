/**
 * Owns: asking for rows once, several answers under way. Does not know: how large an answer is; whoever
 * asks sees to it that each is within `ANSWER_BYTES`.
 */
import { tableOf, type Row, type TableName } from './bindings.ts';
import type { Link } from './link.ts';

/** A question that is one answer: the rows of a table that meet any of some conditions in SQL. */
export interface RowsRequest<Name extends TableName> {
  readonly table: Name;
  /** Each an equality on all columns of an index, and more conditions if need be. */
  readonly conditions: readonly string[];
  /** Says the same of a row: the connection's tables hold those of other subscriptions, too. */
  readonly isWanted: (row: Row<Name>) => boolean;
}

/** Reads rows once. Rejects with `LinkFailure` when the connection ends. */
export async function readRows<Name extends TableName>(
  link: Link,
  { table, conditions, isWanted }: RowsRequest<Name>,
): Promise<Row<Name>[]> {
  const found: Row<Name>[] = [];
  if (conditions.length === 0) return found;
  // One query for each: an index finds a value, but nothing finds a long disjunction.
  const queries = conditions.map((condition) => `SELECT * FROM ${table} WHERE ${condition}`);
  const subscription = await link.subscribe(queries, () => {
    for (const row of tableOf(link.connection, table).iter()) if (isWanted(row)) found.push(row);
  });
  subscription.end();
  return found;
}

/**
 * What reading gives for each item, in order, the next few under way meanwhile. Ends what it began
 * when its reader stops.
 */
export async function* inTurn<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  read: (item: Item) => Promise<Result>,
  underWay = UNDER_WAY,
): AsyncGenerator<Result> {
  const reading: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      reading.push(read(item));
      if (reading.length >= underWay) yield await reading.shift()!;
    }
    while (reading.length > 0) yield await reading.shift()!;
  } finally {
    await Promise.allSettled(reading);
  }
}

/** While one answer is worked on the next are on their way. */
const UNDER_WAY = 3;
