/**
 * Owns: the file requests of a client: they are answered from its own folder, and what it writes is judged on what it
 * read, as a write by any tool. One request at a time. Does not know: the protocol.
 */
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type FolderFile, HookWrites } from '../agents/hooks/hook-writes.ts';
import { WriteGate } from '../agents/hooks/write-gate.ts';
import { evenText } from '../world/text-format.ts';
import { WorldPaths } from '../agents/tools/world-paths.ts';
import { systemCode } from '../host/host-error.ts';
import { putText } from './put-text.ts';
import type { RunPlace } from './run-place.ts';

/** Why a request is not answered as it is meant; `missing`: there is no such file. */
export class FileFault extends Error {
  readonly tag: 'missing' | 'refused';

  constructor(tag: FileFault['tag'], message: string) {
    super(message);
    this.tag = tag;
  }
}

export interface RunFilesOptions {
  readonly place: RunPlace;
  /** Whether it is known what the client's own tools read: by its hooks, or by these requests. */
  readonly tellsReads: boolean;
  readonly missingIsEmpty: boolean;
  /** It does not write over what changed since it read it: what it has read stays as it is for a while. */
  readonly needsStill: boolean;
}

/** Lines of a file that are asked for. */
export interface WantedLines {
  /** From 1. */
  readonly line?: number | undefined;
  readonly limit?: number | undefined;
}

export class RunFiles {
  readonly #options: RunFilesOptions;
  readonly #paths: WorldPaths;
  readonly #writes: HookWrites;
  readonly #gate: WriteGate;
  /** Whole texts that the client showed beside each other: what it made of which. By the file. */
  readonly #diffs = new Map<string, { readonly oldText: string; readonly newText: string }>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RunFilesOptions) {
    this.#options = options;
    const { session, seat, port, folder } = options.place;
    const { tools } = seat;
    this.#paths = new WorldPaths(session.view, [folder]);
    this.#writes = new HookWrites(port, tools, session.view);
    this.#gate = new WriteGate({ session, tools, writes: this.#writes });
  }

  /** The text, or lines of it. Rejects with `FileFault`. */
  read(file: string, wanted: WantedLines): Promise<string> {
    return this.#alone(() => this.#read(file, wanted));
  }

  /** Resolves when the text is in the world. Rejects with `FileFault`. */
  write(file: string, text: string): Promise<void> {
    return this.#alone(() => this.#write(file, text));
  }

  /** The client shows what it is about to make of a file. */
  compared(file: string, oldText: string, newText: string): void {
    if (Math.max(oldText.length, newText.length) > MOST_BYTES) return;
    this.#diffs.delete(file);
    this.#diffs.set(file, { oldText, newText });
    const [oldest] = this.#diffs.keys();
    if (this.#diffs.size > MOST_DIFFS && oldest !== undefined) this.#diffs.delete(oldest);
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #read(named: string, wanted: WantedLines): Promise<string> {
    const { path: path_, file } = await this.#placeOf(named);
    await this.#writes.willRead(path_);
    try {
      const text = await this.#textAt(file);
      if (text === undefined) {
        if (this.#options.missingIsEmpty) return '';
        throw new FileFault('missing', `There is no file ${path_}.`);
      }
      const { line, limit } = wanted;
      if (line === undefined && limit === undefined) {
        await this.#saw(file, { text, firstLine: 1, isWhole: true });
        return text;
      }
      const first = Math.max(1, line ?? 1);
      const lines = text.split('\n').slice(first - 1, limit && first - 1 + limit);
      const part = lines.join('\n');
      await this.#saw(file, { text: part, firstLine: first, isWhole: false });
      return part;
    } finally {
      await this.#writes.hasRead(path_, this.#options.needsStill);
    }
  }

  async #write(named: string, text: string): Promise<void> {
    const place = await this.#placeOf(named);
    const { path: path_, file } = place;
    if (Buffer.byteLength(text) > MOST_BYTES) {
      throw new FileFault('refused', `The text for ${path_} is longer than ${MOST_BYTES} bytes.`);
    }
    await this.#knowBase(named, place, text);
    const write = { kind: 'whole', text } as const;
    const { tellsReads } = this.#options;
    const reason = await this.#gate.reasonAgainst([{ path: path_, file, write }], tellsReads);
    if (reason !== undefined) throw new FileFault('refused', reason);
    await this.#writes.willWrite(place, write, this.#options.needsStill);
    try {
      await putText(file, text);
    } catch (error) {
      const code = systemCode(error) ?? 'unknown';
      throw new FileFault('refused', `${file} cannot be written: ${code}.`);
    }
    // Empty where it is in the world now; else the folder has the world's text again.
    const outcome = await this.#writes.wrote(place, { text });
    if (outcome !== '') throw new FileFault('refused', outcome);
  }

  /** A client that showed from which text it made this one has read that, whoever gave it. */
  async #knowBase(named: string, { file }: FolderFile, text: string): Promise<void> {
    const shown = this.#diffs.get(named);
    if (shown === undefined || evenText(shown.newText) !== evenText(text)) return;
    this.#diffs.delete(named);
    if (shown.oldText !== '') {
      await this.#saw(file, { text: shown.oldText, firstLine: 1, isWhole: true });
    }
  }

  async #saw(
    file: string,
    shown: { readonly text: string; readonly firstLine: number; readonly isWhole: boolean },
  ): Promise<void> {
    const { tools } = this.#options.place.seat;
    await tools.native.saw(file, shown);
  }

  /** Behind all links, whether or not there is a file. */
  async #placeOf(named: string): Promise<FolderFile> {
    const found = path.isAbsolute(named) ? await this.#paths.canonical(named) : undefined;
    if (found?.tag === 'path') {
      return { path: found.path, file: path.join(this.#options.place.folder, found.path) };
    }
    const why = `${JSON.stringify(named.slice(0, MOST_NAME))} is outside of the agent’s folder, or names no file of its world.`;
    throw new FileFault('refused', why);
  }

  /** Undefined where there is none. */
  async #textAt(file: string): Promise<string | undefined> {
    try {
      const status = await lstat(file);
      if (!status.isFile()) throw new FileFault('refused', `${file} is no file.`);
      if (status.size > MOST_BYTES) {
        throw new FileFault('refused', `${file} is longer than ${MOST_BYTES} bytes.`);
      }
      const bytes = await readFile(file);
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      if (error instanceof FileFault) throw error;
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      if (error instanceof TypeError) throw new FileFault('refused', `${file} is no text.`);
      throw new FileFault('refused', `${file} cannot be read: ${code ?? 'unknown'}.`);
    }
  }
}

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_DIFFS = 64;
const MOST_NAME = 300;
