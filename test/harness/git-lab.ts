import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A git repository that a test works in, with settings of its own and nobody's around it. */
export class GitLab {
  readonly folder: string;
  /** Commits have the machine's time: for what goes by it. */
  isLive = false;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async init(folder: string, ...options: readonly string[]): Promise<GitLab> {
    await mkdir(folder, { recursive: true });
    const lab = new GitLab(folder);
    lab.git('init', '-q', '-b', 'main', ...options);
    return lab;
  }

  /** Runs git and returns what it says, without the last line end. */
  git(...args: readonly string[]): string {
    return this.bytes(...args)
      .toString('utf8')
      .replace(/\n$/, '');
  }

  bytes(...args: readonly string[]): Buffer {
    return this.#run(args);
  }

  #run(args: readonly string[], environment: object = {}, input: Uint8Array = Buffer.of()): Buffer {
    return execFileSync('git', args, {
      cwd: this.folder,
      env: { ...process.env, ...PEOPLE, ...(this.isLive ? {} : DATES), ...environment },
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
  }

  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(this.folder, name)), { recursive: true });
      await writeFile(path.join(this.folder, name), content);
    }
  }

  read(name: string): Promise<Buffer> {
    return readFile(path.join(this.folder, name));
  }

  async link(name: string, target: string): Promise<void> {
    await symlink(target, path.join(this.folder, name));
  }

  async makeExecutable(name: string): Promise<void> {
    await chmod(path.join(this.folder, name), 0o755);
  }

  async isExecutable(name: string): Promise<boolean> {
    return ((await lstat(path.join(this.folder, name))).mode & 0o100) !== 0;
  }

  async remove(name: string): Promise<void> {
    await rm(path.join(this.folder, name), { recursive: true });
  }

  /** Commits everything that there is; returns the commit. */
  commitAll(message = 'work'): string {
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  /**
   * The tree that git itself would commit for what lies in the folder, but for new files whose names
   * are not UTF-8. The repository's own index stays as it is.
   */
  treeOfFolder(): string {
    const index = path.join(this.folder, '.git', 'index-of-test');
    const environment = { GIT_INDEX_FILE: index };
    // Without times of files, by which changes within a moment would be overlooked.
    this.#run(['read-tree', '--empty'], environment);
    this.#run(['read-tree', 'HEAD'], environment);
    this.#run(['add', '-A'], environment);
    const raw = this.#run(['ls-files', '-z'], environment).toString('latin1').split('\0');
    const unfit = raw.filter((name) =>
      Buffer.from(name, 'latin1').toString('utf8').includes('\ufffd'),
    );
    const input = Buffer.from(unfit.map((name) => `${name}\0`).join(''), 'latin1');
    this.#run(['update-index', '--force-remove', '-z', '--stdin'], environment, input);
    return this.#run(['write-tree'], environment).toString('utf8').trim();
  }

  treeOf(commit: string): string {
    return this.git('rev-parse', `${commit}^{tree}`);
  }

  /** Everything that an export must leave alone. */
  async untouchable(): Promise<unknown> {
    const head = await this.read('.git/HEAD');
    const index = await this.read('.git/index').catch(() => 'none');
    const branches = this.git('for-each-ref', 'refs/heads/main', 'refs/tags');
    return [head.toString(), String(index), branches];
  }

  /** Every object is right, by git's strictest rules. */
  fsck(): void {
    this.git('fsck', '--strict', '--full', '--no-dangling');
  }
}

const PEOPLE = {
  GIT_AUTHOR_NAME: 'Gitta',
  GIT_AUTHOR_EMAIL: 'gitta@example.org',
  GIT_COMMITTER_NAME: 'Gitta',
  GIT_COMMITTER_EMAIL: 'gitta@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};
const DATES = {
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};
