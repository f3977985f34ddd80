import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { SERVER_QUOTAS } from '../core/quota.ts';
import type { Random } from './backoff.ts';
import type { Clock } from './clock.ts';
import { EMBEDDED, ensureIdentity, type IdentityStore, type StoredIdentity } from './identities.ts';
import { headCommit } from './folder-base.ts';
import { importFolder, type ImportProgress, type ImportReport } from './import-folder.ts';
import type { WorldLog } from './log.ts';
import { configureWorld, databaseNameFor, publishModule, type Profile } from './publish.ts';
import { rememberHead } from './remember-head.ts';
import type { RandomBytes } from './uuid.ts';
import { awaitServer, tellWaits, type Wait } from './tell-waits.ts';
import type { KnownWorld, WorldList } from './world-list.ts';
import { WorldError } from './world-error.ts';
import { LOADING_MS, openWorld, type WorldSession } from './world-session.ts';

/** Where worlds live: the user's own host, or a SpacetimeDB server. */
export interface Server {
  /** `embedded`, or the server's base address: what identities and the list of worlds go by. */
  readonly label: string;
  /** The address to use now; the user's own host is started where it is needed, and may move. */
  uri(signal?: AbortSignal): Promise<string>;
}

/** What clients of worlds need from the machine they run on. */
export interface Surroundings {
  readonly identities: IdentityStore;
  readonly worlds: WorldList;
  readonly clock: Clock;
  readonly random: Random;
  readonly randomBytes: RandomBytes;
  readonly log: WorldLog;
  /** Told what is waited for, once that takes long. */
  readonly onWait?: (wait: Wait) => void;
  serverFor(label: string): Server;
  /** The world module, as `dist/module.js` holds it. */
  bundle(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface OpenFolderOptions {
  readonly folder: string;
  /** Where to make a world, if the folder has none yet. */
  readonly server: Server;
  readonly profile: Profile;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** What stays out of the world, if not what the folder's own settings say; see `ScanOptions`. */
  readonly exclude?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface OpenedFolder {
  readonly session: WorldSession;
  readonly world: KnownWorld;
  /** What was brought into the world; undefined when it had been before. */
  readonly imported: ImportReport | undefined;
}

/** The name under which a person's identity is kept: the same in every window and command. */
export const PERSON = 'person';

/**
 * Opens the world of a folder; the first time it makes one and brings the folder's files into it.
 * Every step may be repeated, so an attempt that was interrupted, or that two windows make at once,
 * ends in one world. Throws `WorldError`.
 */
export async function openFolder(
  surroundings: Surroundings,
  options: OpenFolderOptions,
): Promise<OpenedFolder> {
  const { worlds, clock, randomBytes } = surroundings;
  const { profile, signal } = options;
  const folder = await realpath(options.folder);
  const world = await worlds.reserve(folder, () => ({
    server: options.server.label,
    database: databaseNameFor(path.basename(folder), randomBytes),
    name: path.basename(folder),
    folder,
    addedAt: new Date(clock.nowMs()).toISOString(),
    isReady: false,
  }));
  if (world.isReady) {
    const session = await openAsPerson(surroundings, world, signal);
    return { session, world, imported: undefined };
  }
  await publish(surroundings, world, signal);
  const session = await openAsPerson(surroundings, world, signal);
  try {
    const quotas = world.server === EMBEDDED ? {} : { quotas: SERVER_QUOTAS };
    const baseCommit = await headCommit(folder);
    const settings = { name: world.name, owner: profile, baseCommit, ...quotas };
    await configureWorld(session, { ...DEFAULT_SETTINGS, ...settings }, randomBytes);
    // An attempt that was broken off may have begun from another commit.
    const begunFrom = session.workspace?.baseCommit;
    const source = { folder, baseCommit: begunFrom };
    const imported = await importFolder({ session, randomBytes, ...options, ...source });
    await worlds.put({ ...world, isReady: true });
    return { session, world: { ...world, isReady: true }, imported };
  } catch (error) {
    session.close();
    throw error;
  }
}

/** Connects to a known world as the person of this machine. Rejects with `WorldError`. */
export async function openAsPerson(
  surroundings: Surroundings,
  world: Pick<KnownWorld, 'server' | 'database'>,
  signal?: AbortSignal,
): Promise<WorldSession> {
  const server = surroundings.serverFor(world.server);
  const self = await personOf(surroundings, server, signal);
  const session = await connect(surroundings, server, world.database, self, signal);
  try {
    await rememberHead(session, world, surroundings.worlds);
  } catch (error) {
    session.close();
    throw error;
  }
  return session;
}

/**
 * Opens a session and waits until it is online, for so long as somebody would wait. Rejects with
 * `WorldError`.
 */
export async function connect(
  surroundings: Pick<Surroundings, 'clock' | 'random' | 'log' | 'onWait'>,
  server: Server,
  database: string,
  self: StoredIdentity,
  signal?: AbortSignal,
): Promise<WorldSession> {
  const { clock, random, log, onWait } = surroundings;
  const uri = (ending: AbortSignal): Promise<string> => server.uri(ending);
  const session = openWorld({ uri, database, self, clock, random, log });
  const patience = new AbortController();
  let cancelPatience = clock.after(PATIENCE_MS, () => patience.abort());
  // For the session's whole life: also for a connection that is lost later.
  if (onWait) tellWaits(session, onWait);
  const stop = session.onState((state) => {
    if (state.tag !== 'connecting' || !state.isLoading) return;
    cancelPatience();
    cancelPatience = clock.after(LOADING_MS, () => patience.abort());
  });
  try {
    await session.whenOnline(
      signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]),
    );
    return session;
  } catch (error) {
    session.close();
    if (!patience.signal.aborted) throw error;
    throw new WorldError('unreachable', `The world ${database} cannot be reached`);
  } finally {
    stop();
    cancelPatience();
  }
}

const PATIENCE_MS = 20_000;

/** The identity of the person of this machine at a server, made when there is none. */
export async function personOf(
  surroundings: Pick<Surroundings, 'identities' | 'clock' | 'onWait'>,
  server: Server,
  signal?: AbortSignal,
): Promise<StoredIdentity> {
  const uri = await server.uri(signal);
  const asked = ensureIdentity(surroundings.identities, server.label, PERSON, uri);
  return awaitServer(surroundings, asked);
}

const DEFAULT_SETTINGS = { policyMode: 'auto', lockPolicy: 'enforce' } as const;

async function publish(
  surroundings: Surroundings,
  world: KnownWorld,
  signal: AbortSignal | undefined,
): Promise<void> {
  const server = surroundings.serverFor(world.server);
  const { token } = await personOf(surroundings, server, signal);
  const publishing = {
    uri: await server.uri(signal),
    token,
    database: world.database,
    bundle: await surroundings.bundle(),
    ...(signal === undefined ? {} : { signal }),
  };
  await awaitServer(surroundings, publishModule(publishing));
}
