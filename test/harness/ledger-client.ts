import {
  DbConnectionBuilder,
  DbConnectionImpl,
  procedures,
  reducers,
  reducerSchema,
  schema,
  setGlobalLogLevel,
  table,
  t,
} from 'spacetimedb';
import { appendParameters, ledgerColumns } from './ledger-tables.ts';

const tables = schema({ entry: table({ name: 'entry', public: true }, ledgerColumns(t)) });
const calls = reducers(reducerSchema('append', appendParameters(t)));
type RemoteModule = ConstructorParameters<typeof DbConnectionImpl>[0]['remoteModule'];

// The library's own types do not fit together under `exactOptionalPropertyTypes`.
const remoteModule = {
  versionInfo: { cliVersion: '2.10.1' },
  tables: tables.schemaType.tables,
  reducers: calls.reducersType.reducers,
  ...procedures(),
} as unknown as RemoteModule;

setGlobalLogLevel('error');

class LedgerConnection extends DbConnectionImpl<RemoteModule> {}

/** One client of the ledger; writes go out without waiting for the answers of earlier ones. */
export interface LedgerClient {
  append(writer: number, number: number): Promise<void>;
  /** Every mark in the ledger, once `subscribe` has been answered. */
  marks(): string[];
  subscribe(): Promise<void>;
  readonly closed: Promise<void>;
  close(): void;
}

export function markOf(writer: number, number: number): string {
  return `mark:${String(writer).padStart(3, '0')}/${String(number).padStart(6, '0')}`;
}

export function connectLedger(uri: string, database: string, token: string): Promise<LedgerClient> {
  const closed = Promise.withResolvers<void>();
  return new Promise((resolve, reject) => {
    const connection = new DbConnectionBuilder<LedgerConnection>(
      remoteModule,
      (config) => new LedgerConnection(config),
    )
      .withUri(uri)
      .withDatabaseName(database)
      .withToken(token)
      .withCompression('none')
      .onConnect(() => resolve(clientOf(connection, closed.promise)))
      .onConnectError((_context, error) => reject(error))
      .onDisconnect(() => closed.resolve())
      .build();
  });
}

function clientOf(connection: LedgerConnection, closed: Promise<void>): LedgerClient {
  return {
    closed,
    append: (writer, number) => callAppend(connection, entryOf(writer, number)),
    marks: () => rowsOf(connection).map(({ mark }) => mark),
    subscribe: () =>
      new Promise((resolve, reject) => {
        connection
          .subscriptionBuilder()
          .onApplied(() => resolve())
          .onError((context) => reject(context.event ?? new Error('subscription refused')))
          .subscribe('SELECT * FROM entry');
      }),
    close: () => connection.disconnect(),
  };
}

interface Entry {
  readonly mark: string;
  readonly copy: string;
  readonly writer: number;
  readonly number: number;
}

async function callAppend(connection: LedgerConnection, entry: Entry): Promise<void> {
  const append = connection.reducers['append'];
  if (append === undefined) throw new Error('the client knows no reducer named append');
  await append({ ...entry });
}

function rowsOf(connection: LedgerConnection): Entry[] {
  return [...(connection.db['entry']?.iter() ?? [])] as unknown as Entry[];
}

function entryOf(writer: number, number: number): Entry {
  const mark = markOf(writer, number);
  return { mark, copy: mark, writer, number };
}
