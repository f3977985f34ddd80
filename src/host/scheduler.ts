import { BsatnReader } from './bsatn/reader.ts';
import type { CancelTimer, Clock } from './clock.ts';
import type { Row } from './datastore/row.ts';
import type { Table } from './datastore/table.ts';
import type { TableChange } from './datastore/transaction.ts';
import type { ScheduleDef } from './module-def.ts';

/** A row of a schedule table whose time has come. */
export interface DueRow {
  readonly table: Table;
  readonly row: Row;
  readonly schedule: ScheduleDef;
  /** Micros between runs; null for a row that runs once. */
  readonly intervalMicros: bigint | null;
}

interface Entry extends DueRow {
  /** When its next run was planned for. */
  readonly plannedMicros: bigint;
  /** False from when it was reported due until `ran`. */
  readonly waiting: boolean;
}

/**
 * Knows when the rows of schedule tables are due. Rows are followed through the changes of each
 * transaction; a row stays due until it is gone or `ran` says that its run is over.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #due: (row: DueRow) => void;
  readonly #schedules = new Map<Table, ScheduleDef>();
  readonly #entries = new Map<Row, Entry>();
  #cancelTimer: CancelTimer | null = null;
  #timerMicros: bigint | null = null;

  constructor(clock: Clock, due: (row: DueRow) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** Takes up the rows a table holds already. */
  watch(table: Table, schedule: ScheduleDef): void {
    this.#schedules.set(table, schedule);
    for (const row of table.allRows()) this.#enter(table, row, schedule);
    this.#arm();
  }

  observe(changes: readonly TableChange[]): void {
    let changed = false;
    for (const { table, inserted, deleted } of changes) {
      const schedule = this.#schedules.get(table);
      if (schedule === undefined) continue;
      for (const row of deleted) this.#entries.delete(row);
      for (const row of inserted) this.#enter(table, row, schedule);
      changed = true;
    }
    if (changed) this.#arm();
  }

  /** Plans the next run of a row that repeats, skipping the runs that were missed. */
  ran({ row, intervalMicros }: DueRow): void {
    const entry = this.#entries.get(row);
    if (entry === undefined || intervalMicros === null) return;
    const late = this.#clock.nowMicros() - entry.plannedMicros;
    const runs = (late > 0n ? late / intervalMicros : 0n) + 1n;
    const plannedMicros = entry.plannedMicros + runs * intervalMicros;
    this.#entries.set(row, { ...entry, plannedMicros, waiting: true });
    this.#arm();
  }

  close(): void {
    this.#entries.clear();
    this.#disarm();
  }

  #enter(table: Table, row: Row, schedule: ScheduleDef): void {
    const { start } = table.schema.columnSpan(row.bytes, schedule.atColumn);
    const reader = new BsatnReader(row.bytes, start);
    const repeats = reader.u8() === 0;
    const micros = reader.i64();
    // An interval of nothing would never let the lane go.
    const interval = micros < 0n ? -micros : micros === 0n ? 1n : micros;
    this.#entries.set(row, {
      table,
      row,
      schedule,
      intervalMicros: repeats ? interval : null,
      plannedMicros: repeats ? this.#clock.nowMicros() + interval : micros,
      waiting: true,
    });
  }

  #arm(): void {
    let next: bigint | null = null;
    for (const { plannedMicros, waiting } of this.#entries.values()) {
      if (waiting && (next === null || plannedMicros < next)) next = plannedMicros;
    }
    if (next === this.#timerMicros) return;
    this.#disarm();
    if (next === null) return;
    const delayMs = Number(next - this.#clock.nowMicros()) / 1000;
    this.#timerMicros = next;
    this.#cancelTimer = this.#clock.after(Math.max(0, Math.ceil(delayMs)), () => this.#fire());
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#timerMicros = null;
  }

  #fire(): void {
    this.#disarm();
    const now = this.#clock.nowMicros();
    const due = [...this.#entries.values()].filter(
      (entry) => entry.waiting && entry.plannedMicros <= now,
    );
    due.sort((left, right) => Number(left.plannedMicros - right.plannedMicros));
    for (const entry of due) {
      this.#entries.set(entry.row, { ...entry, waiting: false });
      this.#due(entry);
    }
    this.#arm();
  }
}
