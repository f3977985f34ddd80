import type { OpRecord } from '../../core/op.ts';
import type { Text } from '../../core/text.ts';
import { readFile, readSnapshots, versionMakers } from '../../world/file-reader.ts';
import type { Link } from '../../world/link.ts';
import { readFileOps } from '../../world/read-file-ops.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { FollowedFiles } from './followed-files.ts';

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
  /** How many versions of each file are here. */
  readonly #versions = new Map<number, number>();
  readonly #followed: FollowedFiles | undefined;

  /** A file that is read at one version after another is `followed` from then on. */
  constructor(followed?: FollowedFiles) {
    this.#followed = followed;
  }

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
    this.#versions.set(found.fileId, (this.#versions.get(found.fileId) ?? 0) + 1);
    for (const [oldest, { fileId, text }] of this.#texts) {
      if (this.#characters <= MOST_CHARACTERS || oldest === key) break;
      this.#texts.delete(oldest);
      this.#characters -= text.length;
      const others = this.#versions.get(fileId)! - 1;
      if (others > 0) this.#versions.set(fileId, others);
      else this.#versions.delete(fileId);
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
    const known = this.get(fileId, version) ?? this.#told(view, fileId, version);
    if (known) return { fileId, version, text: known };
    const file = await readFile(link, view, fileId, atVersion);
    if (file.kind === 'binary') return undefined;
    const read = { fileId, version: file.version, text: file.text };
    this.#took(view, read);
    return read;
  }

  /** The ops that made a file's versions after one up to another, in order. */
  async opsBetween(
    link: Link,
    fileId: number,
    after: number,
    upTo: number,
  ): Promise<readonly OpRecord[]> {
    const told = this.#followed?.opsBetween(fileId, after, upTo);
    return told ?? versionMakers(await readFileOps(link, fileId, after, upTo));
  }

  /** The newest text of a file that is followed. */
  #told(view: WorldView, fileId: number, version: number): Text | undefined {
    const head = view.files.get(fileId);
    if (head?.kind !== 'text' || head.version !== version) return undefined;
    const text = this.#followed?.newest(fileId);
    if (text) this.put({ fileId, version, text });
    return text;
  }

  /** Somebody changes a file that is read again: it will be read again. */
  #took(view: WorldView, read: ShelvedText): void {
    const { fileId, version, text } = read;
    const isNewest = view.files.get(fileId)?.version === version;
    if (isNewest && this.#versions.has(fileId)) this.#followed?.follow(fileId, version, text);
    this.put(read);
  }

  /** The newest texts of several files, in order, with few questions; files that are no text are left out. */
  async *readAll(
    link: Link,
    view: WorldView,
    fileIds: readonly number[],
  ): AsyncGenerator<ShelvedText> {
    for (let at = 0; at < fileIds.length; at += READ_TOGETHER) {
      const some = fileIds.slice(at, at + READ_TOGETHER);
      const missing = some.filter((fileId) => {
        const version = view.files.get(fileId)?.version ?? 0;
        return (this.get(fileId, version) ?? this.#told(view, fileId, version)) === undefined;
      });
      const snapshots = await readSnapshots(
        link,
        view,
        missing.map((fileId) => ({ fileId })),
      );
      for (const [index, found] of snapshots.entries()) {
        if (found?.kind !== 'text') continue;
        this.#took(view, { fileId: missing[index]!, version: found.version, text: found.text });
      }
      for (const fileId of some) {
        if (view.files.get(fileId)?.deleted !== false) continue;
        const read = await this.read(link, view, fileId);
        if (read) yield read;
      }
    }
  }
}
