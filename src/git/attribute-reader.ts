import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { type BytePath } from './byte-path.ts';
import { NO_ATTRIBUTES, type PathAttributes } from './clean-bytes.ts';
import { GitError } from './git-error.ts';
import { ended, startGit } from './run-git.ts';

/** Asks git what `.gitattributes` in a folder say of paths, by one process. */
export class AttributeReader {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number>;
  readonly #fields: AsyncGenerator<string>;

  /**
   * `folder` is the root of a work tree whose git folder is `gitFolder`. `whose`: only what the
   * repository says, or what the user's and the machine's settings add, too.
   */
  constructor(folder: string, gitFolder: string, whose: 'repository' | 'users' = 'repository') {
    const isOwn = whose === 'repository';
    const settings = isOwn ? OWN_ATTRIBUTES : [];
    const args = [...settings, 'check-attr', '-z', '--stdin', ...NAMES];
    const place = { GIT_DIR: gitFolder, GIT_WORK_TREE: folder };
    const env = isOwn ? { ...place, GIT_ATTR_NOSYSTEM: '1' } : place;
    this.#child = startGit(folder, args, env);
    this.#ended = ended(this.#child, args);
    this.#ended.catch(() => {});
    this.#fields = fieldsOf(this.#child.stdout);
  }

  /** Asked one after the other. */
  async read(path: BytePath): Promise<PathAttributes> {
    this.#child.stdin.write(Buffer.from(`${path}\0`, 'latin1'));
    const found: Record<string, string> = { ...NO_ATTRIBUTES };
    for (let index = 0; index < NAMES.length; index++) {
      await this.#next();
      const name = await this.#next();
      found[name] = await this.#next();
    }
    return found as unknown as PathAttributes;
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  async #next(): Promise<string> {
    const next = await this.#fields.next();
    if (next.done !== true) return next.value;
    await this.#ended;
    throw new GitError('git_failed', 'git check-attr ended too early');
  }
}

async function* fieldsOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of stream) {
    const fields = (rest + (piece as Buffer).toString('latin1')).split('\0');
    rest = fields.pop() ?? '';
    yield* fields;
  }
}

const NAMES = Object.keys(NO_ATTRIBUTES);
/** What a user or a machine adds for all repositories is not the world's: commits must be the same. */
const OWN_ATTRIBUTES = ['-c', 'core.attributesFile=/dev/null'];
