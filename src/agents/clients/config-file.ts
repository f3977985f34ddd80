/**
 * Owns: one entry in a settings file of somebody else: JSON that may have comments. All else in the file
 * stays byte for byte as it is. Does not know: what the entry says.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  applyEdits,
  findNodeAtLocation,
  modify,
  type Node,
  parse,
  type ParseError,
  parseTree,
} from 'jsonc-parser';
import { systemCode } from '../../host/host-error.ts';
import { WorldError } from '../../world/world-error.ts';

/** What is needed to take an entry out again. */
export interface ConfigChange {
  /** Base64 of the file as it was; null where there was none. */
  readonly before: string | null;
  /** SHA-256 of the file as it was left, in hexadecimal digits. */
  readonly after: string;
}

/** Puts an entry in, or in the place of the one of that name. Throws `WorldError` for a damaged file. */
export async function putEntry(
  file: string,
  at: readonly string[],
  name: string,
  value: unknown,
): Promise<ConfigChange> {
  const before = await contentOf(file);
  const text = before ?? '{}\n';
  const edited = edit(file, text, [...at, name], value);
  await replaceFile(file, edited);
  return {
    before: before === undefined ? null : Buffer.from(before, 'utf8').toString('base64'),
    after: hashOf(edited),
  };
}

/** Takes the entry out. A file that nobody has changed meanwhile is again as it was before. */
export async function removeEntry(
  file: string,
  at: readonly string[],
  name: string,
  { before, after }: ConfigChange,
): Promise<void> {
  const now = await contentOf(file);
  if (now === undefined) return;
  if (hashOf(now) !== after) {
    await replaceFile(file, edit(file, now, [...at, name], undefined));
  } else if (before === null) await rm(file);
  else await replaceFile(file, Buffer.from(before, 'base64').toString('utf8'));
}

/** What the file has at an entry; undefined for none. */
export async function readEntry(
  file: string,
  at: readonly string[],
  name: string,
): Promise<unknown> {
  const text = await contentOf(file);
  if (text === undefined) return undefined;
  return [...at, name].reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    parsed(file, text),
  );
}

/** The file's text with one entry more, other or fewer; undefined takes it out. */
function edit(file: string, text: string, at: readonly string[], value: unknown): string {
  parsed(file, text);
  if (value === undefined) return applyEdits(text, modify(text, [...at], undefined, {}));
  const root = parseTree(text, [], { allowTrailingComma: true })!;
  const existing = findNodeAtLocation(root, [...at]);
  const form = formOf(text);
  if (existing) {
    const { offset, length } = existing;
    return text.slice(0, offset) + pretty(value, at.length, form) + text.slice(offset + length);
  }
  return insert(text, root, at, value, form);
}

/** Behind the opening brace, where no comment at the end of a line belongs to a line before. */
function insert(
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
    if (next?.type !== 'object') break;
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

function formOf(text: string): Form {
  const unit = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return { eol: text.includes('\r\n') ? '\r\n' : '\n', unit };
}

function pretty(value: unknown, depth: number, { eol, unit }: Form): string {
  const [first, ...rest] = JSON.stringify(value, null, unit).split('\n');
  return [first, ...rest.map((line) => unit.repeat(depth) + line)].join(eol);
}

function parsed(file: string, text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length === 0 && typeof value === 'object' && value !== null) return value;
  throw new WorldError('bad_home', `${file} is no JSON that can be understood; it stays as it is`);
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, with the mode that it had; a new one only its owner can read. */
async function replaceFile(file: string, text: string): Promise<void> {
  const mode = await stat(file).then(
    (status) => status.mode & 0o777,
    () => 0o600,
  );
  await mkdir(path.dirname(file), { recursive: true });
  const written = `${file}.${process.pid}.tmp`;
  await writeFile(written, text, { mode });
  await chmod(written, mode);
  await rename(written, file);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
