import { BsatnReader } from './bsatn/reader.ts';
import { BsatnWriter } from './bsatn/writer.ts';
import type { Database } from './database.ts';
import { DatabaseError } from './database-error.ts';
import type { NamedType } from './bsatn/algebraic-type.ts';
import type { Caller } from './module-runtime.ts';
import { readJsonValue, SatsJsonError, writeJsonValue } from './sats-json.ts';
import type { QueryPlan } from './subscriptions/query-plan.ts';

export type JsonCallResult =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Calls a reducer, or else a procedure, with arguments given as JSON. Throws `no_such_function` or
 * `bad_arguments`.
 */
export function callByJson(
  database: Database,
  caller: Caller,
  name: string,
  args: unknown,
): JsonCallResult {
  const { runtime } = database;
  const named = (each: { readonly name: string; readonly sourceName: string }) =>
    each.name === name || each.sourceName === name;
  const reducer = runtime.def.reducers.findIndex(named);
  const reducerDef = runtime.def.reducers[reducer];
  if (reducerDef !== undefined) {
    if (!reducerDef.clientCallable) {
      throw new DatabaseError('bad_arguments', `${name} cannot be called by clients`);
    }
    const outcome = runtime.callReducer(reducer, caller, encodeArgs(database, reducerDef, args));
    if (outcome.kind !== 'ok') return { kind: 'failed', message: outcome.message };
    database.applied(outcome.changes, null);
    return { kind: 'done', value: null };
  }
  const procedure = runtime.def.procedures.findIndex(named);
  const procedureDef = runtime.def.procedures[procedure];
  if (procedureDef === undefined) {
    throw new DatabaseError('no_such_function', `no reducer or procedure ${name}`);
  }
  const encoded = encodeArgs(database, procedureDef, args);
  const outcome = runtime.callProcedure(procedure, caller, encoded);
  if (outcome.kind === 'failed') return outcome;
  const reader = new BsatnReader(Buffer.from(outcome.value));
  const value = readJsonValue(reader, procedureDef.returns, runtime.def.typespace);
  return { kind: 'done', value };
}

/** A query's rows as the `/sql` route answers them: one statement's schema and rows. */
export function queryAsJson(plan: QueryPlan): unknown {
  const { def, typespace } = plan.table.schema;
  const rowType = { tag: 'product', elements: def.columns } as const;
  const rows = plan
    .rows()
    .map((row) => readJsonValue(new BsatnReader(row.bytes), rowType, typespace));
  const elements = def.columns.map((column) => ({ name: { some: column.name } }));
  return { schema: { elements }, rows, total_duration_micros: 0 };
}

function encodeArgs(
  database: Database,
  { params }: { readonly params: readonly NamedType[] },
  args: unknown,
): Buffer {
  const writer = new BsatnWriter();
  try {
    const type = { tag: 'product', elements: params } as const;
    writeJsonValue(writer, args, type, database.runtime.def.typespace);
  } catch (error) {
    if (!(error instanceof SatsJsonError)) throw error;
    throw new DatabaseError('bad_arguments', `invalid arguments: ${error.message}`, {
      cause: error,
    });
  }
  return writer.take();
}
