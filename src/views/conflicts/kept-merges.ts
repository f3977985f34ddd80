/**
 * Owns: merges that somebody has begun, on disk: the three sides, what they are about, and the result, so that a merge
 * outlives its window. Does not know: editors, how a merge is taken.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../host/host-error.ts';

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
    const { proposed, now } = record.sides;
    // By these marks the merge editor knows that it shall begin, with what is not disputed.
    const marked = `${MARK}\n${proposed}\n=======\n${now}\n>>>>>>>\n`;
    const output = path.join(folder, path.basename(record.file));
    await writeFile(output, marked, { mode: 0o600 });
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

  /** What VS Code saved of a merge by itself; undefined where that has conflicts, or is not there. */
  async savedResult({ output }: KeptMerge): Promise<string | undefined> {
    const text = (await contentOf(output))?.replaceAll('\r\n', '\n');
    return text === undefined || hasMarks(text) ? undefined : text;
  }

  async remove({ name }: KeptMerge): Promise<void> {
    await rm(path.join(this.#scratch, name), { recursive: true, force: true });
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
      await rm(path.join(this.#scratch, name), { recursive: true, force: true });
    }
  }
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

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
