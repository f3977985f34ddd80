import type { Key } from '../datastore/key.ts';
import type { Row } from '../datastore/row.ts';
import type { Table } from '../datastore/table.ts';
import type { TableChange } from '../datastore/transaction.ts';
import { encodeTableUpdate, type QuerySetUpdate } from '../protocol/server-message.ts';
import { columnReader, type QueryPlan } from './query-plan.ts';

/** Changes for each subscriber that something it watches happened to, in no certain order. */
export type Updates<Subscriber> = ReadonlyMap<Subscriber, readonly QuerySetUpdate[]>;

/** What one subscriber watches under one id. */
export interface WatchedSet<Subscriber> {
  readonly subscriber: Subscriber;
  readonly querySetId: number;
  readonly texts: readonly string[];
}

/** A query as somebody asked it. Plans of two texts may be the same. */
export interface AskedQuery {
  readonly text: string;
  readonly plan: QueryPlan;
}

interface Watch<Subscriber> {
  readonly subscriber: Subscriber;
  readonly querySetId: number;
}

/** A plan that several subscribers may share, so that its changes are found and encoded once. */
interface LivePlan<Subscriber> {
  readonly plan: QueryPlan;
  readonly watches: Set<Watch<Subscriber>>;
}

/** One query of a query set. */
interface WatchedPlan<Subscriber> {
  readonly text: string;
  readonly live: LivePlan<Subscriber>;
  readonly watch: Watch<Subscriber>;
}

/** Live plans that want one value of a column, by that value. */
interface ColumnPlans<Subscriber> {
  readonly read: (row: Row) => Key;
  readonly byKey: Map<Key, Set<LivePlan<Subscriber>>>;
}

interface TablePlans<Subscriber> {
  readonly byColumn: Map<number, ColumnPlans<Subscriber>>;
  readonly others: Set<LivePlan<Subscriber>>;
}

interface PlanChange {
  readonly inserted: Row[];
  readonly deleted: Row[];
}

/** Who watches which rows. A changed row is tested only against plans that could want it. */
export class SubscriptionSet<Subscriber> {
  readonly #plans = new Map<string, LivePlan<Subscriber>>();
  readonly #tables = new Map<Table, TablePlans<Subscriber>>();
  readonly #watched = new Map<Subscriber, Map<number, WatchedPlan<Subscriber>[]>>();

  has(subscriber: Subscriber, querySetId: number): boolean {
    return this.#watched.get(subscriber)?.has(querySetId) ?? false;
  }

