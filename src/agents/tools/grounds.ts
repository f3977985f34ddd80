/**
 * Owns: on which text of a file a call is made: the version or hash that it names, or else the last text
 * that the agent was given. Does not know: what is done with it.
 */
import type { Changes } from '../../core/change.ts';
import { ContentHasher } from '../../core/content-hash.ts';
import { toHex } from '../../core/hash.ts';
import type { Text } from '../../core/text.ts';
import type { Clock } from '../../world/clock.ts';
import type { Link } from '../../world/link.ts';
import { nativeHash, nativeTextHash } from '../../world/native-hash.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { WorldView } from '../../world/world-view.ts';
import { type AgentRecord, type FileEntry, joinSpans } from './agent-record.ts';
import { refused, type Reply } from './answer.ts';
import { carry, type Mind } from './mind.ts';
import { countedLines, type LineSpan } from './numbered-lines.ts';
import type { ShelvedText, TextShelf } from './text-shelf.ts';
import type { WorldPaths } from './world-paths.ts';

/** Which text a call was made on, where it says so. */
export interface NamedBase {
  /** A version that an answer named. */
  readonly baseVersion?: number | undefined;
  /** `contentHash` of an answer. */
  readonly contentHash?: string | undefined;
}

/** A file, and the text that a call is about. */
export interface Ground extends ShelvedText {
  /** Where the file is now. */
  readonly path: string;
  readonly head: FileHead;
  /** `named` by the call, `given` to the agent before, or the `newest`, which nobody said they know. */
  readonly origin: 'named' | 'given' | 'newest';
  readonly entry: FileEntry | undefined;
  /** What was given may have been given to somebody else. */
  readonly isShared: boolean;
}

/** What of an edit that was made is to be noted. */
export interface MadeEdit {
  readonly ground: Ground;
  readonly changes: Changes;
  readonly after: Text;
  readonly mind?: Mind;
}

export type FoundGround =
  | { readonly tag: 'ground'; readonly ground: Ground }
  | { readonly tag: 'refused'; readonly reply: Reply };

export type FoundFile =
  | { readonly tag: 'file'; readonly head: FileHead; readonly path: string }
  | { readonly tag: 'none'; readonly path: string }
  | { readonly tag: 'refused'; readonly reply: Reply };

interface GroundsOptions {
  readonly view: WorldView;
  readonly paths: WorldPaths;
  readonly record: AgentRecord;
  readonly shelf: TextShelf;
  readonly clock: Clock;
  /** What was given may have been given to another conversation of the client. */
  readonly isShared: boolean;
}

export class Grounds {
  readonly #view: WorldView;
  readonly #paths: WorldPaths;
  readonly #record: AgentRecord;
  readonly #shelf: TextShelf;
  readonly #clock: Clock;
  readonly #isShared: boolean;
  /** By file; `atMs` is that of the record's entry that it belongs to. */
  readonly #minds = new Map<number, Mind & { readonly version: number; readonly atMs: number }>();

  constructor({ view, paths, record, shelf, clock, isShared }: GroundsOptions) {
    this.#view = view;
    this.#paths = paths;
    this.#record = record;
    this.#shelf = shelf;
    this.#clock = clock;
    this.#isShared = isShared;
  }

  /** The file that a call means: also one that moved, or was deleted, since the agent was given it. */
  async find(spelling: string): Promise<FoundFile> {
    const found = await this.#paths.canonical(spelling);
    if (found.tag === 'bad') return { tag: 'refused', reply: found.reply };
    const { path } = found;
    const known = this.#record.fileAt(path);
    const moved = known && this.#view.files.get(known.fileId);
    const head = this.#view.fileAt(path);
    if (head && moved && moved.fileId !== head.fileId && !this.#record.file(head.fileId)) {
      const where = moved.deleted ? 'was deleted' : `is ${moved.path} now`;
      const message = `The file that you read as ${path} ${where}, and another file is at ${path}, which you have not read.`;
      const next = [`Read ${path}, and then edit it.`];
      if (!moved.deleted) next.unshift(`Edit ${moved.path} if you mean the file that you read.`);
      return { tag: 'refused', reply: refused('unread', message, next) };
    }
    if (head) return { tag: 'file', head, path: head.path };
    if (moved) return { tag: 'file', head: moved, path: moved.path };
    return { tag: 'none', path };
  }

  /** The text that a call about an existing text file is made on. */
  async on(link: Link, head: FileHead, base: NamedBase): Promise<FoundGround> {
    if (head.kind === 'binary') return noText(head.path);
    const entry = await this.#placed(link, head);
    const named = await this.#named(link, head, base, entry);
    if (named.tag === 'refused') return named;
    const version = named.version ?? (entry?.isMixed ? undefined : entry?.version);
    const read = await this.#shelf.read(link, this.#view, head.fileId, version);
    if (!read) return noText(head.path);
    const origin =
      named.version !== undefined ? 'named' : version === undefined ? 'newest' : 'given';
    const isShared = this.#isShared;
    return { tag: 'ground', ground: { ...read, path: head.path, head, origin, entry, isShared } };
  }

