import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../host/home.ts';
import { systemCode } from '../host/host-error.ts';
import { waitForLock } from '../host/process-lock.ts';
import { WorldError } from './world-error.ts';

/** The end of a history as it was seen. */
export interface SeenHead {
  readonly opSeq: number;
  readonly chainHash: string;
  /** ISO 8601; lists of earlier versions do not say. */
  readonly seenAt?: string;
}

/** A world the user knows, and the folder of this machine that it belongs to. */
export interface KnownWorld {
  /** `embedded`, or the server's base address. */
  readonly server: string;
  /** The database's name or identity. */
  readonly database: string;
  readonly name: string;
  /** Absolute; empty when the world has no folder here. */
  readonly folder: string;
  /** ISO 8601. */
  readonly addedAt: string;
  /** False while the world is being made and the folder brought into it. */
  readonly isReady: boolean;
  /** The last head this machine saw: what a rewritten history cannot reproduce. */
  readonly lastHead?: SeenHead;
  /** Where the world lives on; what is here is as it was when it moved. */
  readonly movedTo?: { readonly server: string; readonly database: string };
  /** An archive is being read into it, or was when that was broken off: nobody's world yet. */
  readonly isRestoring?: true;
}

/** The user's worlds, in `home/worlds.json`. */
export class WorldList {
  /** The folder of this user's state. */
  readonly home: string;

  constructor(home: string) {
    this.home = home;
  }

  async all(): Promise<readonly KnownWorld[]> {
    return (await this.#entries()).filter((world) => world.isRestoring !== true);
  }

  /** What restores are making, or have left behind where they were broken off. */
  async restoring(): Promise<readonly KnownWorld[]> {
    return (await this.#entries()).filter((world) => world.isRestoring === true);
  }

  async #entries(): Promise<readonly KnownWorld[]> {
    try {
      return parseWorlds(await readFile(this.#file, 'utf8'), this.#file);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async find(server: string, database: string): Promise<KnownWorld | undefined> {
    return (await this.all()).find((world) => isSame(world, { server, database }));
  }

  async findByFolder(folder: string): Promise<KnownWorld | undefined> {
    return (await this.all()).find((world) => world.folder === folder);
  }

  /**
   * The world of a folder, or the one that `make` gives, which it is from then on. Throws
   * `WorldError` `nested_folder` where another world has the same files.
   */
  async reserve(folder: string, make: () => KnownWorld): Promise<KnownWorld> {
    let found: KnownWorld | undefined;
    await this.#change((worlds) => {
      found = worlds.find((world) => world.folder === folder);
      if (found) return worlds;
      demandApart(worlds, folder);
      found = make();
      return [...worlds, found];
    });
    return found!;
  }

  /** Throws `WorldError` `nested_folder` where another world has files of a folder. */
  async demandApart(folder: string): Promise<void> {
    demandApart(await this.all(), folder);
  }

  /** Adds a world, or replaces what is known of it. */
  async put(world: KnownWorld): Promise<void> {
    await this.#change((worlds) => [...worlds.filter((known) => !isSame(known, world)), world]);
  }

  /** Puts a world in the place of another: the folder goes over, and the old one says where to. */
  async move(from: KnownWorld, to: KnownWorld): Promise<void> {
    const { server, database } = to;
    await this.#change((worlds) => [
      ...worlds
        .filter((known) => !isSame(known, to))
        .map((known) =>
          isSame(known, from) ? { ...known, folder: '', movedTo: { server, database } } : known,
        ),
      to,
    ]);
  }

  async remove(server: string, database: string): Promise<void> {
    await this.#change((worlds) => worlds.filter((known) => !isSame(known, { server, database })));
  }

  /** Remembers a head, if it is later than the one known. Does nothing for an unknown world. */
  async rememberHead(server: string, database: string, head: SeenHead): Promise<void> {
    const known = await this.find(server, database);
    if (!known || head.opSeq <= (known.lastHead?.opSeq ?? 0)) return;
    await this.#change((worlds) =>
      worlds.map((known) => {
        const isLater = head.opSeq > (known.lastHead?.opSeq ?? 0);
        return isSame(known, { server, database }) && isLater
          ? { ...known, lastHead: head }
          : known;
      }),
    );
  }

  get #file(): string {
    return path.join(this.home, 'worlds.json');
  }

  async #change(change: (worlds: readonly KnownWorld[]) => readonly KnownWorld[]): Promise<void> {
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    const release = await waitForLock(path.join(this.home, 'worlds.lock'));
    try {
      const worlds = await this.#entries();
      const content = { worlds: change(worlds) };
      await writeFileAtomically(this.#file, `${JSON.stringify(content, null, 2)}\n`);
    } finally {
      release();
    }
  }
}

function isSame(
  a: Pick<KnownWorld, 'server' | 'database'>,
  b: Pick<KnownWorld, 'server' | 'database'>,
): boolean {
  return a.server === b.server && a.database === b.database;
}

/** Two worlds with the same files would each take the other's changes for a tool's. */
function demandApart(worlds: readonly KnownWorld[], folder: string): void {
  const other = worlds.find(
    (world) =>
      (isInside(folder, world.folder) || isInside(world.folder, folder)) &&
      existsSync(world.folder),
  );
  if (!other) return;
  const message = `${folder} cannot have a world of its own: ${other.folder} is in the world ${other.name}`;
  throw new WorldError('nested_folder', message);
}

function isInside(folder: string, outer: string): boolean {
  return outer !== '' && folder.startsWith(outer.endsWith(path.sep) ? outer : outer + path.sep);
}

function parseWorlds(content: string, file: string): readonly KnownWorld[] {
  try {
    const { worlds } = JSON.parse(content) as { worlds?: unknown };
    if (Array.isArray(worlds)) return worlds as readonly KnownWorld[];
  } catch (error) {
    throw new WorldError('bad_home', `${file} is damaged`, { cause: error });
  }
  throw new WorldError('bad_home', `${file} is damaged`);
}
