/** Owns: this user's copy of the example project, and that the next window on it is to show what can be tried. */
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../host/home.ts';

/** The file that says what to try, and in which an agent writes. */
export const EXAMPLE_FILE = 'start-here.md';

/** Who has the example's agents run: the window that shows it, or whoever made it. */
export type ExampleBeginning = { readonly agents: 'window' | 'elsewhere' };

/** It stays until it is removed, so that the next start goes on with the same world and history. */
export function exampleFolder(home: string): string {
  return path.join(home, 'demo', 'notebook');
}

/** Copies the example that an installation brings, where the home has none; returns its folder. */
export async function makeExample(installation: string, home: string): Promise<string> {
  const source = path.join(installation, 'examples', 'notebook');
  const folder = exampleFolder(home);
  if (!existsSync(folder)) {
    // A copy that was cut off must not be taken for the project.
    const partial = `${folder}.partial-${process.pid}`;
    await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
    try {
      await cp(source, partial, { recursive: true });
      await rename(partial, folder);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  const first = path.join(folder, EXAMPLE_FILE);
  if (!existsSync(first)) await copyFile(path.join(source, EXAMPLE_FILE), first);
  return folder;
}

/** The folder with everything in it; what is not there is no error. */
export async function removeExample(home: string): Promise<void> {
  await rm(exampleFolder(home), { recursive: true, force: true });
  await rm(beginningOf(home), { force: true });
}

/** The next window on the example begins it. */
export async function noteBeginning(home: string, beginning: ExampleBeginning): Promise<void> {
  await writeFileAtomically(beginningOf(home), JSON.stringify(beginning));
}

/** What was noted, for one window only: whoever takes it away. */
export async function takeBeginning(home: string): Promise<ExampleBeginning | undefined> {
  const taken = `${beginningOf(home)}.${process.pid}`;
  try {
    await rename(beginningOf(home), taken);
  } catch {
    return undefined;
  }
  const text = await readFile(taken, 'utf8');
  await rm(taken);
  return text.includes('window') ? { agents: 'window' } : { agents: 'elsewhere' };
}

function beginningOf(home: string): string {
  return path.join(home, 'demo', 'notebook.begin');
}
