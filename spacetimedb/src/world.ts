import {
  type Infer,
  type InferTypeOfRow,
  type ReducerCtx,
  schema,
  SenderError,
  t,
  table,
} from 'spacetimedb/server';
import type { BudgetedCall } from '../../src/core/work.ts';
import { RefusedCalls } from './refused-calls.ts';
import { Refusal, RepeatRefusal } from './refusal.ts';
import { withinBudget } from './work.ts';
import { privateTables, publicTables, reducerArguments, worldTypes } from './schema.ts';

const kit = { t, table };
const types = worldTypes(kit);
const tables = { ...publicTables(kit, types), ...privateTables(kit) };

/** The module's schema: reducers register with it, and `index.ts` exports it as default. */
export const world = schema(tables);
export const reducerArgs = reducerArguments(kit, types);
export const maintenanceSchedule = tables.maintenance_schedule;

export type Context = ReducerCtx<(typeof world)['schemaType']>;
export type Database = Context['db'];
export type Row<Name extends keyof typeof tables> = Infer<(typeof tables)[Name]['rowType']>;
export type Arguments<Name extends keyof typeof reducerArgs> = InferTypeOfRow<
  (typeof reducerArgs)[Name]
>;

/** A reducer as `refusingAlways`, which is refused itself while a log is being imported. */
export function refusing<Args>(
  name: BudgetedCall,
  reducer: (ctx: Context, args: Args) => void,
): (ctx: Context, args: Args) => void {
  return refusingAlways(name, (ctx, args) => {
    if (importerOf(ctx)) throw new Refusal('importing', 'the world is being restored from a log');
    reducer(ctx, args);
  });
}

/** Who imports a log at present; undefined for a world that is whole. */
export function importerOf(ctx: Pick<Context, 'db'>): Row<'log_import'>['importer'] | undefined {
  return ctx.db.log_import.id.find(LOG_IMPORT_ID)?.importer;
}

export const LOG_IMPORT_ID = 1;

const refusedCalls = new RefusedCalls();

/**
 * A reducer with the budget of its name, whose refusals reach the caller as they are; anything else it
 * throws is a defect.
 */
export function refusingAlways<Args>(
  name: BudgetedCall,
  reducer: (ctx: Context, args: Args) => void,
): (ctx: Context, args: Args) => void {
  return (ctx, args) => {
    const told = refusedCalls.find(ctx, args);
    if (told !== undefined) throw new SenderError(told);
    try {
      withinBudget(name, () => reducer(ctx, args));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!(error instanceof RepeatRefusal)) refusedCalls.remember(ctx, args, error.toWire());
      throw new SenderError(error.toWire());
    }
  };
}
