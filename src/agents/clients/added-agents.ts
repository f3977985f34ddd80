/** Owns: which agents were set up on this machine, so that they can be listed, checked and removed. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../../host/home.ts';
import { waitForLock } from '../../host/process-lock.ts';
import { WorldError } from '../../world/world-error.ts';
import type { ServerEntry } from './client-entry.ts';
import type { ConfigChange } from './config-file.ts';

/** A file of a client's that we changed, absolute, and how that is taken back. */
export interface ChangedFile {
  readonly file: string;
  readonly change: ConfigChange;
}

/** One agent in one client. */
export interface AddedAgent {
  readonly client: string;
  /** As members see it. */
  readonly name: string;
  readonly database: string;
  readonly worldName: string;
  /** The folder in which it works: its own, or the person's. Absolute. */
  readonly folder: string;
  /** Whether the folder is a mirror of its own. */
  readonly isOwnFolder: boolean;
  /** Under which name the client has the server. */
  readonly serverName: string;
  readonly entry: ServerEntry;
  /** The file of the client's that we changed, absolute; undefined where its own command did it. */
  readonly changed?: ChangedFile;
  /** The file of the client's that has our hooks; one agent of a client keeps it for all. */
  readonly hooks?: ChangedFile;
  /** The file of the client's that has our rules; the same. */
  readonly rules?: ChangedFile;
}

/** The files of a home that tell of them. They hold parts of clients' settings: only their owner reads them. */
export class AddedAgents {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = path.join(home, 'agents');
  }

  async all(): Promise<readonly AddedAgent[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const files = names.filter((name) => name.endsWith('.json'));
    const agents = await Promise.all(
      files.map(async (name) => {
        const file = path.join(this.#folder, name);
        const text = await readFile(file, 'utf8');
        try {
          return JSON.parse(text) as AddedAgent;
        } catch (error) {
          throw new WorldError('bad_home', `${file} is damaged; delete it`, { cause: error });
        }
      }),
    );
    return agents.sort((a, b) => (a.client + a.name < b.client + b.name ? -1 : 1));
  }

  async find(client: string, name: string): Promise<AddedAgent | undefined> {
    return (await this.all()).find((each) => each.client === client && each.name === name);
  }

  /** Does something while no other command sets an agent up or takes one out: they write the same files. */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const release = await waitForLock(path.join(this.#folder, 'agents.lock'));
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Alone only. */
  async put(agent: AddedAgent): Promise<void> {
    await writeFileAtomically(this.#fileOf(agent), `${JSON.stringify(agent, null, 2)}\n`);
  }

  async remove(agent: AddedAgent): Promise<void> {
    await rm(this.#fileOf(agent), { force: true });
  }

  #fileOf({ client, name }: AddedAgent): string {
    const hash = createHash('sha256').update(`${client}\0${name}`).digest('hex').slice(0, 32);
    return path.join(this.#folder, `${hash}.json`);
  }
}
