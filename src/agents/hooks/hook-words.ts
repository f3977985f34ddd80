/**
 * Owns: that what an agent's own file tools write in a person's folder is said to be the agent's, before and after
 * each write; and what of that folder's files an editor has not saved yet. Does not know: who keeps the folder in
 * step, or what is made of the word.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { evenText } from '../../world/text-format.ts';
import { giveWord, type Speaker, textHashOf } from '../../world/tool-word.ts';
import type { NativeWrite, WrittenText } from './hook-event.ts';
import type { FolderFile } from './hook-writes.ts';

export interface HookWordsOptions {
  /** Where what is known of the folder is kept. */
  readonly state: string;
  /** The agent, and its secret. */
  readonly speaker: Speaker;
  readonly token: string;
  readonly nowMs: () => number;
}

export class HookWords {
  readonly #options: HookWordsOptions;
  /** What was at a path before a tool wrote there, by the file. */
  readonly #before = new Map<string, string>();

  constructor(options: HookWordsOptions) {
    this.#options = options;
  }

  /** A tool is about to write. What it will make is said now: later the write may have been taken for anybody's. */
  async willWrite(at: FolderFile, write: NativeWrite): Promise<void> {
    const bytes = await bytesAt(at.file);
    const before = bytes ? createHash('sha256').update(bytes).digest('hex') : '';
    this.#before.delete(at.file);
    this.#before.set(at.file, before);
    const [oldest] = this.#before.keys();
    if (this.#before.size > MOST_FILES && oldest !== undefined) this.#before.delete(oldest);
    const after = textAfter(bytes?.toString('utf8') ?? '', write);
    if (after !== undefined) await this.#give(at, before, after);
  }

  /** A tool has written. */
  async wrote(at: FolderFile, written: WrittenText | undefined): Promise<void> {
    const before = this.#before.get(at.file);
    this.#before.delete(at.file);
    const text = written?.text ?? (await bytesAt(at.file))?.toString('utf8');
    if (before !== undefined && text !== undefined) await this.#give(at, before, text);
  }

  async #give({ path }: FolderFile, before: string, text: string): Promise<void> {
    const { state, speaker, token, nowMs } = this.#options;
    const word = { path, before, after: textHashOf(text), atMs: nowMs() };
    await giveWord(state, word, speaker, token);
  }
}

/** What a write makes of a text; undefined where that is not known. */
function textAfter(before: string, write: NativeWrite): string | undefined {
  if (write.kind === 'whole') return write.text;
  if (write.kind !== 'quotes' || !write.edits) return undefined;
  let text = evenText(before);
  for (const { quote, replacement, isEvery } of write.edits) {
    if (quote === '' || !text.includes(quote)) return undefined;
    // As a function: `$` in a text has no meaning of its own.
    text = isEvery
      ? text.replaceAll(quote, () => replacement)
      : text.replace(quote, () => replacement);
  }
  return text;
}

/** Undefined where there is no file. */
function bytesAt(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch(() => undefined);
}

const MOST_FILES = 64;