  /** Plans all a subscriber's query sets hold together. */
  planCount(subscriber: Subscriber): number {
    let count = 0;
    for (const plans of this.#watched.get(subscriber)?.values() ?? []) count += plans.length;
    return count;
  }

  /** Watches from now on what the queries want. */
  add(subscriber: Subscriber, querySetId: number, queries: readonly AskedQuery[]): void {
    const watched = queries.map(({ text, plan }) => {
      const live = this.#live(plan);
      const watch = { subscriber, querySetId };
      live.watches.add(watch);
      return { text, live, watch };
    });
    const sets = this.#watched.get(subscriber) ?? new Map<number, typeof watched>();
    this.#watched.set(subscriber, sets.set(querySetId, watched));
  }

  /** Stops watching a query set and returns its plans; null when there is none of that id. */
  remove(subscriber: Subscriber, querySetId: number): QueryPlan[] | null {
    const sets = this.#watched.get(subscriber);
    const watched = sets?.get(querySetId);
    if (sets === undefined || watched === undefined) return null;
    sets.delete(querySetId);
    if (sets.size === 0) this.#watched.delete(subscriber);
    for (const { live, watch } of watched) {
      live.watches.delete(watch);
      if (live.watches.size === 0) this.#forget(live);
    }
    return watched.map(({ live }) => live.plan);
  }

  removeAll(subscriber: Subscriber): void {
    const sets = [...(this.#watched.get(subscriber)?.keys() ?? [])];
    for (const querySetId of sets) this.remove(subscriber, querySetId);
  }

  /** Stops watching everything, and says what was watched. */
  takeAll(): WatchedSet<Subscriber>[] {
    const taken: WatchedSet<Subscriber>[] = [];
    for (const [subscriber, sets] of this.#watched) {
      for (const [querySetId, watched] of sets) {
        taken.push({ subscriber, querySetId, texts: watched.map(({ text }) => text) });
      }
    }
    this.#watched.clear();
    this.#plans.clear();
    this.#tables.clear();
    return taken;
  }

  /** What a transaction's changes mean for each subscriber. */
  updatesFor(changes: readonly TableChange[]): Updates<Subscriber> {
    const updates = new Map<Subscriber, QuerySetUpdate[]>();
    for (const change of changes) {
      const tablePlans = this.#tables.get(change.table);
      if (tablePlans === undefined) continue;
      for (const [live, planChange] of planChanges(tablePlans, change)) {
        const { schema } = change.table;
        const update = encodeTableUpdate(schema, planChange.inserted, planChange.deleted);
        for (const watch of live.watches) addUpdate(updates, watch, update);
      }
    }
    return updates;
  }

  #live(plan: QueryPlan): LivePlan<Subscriber> {
    const known = this.#plans.get(plan.fingerprint);
    if (known !== undefined) return known;
    const live: LivePlan<Subscriber> = { plan, watches: new Set() };
    this.#plans.set(plan.fingerprint, live);
    this.#placeOf(plan).add(live);
    return live;
  }

  #forget(live: LivePlan<Subscriber>): void {
    const { plan } = live;
    this.#plans.delete(plan.fingerprint);
    this.#placeOf(plan).delete(live);
    const tablePlans = this.#tables.get(plan.table);
    const [equality] = plan.equalities;
    if (tablePlans === undefined) return;
    const column = equality === undefined ? undefined : tablePlans.byColumn.get(equality.column);
    if (equality !== undefined && column?.byKey.get(equality.key)?.size === 0) {
      column.byKey.delete(equality.key);
      if (column.byKey.size === 0) tablePlans.byColumn.delete(equality.column);
    }
    if (tablePlans.byColumn.size === 0 && tablePlans.others.size === 0) {
      this.#tables.delete(plan.table);
    }
  }

  /** The set a plan is kept in: under its first equality, where it has one. */
  #placeOf(plan: QueryPlan): Set<LivePlan<Subscriber>> {
    const { table } = plan;
    const tablePlans = this.#tables.get(table) ?? { byColumn: new Map(), others: new Set() };
    this.#tables.set(table, tablePlans);
    const [equality] = plan.equalities;
    if (equality === undefined) return tablePlans.others;
    const { column, key } = equality;
    const columnPlans = tablePlans.byColumn.get(column) ?? {
      read: columnReader(table, column),
      byKey: new Map<Key, Set<LivePlan<Subscriber>>>(),
    };
    tablePlans.byColumn.set(column, columnPlans);
    const place = columnPlans.byKey.get(key) ?? new Set();
    columnPlans.byKey.set(key, place);
    return place;
  }
}

function planChanges<Subscriber>(
  tablePlans: TablePlans<Subscriber>,
  change: TableChange,
): Map<LivePlan<Subscriber>, PlanChange> {
  const found = new Map<LivePlan<Subscriber>, PlanChange>();
  const note = (row: Row, plans: Iterable<LivePlan<Subscriber>>, deleted: boolean) => {
    for (const live of plans) {
      if (!live.plan.matches(row)) continue;
      const planChange = found.get(live) ?? { inserted: [], deleted: [] };
      (deleted ? planChange.deleted : planChange.inserted).push(row);
      found.set(live, planChange);
    }
  };
  const noteEverywhere = (row: Row, deleted: boolean) => {
    note(row, tablePlans.others, deleted);
    for (const column of tablePlans.byColumn.values()) {
      const plans = column.byKey.get(column.read(row));
      if (plans !== undefined) note(row, plans, deleted);
    }
  };
  for (const row of change.deleted) noteEverywhere(row, true);
  for (const row of change.inserted) noteEverywhere(row, false);
  return found;
}

function addUpdate<Subscriber>(
  updates: Map<Subscriber, QuerySetUpdate[]>,
  { subscriber, querySetId }: Watch<Subscriber>,
  update: Buffer,
): void {
  const sets = updates.get(subscriber) ?? [];
  const index = sets.findIndex((set) => set.querySetId === querySetId);
  const before = sets[index];
  if (before === undefined) sets.push({ querySetId, tableUpdates: [update] });
  else sets[index] = { querySetId, tableUpdates: [...before.tableUpdates, update] };
  updates.set(subscriber, sets);
}
