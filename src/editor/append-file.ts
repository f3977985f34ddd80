/**
 * Owns: appending to files, the last of which stays open: whoever types writes to one file for long,
 * and to open and close it costs the thread that types more than to write. Does not know: what is
 * written.
 */
import { appendFile, close, closeSync, open } from 'node:fs';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);
const append = promisify(appendFile);

export class AppendFile {
  readonly #mode: number;
  /** Not here while something is written to it. */
  #kept: { readonly file: string; readonly descriptor: number } | undefined;
  #isDisposed = false;

  /** `mode` is that of files that are not there yet. */
  constructor(mode: number) {
    this.#mode = mode;
  }

  /** Resolves when the file has the content; with one call under way for each file. */
  async append(file: string, content: string): Promise<void> {
    const descriptor = this.#take(file) ?? (await openFile(file, 'a', this.#mode));
    try {
      await append(descriptor, content);
    } catch (error) {
      await closeFile(descriptor);
      throw error;
    }
    await this.#keep(file, descriptor);
  }

  /** The file is about to be replaced by another of its name. */
  release(file: string): void {
    const descriptor = this.#take(file);
    if (descriptor !== undefined) closeSync(descriptor);
  }

  dispose(): void {
    this.#isDisposed = true;
    if (this.#kept) this.release(this.#kept.file);
  }

  #take(file: string): number | undefined {
    if (this.#kept?.file !== file) return undefined;
    const { descriptor } = this.#kept;
    this.#kept = undefined;
    return descriptor;
  }

  async #keep(file: string, descriptor: number): Promise<void> {
    const former = this.#isDisposed ? { descriptor } : this.#kept;
    if (!this.#isDisposed) this.#kept = { file, descriptor };
    if (former) await closeFile(former.descriptor);
  }
}
