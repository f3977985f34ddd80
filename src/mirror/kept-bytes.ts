/**
 * Owns: contents that the folder's log speaks of, by their hash, in a directory of their own. Does not
 * know: whose they are, when they are needed no more.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { writeFileAtomically } from '../host/home.ts';
import { hashOf } from './disk-files.ts';

/** To hand the steps of a small file to other threads costs more than to do them. */
const MOST_AT_ONCE = 256 * 1024;

export class KeptBytes {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async make(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
  }

  /**
   * `isElsewhere`: what is kept is in the history too, so that it need not outlive the end of power:
   * that takes most of the time where there are thousands.
   */
  async keep(hash: string, bytes: Uint8Array, isElsewhere = false): Promise<void> {
    const text = Buffer.from(bytes).toString('base64');
    if (isElsewhere) return this.#make(hash, text);
    if (!(await this.read(hash))) await writeFileAtomically(this.#at(hash), text);
  }

  /** Undefined for what is not kept, or not whole. */
  async read(hash: string): Promise<Uint8Array | undefined> {
    if (hash === '') return undefined;
    try {
      const file = this.#at(hash);
      const isSmall = statSync(file).size <= MOST_AT_ONCE;
      const text = isSmall ? readFileSync(file, 'latin1') : await readFile(file, 'latin1');
      const bytes = Buffer.from(text, 'base64');
      return hashOf(bytes) === hash ? bytes : undefined;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async drop(hash: string): Promise<void> {
    await rm(this.#at(hash), { force: true });
  }

  async dropAllBut(kept: ReadonlySet<string>): Promise<void> {
    for (const hash of await readdir(this.#directory)) if (!kept.has(hash)) await this.drop(hash);
  }

  /** Half of it, after a crash, has another hash, and counts as none. */
  async #make(hash: string, text: string): Promise<void> {
    const options = { mode: 0o600, flag: 'wx' };
    try {
      if (text.length <= MOST_AT_ONCE) writeFileSync(this.#at(hash), text, options);
      else await writeFile(this.#at(hash), text, options);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }

  #at(hash: string): string {
    return path.join(this.#directory, hash);
  }
}
