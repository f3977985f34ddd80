import { build, type BuildOptions } from 'esbuild';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as library from 'spacetimedb';
import {
  DbConnectionBuilder,
  DbConnectionImpl,
  procedures,
  procedureSchema,
  reducers,
  reducerSchema,
  schema,
  setGlobalLogLevel,
  t,
} from 'spacetimedb';
import { silentLog } from '../../src/host/log.ts';
import { startServer, type HostServer, type ServerOptions } from '../../src/host/server.ts';
import { noteTables, numberColumns } from '../fixtures/engine-module/tables.ts';

/** A server of either engine that the contract is tested against. */
export interface TestServer {
  /** Ends in a slash. */
  readonly uri: string;
  /** Null when the server is not ours to look into. */
  readonly embedded: EmbeddedServer | null;
  close(): Promise<void>;
}

export interface EmbeddedServer {
  readonly host: HostServer;
  readonly home: string;
  readonly key: string;
}

/** The server that `AGENT_WORLD_TEST_SERVER` names, or else an embedded host of its own. */
export async function openTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const given = process.env['AGENT_WORLD_TEST_SERVER'];
  if (given !== undefined) {
    return { uri: `${given.replace(/\/+$/, '')}/`, embedded: null, close: async () => {} };
  }
  const home = options.home ?? (await mkdtemp(path.join(tmpdir(), 'agent-world-engine-')));
  const key = randomBytes(32).toString('base64url');
  const late = lateSeed();
  const asServer = late === undefined ? {} : { lateSeed: late, limits: { queuedFrames: 16_384 } };
  const host = await startServer({
    home,
    key,
    port: 0,
    log: silentLog,
    version: '0.0.0',
    ...options,
    engine: { ...asServer, ...options.engine },
  });
  return {
    uri: `http://127.0.0.1:${host.port}/${key}/`,
    embedded: { host, home, key },
    async close() {
      await host.close();
      if (options.home === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * In a third of all runs the host takes fewer pains than it could, as a server does: clients hear late
 * of what others did, and who sends too far ahead is cut off. `AGENT_WORLD_TEST_LATE` is a seed to
 * repeat such a run with, or `off`.
 */
function lateSeed(): number | undefined {
  const given = process.env['AGENT_WORLD_TEST_LATE'];
  if (given === 'off') return undefined;
  if (given !== undefined) return Number(given);
  if (randomInt(3) > 0) return undefined;
  const seed = randomInt(2 ** 32);
  console.log(`clients hear late: AGENT_WORLD_TEST_LATE=${seed}`);
  return seed;
}

const fixtures = fileURLToPath(new URL('../fixtures/engine-module/', import.meta.url));

/** Bundles a module's entry file the way modules are shipped. */
export function bundleModule(entry = path.join(fixtures, 'index.ts')): Promise<string> {
  return bundle({ entryPoints: [entry] });
}

/** Bundles a module that is written down in a test. */
export function bundleSource(contents: string): Promise<string> {
  return bundle({ stdin: { contents, loader: 'ts', resolveDir: fixtures } });
}

async function bundle(input: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<string> {
  const bundled = await build({
    ...input,
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    format: 'esm',
    target: 'es2022',
    external: ['spacetime:*'],
  });
  const [output] = bundled.outputFiles ?? [];
  if (output === undefined) throw new Error('nothing was bundled');
  return output.text;
}

setGlobalLogLevel('error');

const noteParams = { slug: t.string(), folder: t.string(), rank: t.i32(), text: t.string() };
const tables = schema(noteTables(library));
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
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
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

export interface Owner {
  readonly identity: string;
  readonly token: string;
}

export async function newIdentity(uri: string): Promise<Owner> {
  const response = await fetch(`${uri}v1/identity`, { method: 'POST' });
  return (await response.json()) as Owner;
}

/** Publishes a bundle; the answer is for the test to judge. */
export function publish(uri: string, name: string, token: string, source: string, policy = '') {
  return fetch(`${uri}v1/database/${name}?host_type=Js${policy}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: source,
  });
}

/** What a server says that publishing a bundle would do. */
export async function prePublish(
  uri: string,
  name: string,
  token: string,
  source: string,
): Promise<{ readonly status: number; readonly text: string; readonly plan: PublishPlan }> {
  const address = `${uri}v1/database/${name}/pre_publish?host_type=Js&style=NoColor`;
  const response = await fetch(address, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: source,
  });
  const text = await response.text();
  const plan = response.status === 200 ? (JSON.parse(text) as PublishPlan) : {};
  return { status: response.status, text, plan };
}

export interface PublishPlan {
  readonly AutoMigrate?: {
    readonly migrate_plan: string;
    readonly break_clients: boolean;
    readonly token: string;
  };
  readonly ManualMigrate?: { readonly reason: string };
}

/** Calls a reducer over HTTP; the answer is for the test to judge. */
export function callReducer(
  uri: string,
  database: string,
  { token, reducer, args = [] }: { token: string; reducer: string; args?: readonly unknown[] },
): Promise<Response> {
  return fetch(`${uri}v1/database/${database}/call/${reducer}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  });
}

/** The rows of a query, each the list of its columns. */
export async function queryRows(
  uri: string,
  database: string,
  token: string,
  query: string,
): Promise<readonly (readonly unknown[])[]> {
  const response = await fetch(`${uri}v1/database/${database}/sql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: query,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  const [statement] = JSON.parse(text) as { rows: unknown[][] }[];
  return statement?.rows ?? [];
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
