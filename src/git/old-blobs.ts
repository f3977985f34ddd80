/**
 * Owns: which contents of a file a repository had before the file was written. Does not know: what the
 * mirror makes of it.
 */
import { lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import type { GitClock } from './git-work.ts';
import { type GitPlace, readLooseRef } from './git-place.ts';
import { type HeadLog, looseObject } from './head-moves.ts';
import { ObjectAsker } from './object-asker.ts';
import { blobId } from './object-id.ts';
import { WorkTreeForm } from './work-tree-form.ts';

/** So many commits that HEAD was at are looked into. */
const MOST_HEADS = 3;
const INDEX = '';
/** What is larger is no text that anybody compares line by line. */
const MOST_BYTES = 8 * 1024 * 1024;

export class OldBlobs {
  readonly #folder: string;
  readonly #place: GitPlace;
  readonly #finder: ObjectAsker;
  readonly #reader: ObjectAsker;
  readonly #form: WorkTreeForm;
  readonly #log: HeadLog;
  /** A stash that is taken out is no longer named, while its text is put back. */
  #stashes: readonly string[] = [];

  constructor(folder: string, place: GitPlace, log: HeadLog, clock: GitClock) {
    this.#log = log;
    this.#folder = folder;
    this.#place = place;
    this.#finder = new ObjectAsker(folder, 'find', clock);
    this.#reader = new ObjectAsker(folder, 'read', clock);
    this.#form = new WorkTreeForm(folder, place.root, clock);
    this.moved();
  }

  /** The index moved: what git's processes have read of it is outdated. */
  moved(): void {
    this.#finder.end();
    this.#form.end();
    const stash = readLooseRef(this.#place.commonFolder, 'refs/stash');
    if (stash !== undefined && stash !== this.#stashes[0]) {
      this.#stashes = [stash, ...this.#stashes].slice(0, 2);
    }
  }

  dispose(): void {
    this.#finder.dispose();
    this.#reader.dispose();
    this.#form.end();
  }

  async hasBlob(file: string, bytes: Uint8Array): Promise<boolean> {
    const id = await this.storedId(file, bytes);
    if (id === undefined || (await this.#finder.find(id))?.type !== 'blob') return false;
    return this.#wasThere(id, this.named(file), this.writtenMs(file));
  }

  /** The id that the repository gives these bytes; undefined where a program would have to say. */
  async storedId(file: string, bytes: Uint8Array): Promise<string | undefined> {
    const name = this.named(file);
    const { format } = await this.#form.repository();
    const stored = await this.#form.toStored(name, bytes, async () => {
      const found = await this.#finder.find(`:0:${name}`);
      return found && found.size <= MOST_BYTES ? this.#bytesOf(found.id) : undefined;
    });
    return stored && blobId(stored, format);
  }

  /** The id of a file's blob in a commit; undefined where there is none. */
  async idIn(commit: string, file: string): Promise<string | undefined> {
    return (await this.#finder.find(`${commit}:${this.named(file)}`))?.id;
  }

  /** A file as a checkout of a commit would write it; undefined where there is none, or none to compare with. */
  async contentIn(commit: string, file: string): Promise<Uint8Array | undefined> {
    const name = this.named(file);
    const blob = await this.#finder.find(`${commit}:${name}`);
    if (blob?.type !== 'blob' || blob.size > MOST_BYTES) return undefined;
    const stored = await this.#bytesOf(blob.id);
    return stored && this.#form.toCheckout(name, stored);
  }

  /** Each once, as a checkout would write it. */
  async contents(file: string): Promise<readonly Uint8Array[]> {
    const name = this.named(file);
    const writtenMs = this.writtenMs(file);
    const found = new Map<string, Uint8Array>();
    for (const from of await this.#placesOf(writtenMs)) {
      const blob = await this.#finder.find(from === INDEX ? `:0:${name}` : `${from}:${name}`);
      if (blob?.type !== 'blob' || blob.size > MOST_BYTES || found.has(blob.id)) continue;
      if (from === INDEX && !(await this.#wasThere(blob.id, name, writtenMs))) continue;
      const stored = await this.#bytesOf(blob.id);
      const written = stored && (await this.#form.toCheckout(name, stored));
      if (written) found.set(blob.id, written);
    }
    return [...found.values()];
  }

  /** Where old text of a file may be: commits, and the index. */
  async #placesOf(writtenMs: number): Promise<readonly string[]> {
    const head = (await this.#finder.find('HEAD'))?.id;
    const heads = this.#log.oldHeads(head, writtenMs, MOST_HEADS);
    // Of a stash: the work tree, and in a commit beside it the files that were not tracked.
    const stashes = this.#stashes.flatMap((stash) => [stash, `${stash}^3`]);
    return [...heads, INDEX, ...stashes];
  }

  async #wasThere(id: string, name: string, writtenMs: number): Promise<boolean> {
    return (await this.#isOld(id, writtenMs)) && !(await this.#isFresh(id, name, writtenMs));
  }

  /**
   * False for what was stored after the file was written, as `git add` does with what somebody has
   * just typed. Packed objects are old: git packs when it tidies up, and when it fetches.
   */
  async #isOld(id: string, writtenMs: number): Promise<boolean> {
    const loose = looseObject(this.#place.commonFolder, id);
    try {
      // Of git's own times only that of its making stays when the object is used again.
      return (await lstat(loose)).birthtimeMs < writtenMs;
    } catch (error) {
      if (systemCode(error) !== undefined) return true;
      throw error;
    }
  }

  /** True for what a commit, a merge or a pull brought just now, and no commit before it had. */
  async #isFresh(id: string, name: string, writtenMs: number): Promise<boolean> {
    if ((await this.#finder.find(`HEAD:${name}`))?.id !== id) return false;
    const head = (await this.#finder.find('HEAD'))?.id;
    const heads = this.#log.oldHeads(head, writtenMs, MOST_HEADS);
    for (const old of heads) {
      if ((await this.#finder.find(`${old}:${name}`))?.id === id) return false;
    }
    return true;
  }

  async #bytesOf(id: string): Promise<Uint8Array | undefined> {
    return (await this.#reader.read(id))?.bytes;
  }

  /** When the file was written, or its folder when it is gone. */
  writtenMs(file: string): number {
    let place = path.join(this.#folder, ...file.split('/'));
    for (;;) {
      try {
        // At once: it is asked for every file of a branch switch, and costs less than another thread.
        return lstatSync(place).mtimeMs;
      } catch (error) {
        if (systemCode(error) === undefined || place === this.#folder) throw error;
        place = path.dirname(place);
      }
    }
  }

  /** From the root of the work tree. */
  named(file: string): string {
    return `${this.#place.prefix}${file}`;
  }
}
