/**
 * Owns: what git has of who may execute files: whether it goes by the disk there, and what its index says.
 * Does not know: when settings change; whoever asks says so by `forget`.
 */
import type { FileMode } from '../core/op-payload.ts';
import type { CancelTimer } from '../world/clock.ts';
import type { GitClock } from './git-work.ts';
import { showBytePath } from './byte-path.ts';
import { runGit } from './run-git.ts';

/** Settings change without a trace in the index, and the list of a large repository is not kept for longer. */
const KEPT_MS = 5_000;

export class FileModes {
  readonly #folder: string;
  readonly #clock: GitClock;
  #trusts: Promise<boolean> | undefined;
  /** Every file of the index; it is read once for many new files. */
  #modes: Promise<ReadonlyMap<string, FileMode>> | undefined;
  #cancel: CancelTimer = () => {};

  constructor(folder: string, clock: GitClock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** `core.fileMode`, which git sets by what the disk could do when the repository was made. */
  trusts(): Promise<boolean> {
    this.#trusts ??= this.#kept(this.#readSetting());
    return this.#trusts;
  }

  async of(path: string): Promise<FileMode | undefined> {
    this.#modes ??= this.#kept(this.#readModes());
    return (await this.#modes).get(path);
  }

  forget(): void {
    this.#cancel();
    this.#trusts = undefined;
    this.#modes = undefined;
  }

  #kept<Answer>(answer: Promise<Answer>): Promise<Answer> {
    this.#cancel();
    this.#cancel = this.#clock.after(KEPT_MS, () => this.forget());
    // Whoever asked hears why; the next one asks anew.
    answer.catch(() => this.forget());
    return answer;
  }

  async #readModes(): Promise<ReadonlyMap<string, FileMode>> {
    const { out } = await runGit(this.#folder, ['ls-files', '-s', '-z']);
    const lines = out.toString('latin1').split('\0').filter(Boolean);
    return new Map(
      lines.map((line) => {
        // Mode, object and stage, a tab, and the path from this folder.
        const path = showBytePath(line.slice(line.indexOf('\t') + 1));
        return [path, line.startsWith('100755 ') ? 'executable' : 'regular'] as const;
      }),
    );
  }

  async #readSetting(): Promise<boolean> {
    const question = ['config', '--type=bool', '--get', 'core.fileMode'];
    const { out } = await runGit(this.#folder, question, { allowed: [1] });
    return out.toString('utf8').trim() !== 'false';
  }
}
