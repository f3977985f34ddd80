import type { Clock } from './clock.ts';
import type { Row } from './datastore/row.ts';
import type { Table } from './datastore/table.ts';
import type { TableChange } from './datastore/transaction.ts';
import type { HostLog } from './log.ts';
import type { Caller, ModuleRuntime } from './module-runtime.ts';
import { Scheduler, type DueRow } from './scheduler.ts';

export interface ScheduledCallsOptions {
  readonly runtime: ModuleRuntime;
  /** The database itself: scheduled functions run as it. */
  readonly caller: Caller;
  readonly clock: Clock;
  readonly log: HostLog;
  /** Queues work in the database's lane. */
  readonly submit: (task: () => void) => void;
  readonly applied: (changes: readonly TableChange[]) => void;
}

/**
 * Calls the functions of schedule tables when their rows are due. At least once: the row goes in a
 * transaction after the call's, so a crash in between calls again.
 */
export class ScheduledCalls {
  readonly #options: ScheduledCallsOptions;
  readonly #scheduler: Scheduler;

  constructor(options: ScheduledCallsOptions) {
    this.#options = options;
    this.#scheduler = new Scheduler(options.clock, (due) => options.submit(() => this.#run(due)));
  }

  /** Takes up the rows that are there; call it once they are loaded. */
  start(): void {
    const { def, datastore } = this.#options.runtime;
    for (const schedule of def.schedules) {
      const table = datastore.table(schedule.tableName);
      if (table !== undefined) this.#scheduler.watch(table, schedule);
    }
  }

  observe(changes: readonly TableChange[]): void {
    this.#scheduler.observe(changes);
  }

  /** Calls a reducer, or else a procedure, as the database itself. */
  call(name: string, args: Buffer): void {
    const { runtime, caller, log, applied } = this.#options;
    const named = (each: { readonly name: string; readonly sourceName: string }) =>
      each.name === name || each.sourceName === name;
    const reducer = runtime.def.reducers.findIndex(named);
    if (reducer >= 0) {
      const outcome = runtime.callReducer(reducer, caller, args);
      if (outcome.kind === 'ok') applied(outcome.changes);
      else log.warn('schedule.call_failed', { function: name, kind: outcome.kind });
      return;
    }
    const procedure = runtime.def.procedures.findIndex(named);
    if (procedure >= 0) runtime.callProcedure(procedure, caller, args);
    else log.error('schedule.no_such_function', { function: name });
  }

  close(): void {
    this.#scheduler.close();
  }

  #run(due: DueRow): void {
    const { table, row, schedule, intervalMicros } = due;
    if (!isStored(table, row)) return;
    this.call(schedule.functionName, row.bytes);
    if (intervalMicros === null && isStored(table, row)) {
      const outcome = this.#options.runtime.transact((_, tx) => tx.delete(table, row));
      if (outcome.kind === 'ok') this.#options.applied(outcome.changes);
    }
    this.#scheduler.ran(due);
  }
}

function isStored(table: Table, row: Row): boolean {
  return table.byIdentity(table.identityOf(row)) === row;
}
