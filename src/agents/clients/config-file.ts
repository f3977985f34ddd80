/**
 * Owns: one entry in a settings file of somebody else: JSON that may have comments. All else in the file
 * stays byte for byte as it is. Does not know: what the entry says.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { findNodeAtLocation, type Node, parse, type ParseError, parseTree } from 'jsonc-parser';
import { systemCode } from '../../host/host-error.ts';
import { replaceFile } from '../../host/replace-file.ts';
import { WorldError } from '../../world/world-error.ts';
import { withoutNode } from './take-node-out.ts';

/** What is needed to take an entry out again. */
export interface ConfigChange {
  /** Base64 of the file as it was; null where there was none. */
  readonly before: string | null;
  /** SHA-256 of the file as it was left, in hexadecimal digits. */
  readonly after: string;
}

export const BYTE_ORDER_MARK = '\ufeff';

/** More than any system follows. */
const MOST_LINKS = 40;

/** Puts an entry in, or in the place of the one of that name. Throws `WorldError` for a damaged file. */
export async function putEntry(
  file: string,
  at: readonly string[],
  name: string,
  value: unknown,
): Promise<ConfigChange> {
  return changeFile(file, (text) => edit(file, text, [...at, name], value));
}

/** Changes a file's text, which is empty where there is none; returns how that is taken back. */
export async function changeFile(
  file: string,
  change: (text: string) => string,
): Promise<ConfigChange> {
  const before = await contentOf(file);
  const edited = change(before ?? '');
  await putContent(file, edited);
  return {
    before: before === undefined ? null : Buffer.from(before, 'utf8').toString('base64'),
    after: hashOf(edited),
  };
}

/**
 * Takes the entry out. A file that nobody has changed meanwhile is again as it was before; from another one the
 * objects go, too, that were made for the entry and have nothing else in them.
 */
export async function removeEntry(
  file: string,
  at: readonly string[],
  name: string,
  change: ConfigChange,
): Promise<void> {
  const had = textBefore(change);
  await takeBack(file, change, (now) => {
    if (valueAt(parsed(file, now), [...at, name]) === undefined) return now;
    return withoutEmpty(file, edit(file, now, [...at, name], undefined), at, had);
  });
}

/** What a file had before a change; empty where there was none. */
export function textBefore({ before }: ConfigChange): string {
  return before === null ? '' : Buffer.from(before, 'base64').toString('utf8');
}

/** Without what is on the way to `at` and has nothing in it, unless `had` has it, too. */
export function withoutEmpty(
  file: string,
  whole: string,
  at: readonly string[],
  had: string,
): string {
  let text = whole;
  for (let depth = at.length; depth > 0; depth--) {
    const place = at.slice(0, depth);
    if (valueAt(parsed(file, had), place) !== undefined) break;
    if (Object.keys(valueAt(parsed(file, text), place) ?? {}).length > 0) break;
    text = edit(file, text, place, undefined);
  }
  return text;
}

/** Makes a file as it was before a change; one that was changed since goes through `takeOut`. */
export async function takeBack(
  file: string,
  { before, after }: ConfigChange,
  takeOut: (text: string) => string,
): Promise<void> {
  const now = await contentOf(file);
  if (now === undefined) return;
  if (hashOf(now) !== after) {
    const edited = takeOut(now);
    if (now.trim() !== '' && edited !== now) await putContent(file, edited);
  } else if (before === null) await rm(await behindLinks(file));
  else await putContent(file, Buffer.from(before, 'base64').toString('utf8'));
}

/** What the file has at an entry; undefined for none. */
export async function readEntry(
  file: string,
  at: readonly string[],
  name: string,
): Promise<unknown> {
  const text = await contentOf(file);
  if (text === undefined) return undefined;
  return valueAt(parsed(file, text), [...at, name]);
}

export function valueAt(root: unknown, at: readonly string[]): unknown {
  return at.reduce(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    root,
  );
}

/** The file's text with one entry more, other or fewer; undefined takes it out. Throws `WorldError`. */
export function edit(file: string, whole: string, at: readonly string[], value: unknown): string {
  const mark = whole.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const written = whole.slice(mark.length);
  const text = written.trim() === '' ? '{}\n' : written;
  return mark + editText(file, text, at, value);
}

