import { toHex } from '../core/hash.ts';
import { type ArchiveSummary, verifyArchive } from './archive-file.ts';
import type { OpProgress } from './backup.ts';
import { deleteWorld } from './delete-world.ts';
import { LinkFailure } from './link-failure.ts';
import { openLink } from './open-link.ts';
import { personOf, type Server, type Surroundings } from './open-folder.ts';
import { demandFreeFolder, placeTree } from './place-tree.ts';
import { databaseNameFor, type Profile, publishModule } from './publish.ts';
import { sendLog } from './send-log.ts';
import { removeUnfinished, takePlace } from './unfinished-restores.ts';
import { awaitServer } from './tell-waits.ts';
import type { KnownWorld } from './world-list.ts';
import { WorldError } from './world-error.ts';

export interface RestoreOptions {
  /** The archive. */
  readonly file: string;
  readonly server: Server;
  /** Absolute; a folder that is empty or not there yet, for the world's files to be put into. */
  readonly folder?: string;
  /** For whoever restores a world in which they were not. */
  readonly profile: Profile;
  readonly onProgress?: (progress: OpProgress) => void;
  readonly signal?: AbortSignal;
}

export interface RestoredWorld {
  readonly world: KnownWorld;
  readonly ops: number;
  readonly files: number;
}

/**
 * Makes a world of an archive: the same ops, hash for hash. The archive is verified first; the world
 * is in the list once it is whole. Throws `WorldError` `bad_archive`, and those of publishing.
 */
export async function restoreWorld(
  machine: Surroundings,
  options: RestoreOptions,
): Promise<RestoredWorld> {
  await removeUnfinished(machine);
  const archive = await verifyArchive(options.file, options.signal);
  if (options.folder !== undefined) await demandFreeFolder(machine, options.folder);
  return restoreInto(machine, archive, options, async (world) => {
    const { log, partOf } = archive;
    const tree = { files: () => log.files(), partOf };
    const folder = options.folder && (await placeTree(tree, options.folder, options.signal));
    const ready = { ...world, folder: folder ?? '' };
    await machine.worlds.put(ready);
    return ready;
  });
}

/**
 * Restores an archive that was verified. `keep` puts the whole world into the list and returns its
 * entry; before that nobody sees it, and whatever fails leaves nothing behind.
 */
export async function restoreInto(
  machine: Surroundings,
  archive: ArchiveSummary,
  options: Omit<RestoreOptions, 'folder'>,
  keep: (world: KnownWorld) => Promise<KnownWorld>,
): Promise<RestoredWorld> {
  const { worlds, clock, randomBytes: random } = machine;
  const { name, head, files } = archive;
  const lastHead = { opSeq: head.opSeq, chainHash: toHex(head.chainHash) };
  const world: KnownWorld = {
    server: options.server.label,
    database: databaseNameFor(name, random),
    name,
    folder: '',
    addedAt: new Date(clock.nowMs()).toISOString(),
    isReady: true,
    lastHead,
  };
  const place = await takePlace(machine.worlds.home, world.database);
  try {
    await worlds.put({ ...world, isReady: false, isRestoring: true });
    try {
      await publishAndSend(machine, world, head, options);
      return { world: await keep(world), ops: head.opSeq, files };
    } catch (error) {
      await takeBack(machine, world);
      throw error;
    }
  } finally {
    await place.release();
  }
}

async function publishAndSend(
  machine: Surroundings,
  { database }: KnownWorld,
  head: ArchiveSummary['head'],
  { file, server, profile, onProgress, signal }: Omit<RestoreOptions, 'folder'>,
): Promise<void> {
  const { token } = await personOf(machine, server, signal);
  const uri = await server.uri(signal);
  const cancel = signal === undefined ? {} : { signal };
  const publishing = { uri, token, database, bundle: await machine.bundle(), ...cancel };
  await awaitServer(machine, publishModule(publishing));
  const { clock, log } = machine;
  const link = await openLink({
    uri,
    database,
    token,
    clock,
    log,
    timeoutMs: CONNECT_TIMEOUT_MS,
    onEnd: () => {},
  }).catch(unreachable);
  try {
    const progress = onProgress === undefined ? {} : { onProgress };
    await sendLog({ link, file, head, profile, ...progress, ...cancel });
  } finally {
    link.close();
  }
}

function unreachable(error: unknown): never {
  if (!(error instanceof LinkFailure)) throw error;
  throw new WorldError('unreachable', 'The new world cannot be reached', { cause: error });
}

/** After a failure; where even that fails, the next restore does it. */
async function takeBack(machine: Surroundings, world: KnownWorld): Promise<void> {
  try {
    await deleteWorld(machine, world);
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    machine.log.warn('restore.not_removed', { database: world.database, code: error.code });
  }
}

const CONNECT_TIMEOUT_MS = 20_000;
