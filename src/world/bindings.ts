import {
  type AlgebraicType,
  DbConnectionBuilder,
  DbConnectionImpl,
  type Infer,
  type InferTypeOfParams,
  procedures,
  reducers,
  reducerSchema,
  RowBuilder,
  schema,
  setGlobalLogLevel,
  t,
  table,
} from 'spacetimedb';
import {
  type privateTables,
  publicTables,
  reducerArguments,
  worldTypes,
} from '../../spacetimedb/src/schema.ts';
import { socketFactory, type TransportOptions } from './transport.ts';

const kit = { t, table } as const;
const types = worldTypes(kit);
const declared = publicTables(kit, types);
const tables = schema(declared).schemaType.tables;
const argumentsOf = reducerArguments(kit, types);

/** Names of the reducers that clients may call. */
export type ReducerName = keyof typeof argumentsOf;
/** What a reducer takes. */
export type ReducerArguments<Name extends ReducerName> = InferTypeOfParams<
  (typeof argumentsOf)[Name]
>;

/** Names of the tables that members may read. */
export type TableName = keyof typeof tables;
/** Names of those that only the module reads. */
export type PrivateTableName = keyof ReturnType<typeof privateTables>;
/** A row as the library delivers it. */
export type Row<Name extends TableName> = Infer<(typeof tables)[Name]['columns']>;

export interface Column {
  /** As rows have it. */
  readonly name: string;
  readonly type: AlgebraicType;
}

/** The columns of a table in the order in which they are stored. */
export function columnsOf(name: TableName): readonly Column[] {
  const { algebraicType } = declared[name].rowType;
  return algebraicType.value.elements.map((element) => {
    return { name: element.name, type: element.algebraicType };
  });
}

/** What a reducer takes, as it is sent. */
export function argumentsType(name: ReducerName): AlgebraicType {
  return new RowBuilder(argumentsOf[name] as never).algebraicType;
}

/** What the library needs to know of a world's module, taken from the module's own definitions. */
const remoteModule = {
  // The library checks that generated bindings are new enough; these are made as they are used.
  versionInfo: { cliVersion: '2.0.0' },
  tables,
  ...reducers(Object.entries(argumentsOf).map(([name, args]) => reducerSchema(name, args as never)))
    .reducersType,
  ...procedures([]),
};

/**
 * A connection of the library. It lives once: after its end comes a new one. Its own types do not
 * stand the strictness of this project, so `callReducer` and `tableOf` put ours around them.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export type WorldConnection = DbConnectionImpl<any>;

export interface ConnectOptions extends TransportOptions {
  /** Base address of the server, ending with `/`. */
  readonly uri: string;
  readonly database: string;
  readonly token: string;
  readonly onConnect: (connection: WorldConnection) => void;
  /** Called once, whether there was a connection or not. */
  readonly onEnd: (error: Error | undefined) => void;
}

/** Begins to connect; never throws for what the server does. */
export function connectWorld(options: ConnectOptions): WorldConnection {
  // The library reports every attempt on the console, which belongs to whoever runs us.
  setGlobalLogLevel('error');
  let hasEnded = false;
  const end = (error: Error | undefined): void => {
    if (hasEnded) return;
    hasEnded = true;
    options.onEnd(error);
  };
  return new DbConnectionBuilder<WorldConnection>(
    remoteModule,
    (config) => new DbConnectionImpl(config),
  )
    .withUri(options.uri)
    .withDatabaseName(options.database)
    .withToken(options.token)
    .withCompression('none')
    .withWSFn(socketFactory(options))
    .onConnect((connection) => options.onConnect(connection))
    .onConnectError((_context, error) => end(error))
    .onDisconnect((_context, error) => end(error))
    .build();
}

/** Calls a reducer by its name. Rejects with the library's `SenderError` or `InternalError`. */
export function callReducer<Name extends ReducerName>(
  connection: WorldConnection,
  name: Name,
  args: ReducerArguments<Name>,
): Promise<void> {
  return connection.callReducerWithParams(name, NO_TYPE, args);
}

/** The library takes a parameter type that it does not read. */
const NO_TYPE = { elements: [] };

/** The rows of one table that a connection's subscriptions cover. */
export interface TableView<Name extends TableName> {
  iter(): Iterable<Row<Name>>;
  onInsert(listener: (context: unknown, row: Row<Name>) => void): void;
  /** Not for event tables, like `onDelete`. */
  onUpdate(listener: (context: unknown, before: Row<Name>, after: Row<Name>) => void): void;
  onDelete(listener: (context: unknown, row: Row<Name>) => void): void;
}

export function tableOf<Name extends TableName>(
  connection: WorldConnection,
  name: Name,
): TableView<Name> {
  return connection.db[name] as unknown as TableView<Name>;
}
