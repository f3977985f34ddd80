import {
  type BudgetedCall,
  FOLD_WORK,
  TooMuchWork,
  Work,
  WORK_BUDGETS,
  WORK_UNITS,
} from '../../src/core/work.ts';
import { Refusal } from './refusal.ts';

/** The work of the call that runs: there is one at a time, and each begins anew. */
let current = new Work(WORK_BUDGETS.init);
let folding = new Work(FOLD_WORK);

/** Begins to count a call's work; `run` is refused with `too_much_work` beyond the call's budget. */
export function withinBudget<Result>(name: BudgetedCall, run: () => Result): Result {
  current = new Work(WORK_BUDGETS[name]);
  folding = new Work(FOLD_WORK);
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
    throw new Refusal('too_much_work', error.message);
  }
}

/** The work of the running call. */
export function callWork(): Work {
  return current;
}

/** Counts work of the running call. */
export function spend(units: number): void {
  current.spend(units);
}

/** Counts work of reading a text, without which nothing could be done with its file. */
export function spendFolding(units: number): void {
  folding.spend(units);
}

/** As many rows as may be read for so much of the call's work: upkeep goes on with the rest the next time. */
export function* affordable<Row>(rows: Iterable<Row>, units: number): Generator<Row> {
  let left = units;
  for (const row of rows) {
    left -= WORK_UNITS.row;
    if (left < 0) return;
    current.spend(WORK_UNITS.row);
    yield row;
  }
}

/** Counts work of upkeep; false where it is to be left for the next time. */
export function canAfford(units: number): boolean {
  if (current.left < units || folding.spent > current.left) return false;
  current.spend(units);
  return true;
}

/** Rows as they are read, each counted. */
export function* counted<Row>(rows: Iterable<Row>): Generator<Row> {
  for (const row of rows) {
    current.spend(WORK_UNITS.row);
    yield row;
  }
}
