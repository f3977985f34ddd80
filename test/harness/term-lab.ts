/** A folder that a mirror keeps in step with a world, as one member, without a lease. */
import { mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { IdentityHex } from '../../src/core/op.ts';
import { openFolderGit } from '../../src/git/folder-state.ts';
import { DiskFiles } from '../../src/mirror/disk-files.ts';
import type { FolderGit } from '../../src/mirror/folder-git.ts';
import { FolderLog } from '../../src/mirror/folder-log.ts';
import type { MirrorEvent } from '../../src/mirror/mirror-event.ts';
import { MirrorTerm } from '../../src/mirror/mirror-term.ts';
import type { ReadWord } from '../../src/mirror/told-author.ts';
import type { WrittenPlace } from '../../src/mirror/told-writes.ts';
import { watchFolder } from '../../src/mirror/node-watch.ts';
import { OutsideFiles } from '../../src/mirror/outside-files.ts';
import { silentLog } from '../../src/world/log.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';

export interface KeepOptions {
  /** Whose work it is what tools write; empty for the member's own. */
  readonly author?: IdentityHex;
  readonly readWord?: ReadWord;
  readonly onWritten?: (place: WrittenPlace) => void;
  /** Called with each event as well. */
  readonly onEvent?: (event: MirrorEvent) => void;
}

export class KeptFolder {
  readonly folder: string;
  readonly session: WorldSession;
  readonly log: FolderLog;
  readonly git: FolderGit;
  readonly events: MirrorEvent[] = [];
  readonly #term: MirrorTerm;
  #waiting: (() => void)[] = [];

  static async keep(
    session: WorldSession,
    place: string,
    options: KeepOptions = {},
  ): Promise<KeptFolder> {
    const folder = path.join(place, 'folder');
    await mkdir(folder, { recursive: true });
    const log = await FolderLog.open(path.join(place, 'state'));
    const kept = new KeptFolder(session, await realpath(folder), log, options);
    await kept.#term.lookAtAll();
    return kept;
  }

  private constructor(
    session: WorldSession,
    folder: string,
    folderLog: FolderLog,
    { author = '', readWord, onWritten, onEvent }: KeepOptions,
  ) {
    this.folder = folder;
    this.session = session;
    this.log = folderLog;
    this.git = openFolderGit(folder, silentLog);
    const files = new DiskFiles(folder);
    this.#term = new MirrorTerm({
      session,
      files,
      folderLog,
      outside: new OutsideFiles(() => undefined),
      git: this.git,
      copies: path.join(path.dirname(folder), 'copies'),
      newId: () => newUuid(Date.now(), systemRandomBytes),
      author: () => author,
      readWord,
      onWritten,
      wasTyped: () => Promise.resolve(false),
      report: (event) => {
        this.events.push(event);
        onEvent?.(event);
        for (const look of this.#waiting) look();
      },
      watchDisk: (news) => {
        const known = (): Iterable<string> => folderLog.paths();
        const begun = watchFolder({ files, news, known, exclude: () => [], output: silentLog });
        return () => void begun.then((stop) => stop());
      },
      exclude: () => [],
      output: silentLog,
    });
  }

  /** Resolves with the next event of that kind that was not asked for before. */
  async says<Tag extends MirrorEvent['tag']>(
    tag: Tag,
  ): Promise<Extract<MirrorEvent, { tag: Tag }>> {
    for (;;) {
      const at = this.events.findIndex((event) => event.tag === tag);
      if (at >= 0) return this.events.splice(at, 1)[0] as Extract<MirrorEvent, { tag: Tag }>;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Looks at everything once more; resolves when nothing is left to do. */
  look(): Promise<void> {
    return this.#term.lookAtAll();
  }

  /** The texts of the files, without those of git. */
  async texts(): Promise<Readonly<Record<string, string>>> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const found: [string, string][] = [];
    for (const entry of entries) {
      const name = path.relative(this.folder, path.join(entry.parentPath, entry.name));
      if (!entry.isFile() || name.startsWith('.git')) continue;
      found.push([name, await readFile(path.join(this.folder, name), 'utf8')]);
    }
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Resolves when nothing of it is written any more. */
  async close(): Promise<void> {
    this.#term.dispose();
    await this.#term.mirror.settled();
    await this.log.append();
  }
}
