import {
  DbConnectionBuilder,
  DbConnectionImpl,
  procedures,
  procedureSchema,
  reducers,
  reducerSchema,
  schema,
  t,
  table,
} from 'spacetimedb';
import { noteTables, numberColumns } from './notes-tables.ts';

const noteParams = { slug: t.string(), folder: t.string(), rank: t.i32(), text: t.string() };
const tables = schema(noteTables({ t, table }));
const reducersType = reducers(
  reducerSchema('add_note', noteParams),
  reducerSchema('add_note_anyway', noteParams),
  reducerSchema('add_notes', { prefix: t.string(), count: t.u32() }),
  reducerSchema('edit_note', { slug: t.string(), folder: t.string(), text: t.string() }),
  reducerSchema('remove_note', { slug: t.string() }),
  reducerSchema('remove_folder', { folder: t.string() }),
  reducerSchema('touch_note', { slug: t.string() }),
  reducerSchema('refuse', { slug: t.string() }),
  reducerSchema('panic', { slug: t.string() }),
  reducerSchema('scan', { folder: t.string(), from: t.i32(), to: t.i32() }),
  reducerSchema('put_number', { big: t.u64(), signed: t.i64(), ...numberColumns(t) }),
  reducerSchema('add_bare', { text: t.string(), count: t.u32() }),
  reducerSchema('remove_bare', { text: t.string(), count: t.u32() }),
  reducerSchema('send_ping', { room: t.string(), text: t.string() }),
  reducerSchema('set_presence', { text: t.string() }),
  reducerSchema('ban', { identity: t.identity() }),
  reducerSchema('set_alarm', { label: t.string(), delayMicros: t.u64(), repeats: t.u32() }),
  reducerSchema('ring', {}),
  reducerSchema('missing', {}),
);
const proceduresType = procedures(procedureSchema('count_notes', { folder: t.string() }, t.u32()));

const remoteModule = {
  versionInfo: { cliVersion: '2.10.1' },
  tables: tables.schemaType.tables,
  reducers: reducersType.reducersType.reducers,
  ...proceduresType,
} as const;

export type NoteConnection = DbConnectionImpl<typeof remoteModule>;

export interface NoteClient {
  readonly connection: NoteConnection;
  readonly database: string;
  readonly identity: string;
  readonly token: string;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Connects the unmodified SDK. Rejects when the connection is refused or dropped at once. */
export function connectNotes(uri: string, database: string, token?: string): Promise<NoteClient> {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  return new Promise((resolve, reject) => {
    new DbConnectionBuilder(remoteModule, (config) => new DbConnectionImpl(config))
      .withUri(uri)
      .withDatabaseName(database)
      .withToken(token)
      .withCompression('none')
      .onConnect((connection, identity, token) => {
        const close = async () => {
          connection.disconnect();
          await ended;
        };
        resolve({ connection, database, identity: identity.toHexString(), token, ended, close });
      })
      .onConnectError((_, error) => reject(error))
      .onDisconnect(() => {
        end();
        reject(new Error('the connection was dropped'));
      })
      .build();
  });
}

/** Subscribes and resolves when the first rows are there. */
export function subscribe(
  client: NoteClient,
  ...queries: string[]
): Promise<{ unsubscribe(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const handle = client.connection
      .subscriptionBuilder()
      .onApplied(() =>
        resolve({
          unsubscribe: () => new Promise((ended) => handle.unsubscribeThen(() => ended())),
        }),
      )
      .onError((context) => reject(context.event ?? new Error('the subscription failed')))
      .subscribe(queries);
  });
}

/** Resolves as soon as `holds`, looking again after every change of a connection's rows. */
export function until(client: NoteClient, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (holds()) resolve();
    };
    for (const table of Object.values(client.connection.db)) {
      table.onInsert(look);
      table.onDelete(look);
      if ('onUpdate' in table) (table.onUpdate as (look: () => void) => void)(look);
    }
  });
}
