/**
 * Owns: what an agent has in mind of a file that its client's own tools read or wrote in its folder, so that a
 * call of ours is judged on that text. Does not know: the client, or what the agent is told.
 */
import { readFile, stat } from 'node:fs/promises';
import { Text } from '../../core/text.ts';
import { evenText, readMixedText } from '../../world/text-format.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { FileEntry } from './agent-record.ts';
import { type Grounds, hashOf } from './grounds.ts';
import { countedLines } from './numbered-lines.ts';
import type { WorldPaths } from './world-paths.ts';

/** What a tool showed the agent of a file. */
interface Shown {
  readonly text: string;
  /** From 1. */
  readonly firstLine: number;
  readonly isWhole: boolean;
}

/** Where a tool was; `lines` from 1, undefined for all of the file. */
export interface NativePlace {
  readonly fileId: number;
  readonly version: number;
  readonly lines: { readonly firstLine: number; readonly lastLine: number } | undefined;
}

/** What a tool made of a file. */
interface Written {
  readonly text: string;
  /** What it changed a part of; undefined where the agent wrote all of it. */
  readonly before?: string;
}

/** `mixed`: it has something else in mind than any version has. */
export type WholeGround =
  | {
      readonly tag: 'version';
      readonly fileId: number;
      readonly version: number;
      readonly text: Text;
    }
  | { readonly tag: 'unread' | 'partly' | 'mixed' };

interface NativeFilesOptions {
  readonly session: WorldSession;
  readonly paths: WorldPaths;
  readonly grounds: Grounds;
}

export class NativeFiles {
  readonly #session: WorldSession;
  readonly #paths: WorldPaths;
  readonly #grounds: Grounds;

  constructor({ session, paths, grounds }: NativeFilesOptions) {
    this.#session = session;
    this.#paths = paths;
    this.#grounds = grounds;
  }

  /**
   * A tool has read a file, by its absolute path. Where it is not known what it showed, that is what is on
   * disk: all of it.
   */
  async saw(file: string, shown?: Shown): Promise<NativePlace | undefined> {
    const [head, { link }] = [await this.#textAt(file), this.#session];
    if (!head || !link) return undefined;
    const { fileId, version } = head;
    const whole = shown?.isWhole === true ? evenText(shown.text) : await textOnDisk(file);
    const text = whole === undefined ? undefined : Text.of(whole);
    const seen = shown === undefined || shown.isWhole ? 'all' : text && spanIn(text, shown);
    // It saw what is on disk no more, and that is in no version that could be found.
    if (text === undefined || seen === undefined) this.#grounds.hasMixed(head);
    else await this.#grounds.hasText(link, head, text, seen);
    return { fileId, version, lines: seen === 'all' ? undefined : seen?.[0] };
  }

  /** True where the disk has an older version of a file than the world, as while an editor has not saved. */
  async isBehind(file: string): Promise<boolean> {
    const [head, text, { link }] = [
      await this.#textAt(file),
      await textOnDisk(file),
      this.#session,
    ];
    if (!head || text === undefined || !link) return false;
    const version = await this.#grounds.versionWith(link, head, Text.of(text));
    return version !== undefined && version < head.version;
  }

  /** A tool has written a file, by its absolute path. */
  async wrote(file: string, written?: Written): Promise<void> {
    const [head, { link }] = [await this.#textAt(file), this.#session];
    if (!head || !link) return;
    const seen = written && (await this.#seenBy(head, written));
    if (written === undefined || seen === undefined) return this.#grounds.hasMixed(head);
    await this.#grounds.hasText(link, head, Text.of(evenText(written.text)), seen);
  }

  /** On what a whole text of a file would be made that the agent writes now; undefined for no text of the world. */
  async wholeGround(file: string): Promise<WholeGround | undefined> {
    const [head, { link }] = [await this.#textAt(file), this.#session];
    const on = head && link && (await this.#grounds.on(link, head, {}));
    if (on?.tag !== 'ground') return undefined;
    const { entry, origin, fileId, version, text } = on.ground;
    if (!entry) return { tag: 'unread' };
    if (origin !== 'given') return { tag: 'mixed' };
    return entry.seen === 'all' ? { tag: 'version', fileId, version, text } : { tag: 'partly' };
  }

  /** Undefined where the tool changed a text that the agent did not have in mind. */
  async #seenBy(head: FileHead, { before }: Written): Promise<FileEntry['seen'] | undefined> {
    if (before === undefined) return 'all';
    const { link } = this.#session;
    const on = link && (await this.#grounds.on(link, head, {}));
    if (on?.tag !== 'ground' || on.ground.origin !== 'given') return undefined;
    const { entry, text } = on.ground;
    if (hashOf(Text.of(evenText(before))) !== hashOf(text)) return undefined;
    // Lines have moved: of a part nobody could say now which.
    return entry?.seen === 'all' ? 'all' : [];
  }

  async #textAt(file: string): Promise<FileHead | undefined> {
    const found = await this.#paths.canonical(file);
    const head = found.tag === 'path' ? this.#session.view.fileAt(found.path) : undefined;
    return head?.kind === 'text' ? head : undefined;
  }
}

/** Which lines of a text were shown; undefined where they read otherwise in it. */
function spanIn(
  text: Text,
  { text: shown, firstLine }: Shown,
): readonly { firstLine: number; lastLine: number }[] | undefined {
  const lines = evenText(shown).split('\n');
  const lastLine = Math.min(firstLine + lines.length - 1, Math.max(firstLine, countedLines(text)));
  const there = [...text.lines(firstLine - 1, firstLine - 1 + lines.length)];
  return there.join('\n') === lines.join('\n') ? [{ firstLine, lastLine }] : undefined;
}

/** Undefined for what is no text, cannot be read, or is too long to be read at each step of an agent. */
async function textOnDisk(file: string): Promise<string | undefined> {
  try {
    if ((await stat(file)).size > MOST_BYTES) return undefined;
    return readMixedText(await readFile(file))?.text;
  } catch {
    return undefined;
  }
}

const MOST_BYTES = 4 * 1024 * 1024;
