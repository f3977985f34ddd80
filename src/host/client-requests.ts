import type { ClientSession } from './client-session.ts';
import type { Database } from './database.ts';
import type { TableRows } from './protocol/server-message.ts';
import type { ClientMessage } from './protocol/client-message.ts';
import * as reply from './protocol/server-message.ts';
import { planPointQuery, readPointQuery } from './subscriptions/point-query.ts';
import { planQuery, type QueryPlan } from './subscriptions/query-plan.ts';
import { parseQuery, QueryError } from './subscriptions/sql.ts';
import type { IdentityHex } from './identity.ts';

/** Does what a client's message asks for, in the database's lane. */
export function handleClientMessage(
  database: Database,
  session: ClientSession,
  message: ClientMessage,
): void {
  switch (message.kind) {
    case 'subscribe':
      subscribe(database, session, message);
      return;
    case 'unsubscribe':
      unsubscribe(database, session, message);
      return;
    case 'query':
      query(database, session, message);
      return;
    case 'call_reducer':
      callReducer(database, session, message);
      return;
    case 'call_procedure':
      callProcedure(database, session, message);
      return;
  }
}

/** Binds a query to the database's tables as an identity may see them. Throws `QueryError`. */
export function planFor(database: Database, identity: IdentityHex, text: string): QueryPlan {
  const point = readPointQuery(text);
  const query = point ?? parseQuery(text);
  const table = database.runtime.datastore.table(query.table);
  if (table === undefined || (!table.schema.def.isPublic && identity !== database.options.owner)) {
    throw new QueryError(
      `no such table: \`${query.table}\`. If the table exists, it may be marked private.`,
    );
  }
  const plan = point && planPointQuery(point, table);
  return plan ?? planQuery('where' in query ? query : parseQuery(text), table, identity);
}

type Message<Kind extends ClientMessage['kind']> = Extract<ClientMessage, { kind: Kind }>;

function subscribe(
  database: Database,
  session: ClientSession,
  message: Message<'subscribe'>,
): void {
  const { requestId, querySetId, queries } = message;
  const { subscriptions } = database;
  const { identity } = session.credentials;
  let tables: TableRows[];
  try {
    if (subscriptions.has(session, querySetId)) throw new QueryError('the query set id is in use');
    const most = database.options.limits.queriesPerConnection;
    if (subscriptions.planCount(session) + queries.length > most) {
      throw new QueryError(`more than ${most} queries`);
    }
    const asked = queries.map((text) => ({
      text,
      plan: withQuery(text, () => planFor(database, identity, text)),
    }));
    tables = rowsOf(asked.map(({ plan }) => plan));
    subscriptions.add(session, querySetId, asked);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    session.send(reply.subscriptionError(requestId, querySetId, error.message));
    return;
  }
  session.send(reply.subscribeApplied(requestId, querySetId, tables));
}

/** Says which of several queries an error is about. */
function withQuery<Result>(text: string, plan: () => Result): Result {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new QueryError(`${error.message}, executing: \`${text.slice(0, 500)}\``, {
      cause: error,
    });
  }
}

function rowsOf(plans: readonly QueryPlan[]): TableRows[] {
  return plans.map((plan) => ({ schema: plan.table.schema, rows: plan.rows() }));
}

function unsubscribe(
  database: Database,
  session: ClientSession,
  { requestId, querySetId, sendDroppedRows }: Message<'unsubscribe'>,
): void {
  const plans = database.subscriptions.remove(session, querySetId);
  if (plans === null) {
    session.send(reply.subscriptionError(requestId, querySetId, 'no such query set'));
    return;
  }
  const dropped = sendDroppedRows ? rowsOf(plans) : null;
  session.send(reply.unsubscribeApplied(requestId, querySetId, dropped));
}

function query(database: Database, session: ClientSession, message: Message<'query'>): void {
  const { requestId } = message;
  try {
    const plan = planFor(database, session.credentials.identity, message.query);
    session.send(reply.queryResult(requestId, rowsOf([plan])));
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    session.send(reply.queryFailed(requestId, error.message));
  }
}

function callReducer(
  database: Database,
  session: ClientSession,
  { requestId, name, args }: Message<'call_reducer'>,
): void {
  const { runtime } = database;
  const found = runtime.clientReducer(name, args);
  if (typeof found === 'string') {
    const now = database.options.clock.nowMicros();
    session.send(reply.reducerResult(requestId, now, { kind: 'failed', message: found }));
    return;
  }
  const outcome = runtime.callReducer(found.index, session.caller, args);
  const { timestampMicros } = outcome;
  if (outcome.kind !== 'ok') {
    session.send(reply.reducerResult(requestId, timestampMicros, outcome));
    return;
  }
  const updates = database.applied(outcome.changes, session);
  session.send(reply.reducerResult(requestId, timestampMicros, { kind: 'ok', updates }));
}

function callProcedure(
  database: Database,
  session: ClientSession,
  { requestId, name, args }: Message<'call_procedure'>,
): void {
  const { runtime, options } = database;
  const found = runtime.clientProcedure(name, args);
  if (typeof found === 'string') {
    const outcome = { kind: 'failed', message: found } as const;
    session.send(reply.procedureResult(requestId, options.clock.nowMicros(), 0n, outcome));
    return;
  }
  const outcome = runtime.callProcedure(found.index, session.caller, args);
  const tookMicros = options.clock.nowMicros() - outcome.timestampMicros;
  session.send(reply.procedureResult(requestId, outcome.timestampMicros, tookMicros, outcome));
}
