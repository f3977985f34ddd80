import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ObjectFormat, Repository } from './repository.ts';

/**
 * A git folder for one piece of work. Objects go into the repository, where nothing points to them
 * yet; refs, index and attributes are its own, so that the repository's are not touched.
 */
export class Workbench {
  readonly repository: Repository;
  readonly #place: string;

  private constructor(repository: Repository, place: string) {
    this.repository = repository;
    this.#place = place;
  }

  static async open(repository: Repository): Promise<Workbench> {
    const place = await mkdtemp(path.join(tmpdir(), 'agent-world-git-'));
    const workbench = new Workbench(repository, place);
    const { gitFolder, tree } = workbench;
    for (const folder of [path.join(gitFolder, 'refs'), path.join(gitFolder, 'objects'), tree]) {
      await mkdir(folder, { recursive: true });
    }
    // What `git init` would write, without a process for it.
    await writeFile(path.join(gitFolder, 'HEAD'), 'ref: refs/heads/main\n');
    await writeFile(path.join(gitFolder, 'config'), configOf(repository.format));
    return workbench;
  }

  get gitFolder(): string {
    return path.join(this.#place, 'git');
  }

  /** A work tree with nothing in it but what is put there. */
  get tree(): string {
    return path.join(this.#place, 'tree');
  }

  /** What git must be told to work here. */
  get env(): Readonly<Record<string, string>> {
    const { objectFolder } = this.repository;
    return { GIT_DIR: this.gitFolder, GIT_OBJECT_DIRECTORY: objectFolder };
  }

  /** For what a repository's own settings decide, such as its filters. */
  get envOfRepository(): Readonly<Record<string, string>> {
    return {
      GIT_DIR: this.repository.gitFolder,
      GIT_WORK_TREE: this.tree,
      GIT_INDEX_FILE: path.join(this.#place, 'index'),
    };
  }

  async close(): Promise<void> {
    await rm(this.#place, { recursive: true, force: true });
  }
}

function configOf(format: ObjectFormat): string {
  return format === 'sha1'
    ? '[core]\n\trepositoryformatversion = 0\n\tbare = true\n'
    : '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n';
}
