/**
 * Owns: one write of a tool to a file whose last put is known, compared with that put. What the world is asked
 * for it, and what differs, is found out once, for whoever judges the write and whoever sends it. Does not
 * know: what becomes of it.
 */
import type { Changes } from '../core/change.ts';
import { Text } from '../core/text.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import { detectContent, type FileContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { type BaseText, type DiskBase, readDiskBase } from './disk-base.ts';
import type { DiskFile } from './disk-files.ts';
import { contentIn } from './format-intake.ts';
import type { FolderLog } from './folder-log.ts';
import type { SaveBase } from './saved-files.ts';
import type { PutRecord } from './folder-log-entry.ts';
import type { MirrorWorld } from './mirror-world.ts';
import type { ReturnedText } from './restorations/restoration-judge.ts';

export interface ToolWriteParts {
  readonly world: MirrorWorld;
  readonly log: FolderLog;
}

/** What was written, and on what. */
export interface WrittenFile {
  readonly path: string;
  readonly disk: DiskFile;
  /** What was there before. */
  readonly last: PutRecord;
  readonly head: FileHead;
}

/** The text that was there before, and what leads from it to the one that is there now. */
export interface TextDifference {
  readonly base: DiskBase;
  readonly changes: Changes;
}

/** What an op of a write says, and where its text comes from. */
export interface TextAgain {
  readonly changes: Changes;
  readonly returned: readonly ReturnedText[];
}

export class ToolWrite implements WrittenFile {
  readonly path: string;
  readonly disk: DiskFile;
  readonly last: PutRecord;
  readonly head: FileHead;
  /** Text of older versions that is in it, though it is an edit; on the version that the difference is based on. */
  again: TextAgain | undefined;
  readonly #parts: ToolWriteParts;
  #content: FileContent | undefined;
  #text: Text | undefined;
  #difference: Promise<TextDifference | undefined> | undefined;

  constructor(parts: ToolWriteParts, { path, disk, last, head }: WrittenFile) {
    this.#parts = parts;
    this.path = path;
    this.disk = disk;
    this.last = last;
    this.head = head;
  }

  /** What the bytes are, whatever was there before. */
  get content(): FileContent {
    this.#content ??= detectContent(this.disk.bytes);
    return this.#content;
  }

  /** What the bytes are for the file. */
  get taken(): ReturnType<typeof contentIn> {
    return contentIn(this.#parts.world, this.head, this.disk.bytes, this.content);
  }

  /** What the bytes are for the file as a text; undefined where they are none. */
  get text(): Text | undefined {
    const { content } = this.taken;
    if (content.kind !== 'text') return undefined;
    // Whoever asks for it cuts the same text, and nobody more than once.
    this.#text ??= Text.of(content.text);
    return this.#text;
  }

  /** A person's save of what they had before them, in an editor whose document is not live. */
  get isOwnSave(): boolean {
    return this.#ownSave !== undefined;
  }

  /**
   * What a save was made of: this one, or the one that this was written on, which the world did not take: what was
   * put since is in neither.
   */
  get savedOn(): SaveBase | undefined {
    const { path, head } = this;
    const on = this.#ownSave ?? this.#parts.log.judged(path)?.on;
    return on?.fileId === head.fileId ? on : undefined;
  }

  /** What its author read, where that is another text than was put there last. */
  get madeFrom(): BaseText | undefined {
    const { path, head, last } = this;
    const on = this.#baseOfSave;
    if (on) {
      const isNewest = on.version > 0 && on.version === last.version;
      return isNewest || on.hash === last.hash ? undefined : on;
    }
    const made = this.#parts.log.announced.madeAt(path, () => {
      const { content } = this.taken;
      return content.kind === 'text' ? content.text : undefined;
    });
    if (made?.fileId !== head.fileId || made.version === last.version) return undefined;
    return { path, fileId: made.fileId, version: made.version, hash: '' };
  }

  get #ownSave(): SaveBase | undefined {
    const { path, head, disk } = this;
    const on = this.#parts.log.saved.of(path, disk)?.on;
    return on?.fileId === head.fileId ? on : undefined;
  }

  get #baseOfSave(): BaseText | undefined {
    const { path, savedOn } = this;
    if (savedOn === undefined) return undefined;
    // What was no version when the editor loaded it may be one by now.
    const { log } = this.#parts;
    const version = savedOn.version || (log.newestPut(path, savedOn.hash)?.version ?? 0);
    return { path, ...savedOn, version };
  }

  /** Undefined where one of the two is not known, or no text. */
  difference(): Promise<TextDifference | undefined> {
    this.#difference ??= this.#compare();
    return this.#difference;
  }

  async #compare(): Promise<TextDifference | undefined> {
    const { text, madeFrom } = this;
    if (text === undefined) return undefined;
    const { world, log } = this.#parts;
    const from = madeFrom ?? this.last;
    const older = madeFrom?.holds ? { ...madeFrom, version: madeFrom.holds } : undefined;
    const base =
      (await readDiskBase(world, log, from, text)) ??
      // Something replaced what an editor had loaded before anybody kept it.
      (older && (await readDiskBase(world, log, older, text)));
    return base && { base, changes: minimalChanges(base.text, text.toString()) };
  }
}
