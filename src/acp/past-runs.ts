/**
 * Owns: what is kept of the last run of each agent, so that the next window can say what was cut off and go on with
 * it. Nothing of what was said is in it but for the title that the client gave it. Does not know: how a session is resumed.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isRun, runKey, runsFolder } from '../agents/run-lock.ts';
import { writeFileAtomically } from '../host/home.ts';
import type { ResumeWay } from './agent-run.ts';

/** The last run of an agent, as far as it is known. */
export interface PastRun {
  /** As among `RUN_CLIENTS`. */
  readonly client: string;
  /** The agent's. */
  readonly name: string;
  readonly database: string;
  readonly folder: string;
  /** As the client calls it. */
  readonly session: string;
  /** As the client calls it; empty for none. */
  readonly title: string;
  /** Since 1970. */
  readonly startedMs: number;
  readonly lastMs: number;
  /** `cut-off`: its window ended in the middle of a prompt, or its client without being asked to. */
  readonly ending: 'cut-off' | 'ended';
  /** In the middle of a prompt. */
  readonly wasWorking: boolean;
  readonly resume: ResumeWay;
}

export class PastRuns {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** The newest first; of one world, if it is named. Those that go on in some window are not past. */
  async all(database?: string): Promise<readonly PastRun[]> {
    return (await this.noted(database)).filter(({ folder }) => !isRun(this.#home, folder));
  }

  /** The same with those that go on, or of which the window is about to end. */
  async noted(database?: string): Promise<readonly PastRun[]> {
    const names = await readdir(runsFolder(this.#home)).catch(() => []);
    const files = names.filter((name) => name.endsWith('.json')).slice(0, MOST_FILES);
    const runs = await Promise.all(files.map((name) => this.#read(name)));
    return runs
      .filter((run) => run !== undefined)
      .filter((run) => database === undefined || run.database === database)
      .sort((a, b) => b.lastMs - a.lastMs);
  }

  /** The last one in a folder, whether or not it goes on. */
  last(folder: string): Promise<PastRun | undefined> {
    return this.#read(`${runKey(folder)}.json`);
  }

  /** In place of the one before in that folder. */
  async put(run: PastRun): Promise<void> {
    await mkdir(runsFolder(this.#home), { recursive: true, mode: 0o700 });
    const title = run.title.slice(0, MOST_TITLE);
    await writeFileAtomically(this.#fileOf(run), `${JSON.stringify({ ...run, title })}\n`);
  }

  async forget(run: PastRun): Promise<void> {
    await rm(this.#fileOf(run), { force: true });
  }

  #fileOf({ folder }: PastRun): string {
    return path.join(runsFolder(this.#home), `${runKey(folder)}.json`);
  }

  /** Undefined for what is not there, or no run. */
  async #read(name: string): Promise<PastRun | undefined> {
    const file = path.join(runsFolder(this.#home), name);
    try {
      if ((await stat(file)).size > MOST_BYTES) return undefined;
      const run = JSON.parse(await readFile(file, 'utf8')) as PastRun;
      const texts = [run.client, run.name, run.database, run.folder, run.session, run.title];
      return texts.every((text) => typeof text === 'string') ? run : undefined;
    } catch {
      return undefined;
    }
  }
}

const MOST_FILES = 256;
const MOST_BYTES = 32 * 1024;
const MOST_TITLE = 120;