  /** The same file with the text that it has now. */
  async newest(link: Link, ground: Ground): Promise<Ground> {
    const read = await this.#shelf.read(link, this.#view, ground.fileId);
    return read ? { ...ground, ...read, origin: 'newest' } : ground;
  }

  /** Notes that the agent was given lines of a version, or all of it. */
  gave(read: ShelvedText & { readonly path: string }, lines: FileEntry['seen'] | LineSpan): void {
    const { fileId, version, path, text } = read;
    this.#minds.delete(fileId);
    const known = this.#record.file(fileId);
    const isSame = known?.version === version && !known.isMixed;
    const before = isSame ? known.seen : [];
    const seen = joined(before, lines, countedLines(text));
    const told = { toldPath: path, toldVersion: version };
    this.#put({ fileId, path, version, ...told, seen, isMixed: false }, known);
  }

  /** What the agent knows of a file, if anything. */
  known({ fileId }: FileHead): FileEntry | undefined {
    return this.#record.file(fileId);
  }

  /** Notes a text that the agent has in mind, all of it: a version has it, or will have it. */
  async hasText(link: Link, head: FileHead, text: Text, seen: FileEntry['seen']): Promise<void> {
    const { fileId, path } = head;
    const hash = hashOf(text);
    const version = await this.#versionOf(link, head, hash);
    if (version !== undefined) this.gave({ fileId, version, path, text }, seen);
    else this.hasMixed(head, { unplaced: hash, seen });
  }

