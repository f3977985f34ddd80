import type { Text } from '../../core/text.ts';
import { readFile, readSnapshots } from '../../world/file-reader.ts';
import type { Link } from '../../world/link.ts';
import type { WorldView } from '../../world/world-view.ts';

/** The text of a file at a version. */
export interface ShelvedText {
  readonly fileId: number;
  readonly version: number;
  readonly text: Text;
}

/** UTF-16 code units that are kept; versions of one text share most of it, so it is less in memory. */
const MOST_CHARACTERS = 32 * 1024 * 1024;
/** Asked for together, where they are whole in the world. */
const READ_TOGETHER = 64;

/** Texts that were read lately, by file and version: what a version reads never changes. */
export class TextShelf {
  readonly #texts = new Map<string, ShelvedText>();
  #characters = 0;

  get(fileId: number, version: number): Text | undefined {
    const key = `${fileId} ${version}`;
    const found = this.#texts.get(key);
    if (!found) return undefined;
    // The newest used stand last.
    this.#texts.delete(key);
    this.#texts.set(key, found);
    return found.text;
  }

  put(found: ShelvedText): void {
    const key = `${found.fileId} ${found.version}`;
    if (this.#texts.has(key)) return;
    this.#texts.set(key, found);
    this.#characters += found.text.length;
    for (const [oldest, { text }] of this.#texts) {
      if (this.#characters <= MOST_CHARACTERS || oldest === key) break;
      this.#texts.delete(oldest);
      this.#characters -= text.length;
    }
  }

  /** The file's text at a version, or at its newest; undefined for a file that is no text then. */
  async read(
    link: Link,
    view: WorldView,
    fileId: number,
    atVersion?: number,
  ): Promise<ShelvedText | undefined> {
    const version = atVersion ?? view.files.get(fileId)?.version ?? 0;
    const known = this.get(fileId, version);
    if (known) return { fileId, version, text: known };
    const file = await readFile(link, view, fileId, atVersion);
    if (file.kind === 'binary') return undefined;
    const read = { fileId, version: file.version, text: file.text };
    this.put(read);
    return read;
  }

  /** The newest texts of several files, in order, with few questions; files that are no text are left out. */
  async *readAll(
    link: Link,
    view: WorldView,
    fileIds: readonly number[],
  ): AsyncGenerator<ShelvedText> {
    for (let at = 0; at < fileIds.length; at += READ_TOGETHER) {
      const some = fileIds.slice(at, at + READ_TOGETHER);
      const missing = some.filter(
        (fileId) => this.get(fileId, view.files.get(fileId)?.version ?? 0) === undefined,
      );
      const snapshots = await readSnapshots(
        link,
        view,
        missing.map((fileId) => ({ fileId })),
      );
      for (const [index, found] of snapshots.entries()) {
        if (found?.kind !== 'text') continue;
        this.put({ fileId: missing[index]!, version: found.version, text: found.text });
      }
      for (const fileId of some) {
        if (view.files.get(fileId)?.deleted !== false) continue;
        const read = await this.read(link, view, fileId);
        if (read) yield read;
      }
    }
  }
}
