import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from './host-error.ts';

/** Where the databases of a home are, each in a folder of its own with its description. */
export const DATABASES = 'databases';
export const INFO_FILE = 'database.json';
export const DATABASE_FILE = 'world.db';

/**
 * How many bytes each of a home's databases takes on disk, by name and by identity. Needs no host;
 * one that is being made or removed meanwhile is left out.
 */
export async function storedBytes(home: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const [name, entry] of await storedNames(home)) {
    const folder = path.join(home, DATABASES, entry);
    let bytes = 0;
    for (const file of await namesIn(folder)) bytes += await bytesOf(path.join(folder, file));
    found.set(entry, bytes).set(name, bytes);
  }
  return found;
}

/** The folder of each of a home's databases, by the database's name. */
export async function storedNames(home: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const root = path.join(home, DATABASES);
  for (const entry of await namesIn(root)) {
    const name = await nameIn(path.join(root, entry));
    if (name !== undefined) found.set(name, entry);
  }
  return found;
}

async function nameIn(folder: string): Promise<string | undefined> {
  try {
    const info: unknown = JSON.parse(await readFile(path.join(folder, INFO_FILE), 'utf8'));
    const { name } = (info ?? {}) as { readonly name?: unknown };
    return typeof name === 'string' ? name : undefined;
  } catch (error) {
    if (systemCode(error) === undefined && !(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}

async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return 0;
  }
}