  /** Notes that the agent has something else of a file in mind than any version has. */
  hasMixed(head: FileHead, more: Partial<Pick<FileEntry, 'unplaced' | 'seen'>> = {}): void {
    const { fileId, path, version } = head;
    const known = this.#record.file(fileId);
    this.#minds.delete(fileId);
    const told = { toldPath: path, toldVersion: known?.toldVersion ?? version };
    const before = { version: known?.version ?? version, seen: known?.seen ?? [] };
    this.#put(
      { fileId, path, ...told, ...before, unplaced: undefined, ...more, isMixed: true },
      known,
    );
  }

  /** The newest of the last versions that has just this text, if one has. */
  versionWith(link: Link, head: FileHead, text: Text): Promise<number | undefined> {
    return this.#versionOf(link, head, hashOf(text));
  }

  /** A text that no version was known to have when it was noted may be one's by now. */
  async #placed(link: Link, head: FileHead): Promise<FileEntry | undefined> {
    const entry = this.#record.file(head.fileId);
    if (entry?.unplaced === undefined) return entry;
    const version = await this.#versionOf(link, head, entry.unplaced);
    if (version === undefined) return entry;
    this.#put(
      { ...entry, version, toldVersion: version, isMixed: false, unplaced: undefined },
      entry,
    );
    return this.#record.file(head.fileId);
  }

  /** The newest of the last versions that has a text. */
  async #versionOf(
    link: Link,
    { fileId, version, contentHash }: FileHead,
    hash: string,
  ): Promise<number | undefined> {
    if (toHex(contentHash) === hash) return version;
    const ops = await this.#shelf.opsBetween(
      link,
      fileId,
      Math.max(0, version - MOST_VERSIONS),
      version,
    );
    return ops.findLast(({ afterHash }) => toHex(afterHash) === hash)?.version;
  }

  /**
   * Notes an edit that is in the text at a version. `between` are the ops of others since its ground, one
   * after the other: without any the agent knows the result, else it has its own text in mind.
   */
  edited(edit: MadeEdit, version: number, between: readonly Changes[] | undefined): void {
    const { ground, changes, after } = edit;
    const { fileId, entry } = ground;
    const path = this.#view.files.get(fileId)?.path ?? ground.path;
    if (between?.length === 0) this.#shelf.put({ fileId, version, text: after });
    this.#minds.delete(fileId);
    if (!entry) return;
    const told = { path, toldPath: path, toldVersion: entry.toldVersion };
    const mind = mindAfter(edit, between);
    if (between?.length === 0 && mind?.others.length === 0) {
      // What it did not see of the file it has not seen now, and lines have moved.
      const isWhole = edit.mind !== undefined || (entry.seen === 'all' && !entry.isMixed);
      const toldVersion = Math.max(entry.toldVersion, version);
      const seen = isWhole ? ('all' as const) : [];
      this.#put({ ...entry, ...told, version, toldVersion, seen, isMixed: false }, entry);
      return;
    }
    const atMs = this.#put({ ...entry, ...told, isMixed: true }, entry);
    // On what it quotes of the newest text it has nothing else in mind.
    const isKnown = ground.origin !== 'newest' && changes.length > 0 && entry.seen === 'all';
    if (mind && isKnown) this.#minds.set(fileId, { ...mind, version, atMs });
  }

  /** The text that the agent has in mind, and the version that it becomes by what others did. */
  mind(fileId: number): (Mind & { readonly version: number }) | undefined {
    const mind = this.#minds.get(fileId);
    if (this.#isShared) return undefined;
    // Another process may have given the agent the file meanwhile.
    return mind?.atMs === this.#record.file(fileId)?.atMs ? mind : undefined;
  }

  /** Notes where a file is that the agent moved. */
  moved(fileId: number, path: string): void {
    const entry = this.#record.file(fileId);
    if (entry) this.#put({ ...entry, path, toldPath: path }, entry);
  }

  /** True for a file of which the agent was not told yet that it is gone. */
  believesIn({ fileId }: FileHead): boolean {
    return (this.#record.file(fileId)?.toldPath ?? '') !== '';
  }

  /** Notes that the agent deleted a file. */
  deleted(fileId: number): void {
    const entry = this.#record.file(fileId);
    if (entry) this.#put({ ...entry, toldPath: '' }, entry);
  }

  #put(entry: Omit<FileEntry, 'atMs'>, known: FileEntry | undefined): number {
    const toldVersion = Math.max(entry.toldVersion, known?.toldVersion ?? 0);
    const atMs = this.#clock.nowMs();
    this.#record.putFile({ ...entry, toldVersion, atMs });
    return atMs;
  }

  async #named(
    link: Link,
    head: FileHead,
    { baseVersion, contentHash }: NamedBase,
    entry: FileEntry | undefined,
  ): Promise<
    | { readonly tag: 'version'; readonly version: number | undefined }
    | { readonly tag: 'refused'; readonly reply: Reply }
  > {
    if (baseVersion !== undefined) {
      const isOne =
        Number.isInteger(baseVersion) && baseVersion >= 1 && baseVersion <= head.version;
      return isOne
        ? { tag: 'version', version: baseVersion }
        : unknownBase(head, `version ${baseVersion}`);
    }
    if (contentHash === undefined || contentHash === '')
      return { tag: 'version', version: undefined };
    const wanted = contentHash.toLowerCase();
    if (toHex(head.contentHash).startsWith(wanted) && wanted.length >= HASH_DIGITS) {
      return { tag: 'version', version: head.version };
    }
    const version = entry && (await this.#versionWith(link, entry, wanted));
    return version === undefined
      ? unknownBase(head, `the content hash ${contentHash}`)
      : { tag: 'version', version };
  }

  async #versionWith(link: Link, entry: FileEntry, hash: string): Promise<number | undefined> {
    const given = await this.#shelf.read(link, this.#view, entry.fileId, entry.version);
    return given && hashOf(given.text).startsWith(hash) && hash.length >= HASH_DIGITS
      ? entry.version
      : undefined;
  }
}

function joined(
  before: FileEntry['seen'],
  lines: FileEntry['seen'] | LineSpan,
  total: number,
): FileEntry['seen'] {
  if (before === 'all' || lines === 'all') return 'all';
  const spans = joinSpans([...before, ...[lines].flat()]);
  const [first] = spans;
  return first && first.firstLine <= 1 && first.lastLine >= total ? 'all' : spans;
}

/** Whoever has an older text in mind reads the file again. */
const MOST_VERSIONS = 64;
/** A hash may be shortened to so many digits. */
const HASH_DIGITS = 12;

function noText(path: string): { readonly tag: 'refused'; readonly reply: Reply } {
  const message = `${path} is no text file, so its text cannot be edited here.`;
  return { tag: 'refused', reply: refused('not_text', message) };
}

function unknownBase(
  head: FileHead,
  what: string,
): { readonly tag: 'refused'; readonly reply: Reply } {
  const message = `${head.path} never had ${what}, as far as you were given it; it is at version ${head.version} now.`;
  const next = [`Read ${head.path} again and make the edit on the text that you are given.`];
  return { tag: 'refused', reply: refused('unknown_base', message, next) };
}

/** Undefined where it is not known what others did. */
function mindAfter(
  { changes, after, mind = { text: after, others: [] } }: MadeEdit,
  between: readonly Changes[] | undefined,
): Mind | undefined {
  if (between === undefined) return undefined;
  return { text: mind.text, others: [...mind.others, ...carry(changes, between).others] };
}

const hasher = new ContentHasher(nativeHash, nativeTextHash);

/** As worlds hash texts. */
export function hashOf(text: Text): string {
  return toHex(hasher.text(text));
}
