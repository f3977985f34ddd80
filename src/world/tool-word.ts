/**
 * Owns: an agent's word that a tool of its client makes a text of a file, in a folder that is not the agent's own:
 * a file of this machine beside what else is known of the folder, proven with the agent's secret. Does not know:
 * what is done with it.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { IdentityHex } from '../core/op.ts';
import { systemCode } from '../host/host-error.ts';
import { replaceFile } from '../host/replace-file.ts';
import type { IdentityStore } from './identities.ts';
import { evenText } from './text-format.ts';

export interface ToolWord {
  /** Of the file in the world. */
  readonly path: string;
  /** SHA-256 in hexadecimal of the bytes that the tool changed; empty where there was no file. */
  readonly before: string;
  /** That of the text that it makes: in UTF-8, with line feeds and without a byte order mark. */
  readonly after: string;
  readonly atMs: number;
}

/** Under which an identity is kept on this machine. */
export interface Speaker {
  readonly server: string;
  readonly name: string;
}

interface StoredWord extends ToolWord, Speaker {
  /** HMAC of the word under the speaker's token, in hexadecimal. */
  readonly proof: string;
}

/** Gives the word for a file; an earlier one for it goes. `state`: where what is known of the folder is kept. */
export async function giveWord(
  state: string,
  word: ToolWord,
  speaker: Speaker,
  token: string,
): Promise<void> {
  const folder = path.join(state, WORDS);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, nameOf(word.path));
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  const stored: StoredWord = { ...word, ...speaker, proof: proofOf(word, token) };
  await replaceFile(file, JSON.stringify(stored), { draft, mode: 0o600 });
  await forgetOld(folder);
}

/** The word for a file, and whose it is; undefined where there is none that holds at this time. */
export async function wordFor(
  state: string,
  file: string,
  identities: Pick<IdentityStore, 'read'>,
  nowMs: number,
): Promise<(ToolWord & { readonly author: IdentityHex }) | undefined> {
  const word = await readWord(path.join(state, WORDS, nameOf(file)));
  if (word?.path !== file || Math.abs(nowMs - word.atMs) > HOLDS_MS) return undefined;
  const self = await identities.read(word.server, word.name);
  if (!self || !isProven(word, self.token)) return undefined;
  const { before, after, atMs } = word;
  return { path: file, before, after, atMs, author: self.identity };
}

/** As `after` of a word has it. */
export function textHashOf(text: string): string {
  return createHash('sha256').update(evenText(text), 'utf8').digest('hex');
}

async function readWord(file: string): Promise<StoredWord | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    const word = found as Partial<StoredWord> | null;
    const texts = [word?.path, word?.before, word?.after, word?.server, word?.name, word?.proof];
    const isWhole = texts.every((each) => typeof each === 'string');
    return isWhole && typeof word?.atMs === 'number' ? (word as StoredWord) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function proofOf({ path: file, before, after, atMs }: ToolWord, token: string): string {
  const said = JSON.stringify(['agent-world tool word', file, before, after, atMs]);
  return createHmac('sha256', token).update(said, 'utf8').digest('hex');
}

function isProven(word: StoredWord, token: string): boolean {
  const [given, right] = [Buffer.from(word.proof), Buffer.from(proofOf(word, token))];
  return given.length === right.length && timingSafeEqual(given, right);
}

async function forgetOld(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MOST_WORDS) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const atMs = await stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return { file, atMs };
    }),
  );
  files.sort((a, b) => a.atMs - b.atMs);
  for (const { file } of files.slice(0, MOST_WORDS / 2)) await rm(file, { force: true });
}

function nameOf(file: string): string {
  return `${createHash('sha256').update(file, 'utf8').digest('hex').slice(0, 32)}.json`;
}

const WORDS = 'words';
const MOST_WORDS = 256;
/** A person may take a while to let a tool write. */
const HOLDS_MS = 3600_000;