function editText(file: string, text: string, at: readonly string[], value: unknown): string {
  parsed(file, text);
  const root = parseTree(text, [], { allowTrailingComma: true })!;
  if (value === undefined) {
    const there = findNodeAtLocation(root, [...at]);
    return there ? withoutNode(text, there.parent!) : text;
  }
  const existing = findNodeAtLocation(root, [...at]);
  const form = formOf(text);
  if (existing) {
    const { offset, length } = existing;
    return text.slice(0, offset) + pretty(value, at.length, form) + text.slice(offset + length);
  }
  return insert(file, text, root, at, value, form);
}

/** Behind the opening brace, where no comment at the end of a line belongs to a line before. */
function insert(
  file: string,
  text: string,
  root: Node,
  at: readonly string[],
  value: unknown,
  form: Form,
): string {
  let depth = 0;
  let parent = root;
  for (; depth < at.length - 1; depth++) {
    const next = findNodeAtLocation(root, at.slice(0, depth + 1));
    if (!next) break;
    if (next.type !== 'object') {
      const name = at.slice(0, depth + 1).join('.');
      throw new WorldError('bad_home', `${file} has something else at ${name}; it stays as it is`);
    }
    parent = next;
  }
  const nested = at
    .slice(depth + 1)
    .reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const { eol, unit } = form;
  const line = `${eol}${unit.repeat(depth + 1)}${JSON.stringify(at[depth])}: ${pretty(nested, depth + 1, form)}`;
  const isEmpty = (parent.children ?? []).length === 0;
  const inside = text.slice(parent.offset + 1, parent.offset + parent.length - 1);
  const ending = isEmpty ? (inside.includes('\n') ? '' : `${eol}${unit.repeat(depth)}`) : ',';
  const place = parent.offset + 1;
  return text.slice(0, place) + line + ending + text.slice(place);
}

/** How the file is written. */
interface Form {
  readonly eol: string;
  /** One step of indentation. */
  readonly unit: string;
}

export function formOf(text: string): Form {
  const unit = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return { eol: text.includes('\r\n') ? '\r\n' : '\n', unit };
}

export function pretty(value: unknown, depth: number, { eol, unit }: Form): string {
  const [first, ...rest] = JSON.stringify(value, null, unit).split('\n');
  return [first, ...rest.map((line) => unit.repeat(depth) + line)].join(eol);
}

export function parsed(file: string, whole: string): unknown {
  const text = whole.startsWith(BYTE_ORDER_MARK) ? whole.slice(BYTE_ORDER_MARK.length) : whole;
  const errors: ParseError[] = [];
  if (text.trim() === '') return {};
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (errors.length === 0 && isObject) return value;
  throw new WorldError('bad_home', `${file} is no JSON that can be understood; it stays as it is`);
}

/** Undefined where there is no such file. Throws `WorldError` for one that cannot be read. */
export async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unusable(file, 'read', error);
  }
}

/**
 * Whole or not at all, with the mode that it had; a new one only its owner can read. A link stays one: what it
 * leads to is replaced, which people keep elsewhere.
 */
async function putContent(named: string, text: string): Promise<void> {
  const file = await behindLinks(named);
  const mode = await stat(file).then(
    (status) => status.mode & 0o777,
    () => 0o600,
  );
  if ((mode & 0o222) === 0) {
    throw new WorldError('bad_home', `${named} is for reading only; it stays as it is`);
  }
  const draft = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await replaceFile(file, text, { draft, mode, isExact: true });
  } catch (error) {
    throw unusable(named, 'written', error);
  }
}

/** Where a path leads to in the end, also where nothing is there yet. */
async function behindLinks(file: string): Promise<string> {
  let at = file;
  for (let links = 0; links < MOST_LINKS; links++) {
    const next = await readlink(at).catch(() => undefined);
    if (next === undefined) return at;
    at = path.resolve(path.dirname(at), next);
  }
  throw new WorldError('bad_home', `${file} leads in a circle of links`);
}

function unusable(file: string, how: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  return new WorldError('bad_home', `${file} cannot be ${how} (${code})`, { cause: error });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
