/**
 * Owns: merges that somebody has begun, on disk: the three sides, what they are about, and the result, so that a merge
 * outlives its window. Does not know: editors, how a merge is taken.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../host/host-error.ts';
import { isAlive } from '../../host/is-alive.ts';

export type MergeSide = 'base' | 'proposed' | 'now';

/** What a merge is about: the sides are whole files. */
export interface MergeRecord {
  readonly database: string;
  readonly refusedId: string;
  /** Path in the world. */
  readonly file: string;
  /** Of what stands there `now`. */
  readonly headVersion: number;
  /** The proposed side is the user's own merge with what stood there before. */
  readonly isAgain: boolean;
  readonly sides: Readonly<Record<MergeSide, string>>;
}

export interface KeptMerge {
  readonly record: MergeRecord;
  /** Its folder's name. */
  readonly name: string;
  /** Path of the result. */
  readonly output: string;
}

const MARK = '<<<<<<<';
const RECORD = '.merge.json';
/** Begins the name of the mark that a window leaves while the merge is open there; the rest is its process. */
const OPEN = '.open-';
/** Merges that were begun longest ago, and never taken, go first. */
const MOST_MERGES = 16;

export class KeptMerges {
  readonly #scratch: string;

  /** `scratch` is outside of all folders of worlds, so that a result is nobody's edit before it is taken. */
  constructor(scratch: string) {
    this.#scratch = scratch;
  }

  async begin(record: MergeRecord): Promise<KeptMerge> {
    await mkdir(this.#scratch, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(path.join(this.#scratch, 'merge-'));
    const name = path.basename(folder);
    const output = path.join(folder, path.basename(record.file));
    await writeFile(output, beginningOf(record), { mode: 0o600 });
    await writeFile(path.join(folder, RECORD), JSON.stringify(record), { mode: 0o600 });
    await this.#forgetOldest();
    return { record, name, output };
  }

  /** Those of a world. */
  async of(database: string): Promise<readonly KeptMerge[]> {
    const names = await namesIn(this.#scratch);
    const merges = await Promise.all(names.map((name) => this.#read(name)));
    return merges.flatMap((merge) => (merge?.record.database === database ? merge : []));
  }

  /** The text of a side; empty for a merge that is gone. */
  async textOf(name: string, side: MergeSide): Promise<string> {
    return (await this.#read(name))?.record.sides[side] ?? '';
  }

  /** What was made of a merge, as far as it is saved; undefined while that is what it began with, or a side. */
  async newResult({ output, record }: KeptMerge): Promise<string | undefined> {
    const text = (await resultIn(output))?.replaceAll('\r\n', '\n');
    const { base, now } = record.sides;
    const isOld = text === beginningOf(record) || text === base || text === now;
    return isOld ? undefined : text;
  }

  /** It is open in this window, for as long as that lives. */
  async open({ name }: KeptMerge): Promise<void> {
    try {
      await writeFile(this.#markIn(name, process.pid), '', { mode: 0o600 });
    } catch (error) {
      // Taken meanwhile.
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }

  /** It is open in this window no more. */
  async close({ name }: KeptMerge): Promise<void> {
    await rm(this.#markIn(name, process.pid), { force: true });
  }

  async isOpenElsewhere({ name }: Pick<KeptMerge, 'name'>): Promise<boolean> {
    const pids = (await namesIn(path.join(this.#scratch, path.basename(name))))
      .filter((each) => each.startsWith(OPEN))
      .map((each) => Number(each.slice(OPEN.length)));
    return pids.some((pid) => pid !== process.pid && isAlive(pid));
  }

  /** This window is done with it; where it is open in another one it goes with that. */
  async remove(merge: KeptMerge): Promise<void> {
    if (await this.isOpenElsewhere(merge)) await this.close(merge);
    else await rm(path.join(this.#scratch, merge.name), { recursive: true, force: true });
  }

  #markIn(name: string, pid: number): string {
    return path.join(this.#scratch, path.basename(name), `${OPEN}${pid}`);
  }

  async #read(name: string): Promise<KeptMerge | undefined> {
    const folder = path.join(this.#scratch, path.basename(name));
    const content = await contentOf(path.join(folder, RECORD));
    const record = content === undefined ? undefined : recordIn(content);
    return record && { record, name, output: path.join(folder, path.basename(record.file)) };
  }

  async #forgetOldest(): Promise<void> {
    const merges = await Promise.all(
      (await namesIn(this.#scratch)).map(async (name) => {
        const found = await stat(path.join(this.#scratch, name)).catch(() => undefined);
        return { name, atMs: found?.mtimeMs ?? 0 };
      }),
    );
    merges.sort((one, other) => other.atMs - one.atMs);
    for (const { name } of merges.slice(MOST_MERGES)) {
      if (await this.isOpenElsewhere({ name })) continue;
      await rm(path.join(this.#scratch, name), { recursive: true, force: true });
    }
  }
}

/** By these marks the merge editor knows that it shall begin, with what is not disputed. */
function beginningOf({ sides: { proposed, now } }: MergeRecord): string {
  return `${MARK}\n${proposed}\n=======\n${now}\n>>>>>>>\n`;
}

export function hasMarks(text: string): boolean {
  return text.startsWith(MARK) || text.includes(`\n${MARK}`);
}

/** A crash may have cut it short. */
function recordIn(content: string): MergeRecord | undefined {
  try {
    return JSON.parse(content) as MergeRecord;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** Undefined only where there is none: one that cannot be read now is somebody's all the same. */
async function resultIn(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
