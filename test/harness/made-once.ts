import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const made = new Map<string, Promise<string>>();

/**
 * What many files of tests need alike, such as a bundle, is made once in a run of them: by the first that needs
 * it. A file that runs by itself makes it for itself.
 * @param name of a folder; nothing else has it
 * @param make fills the folder that it is given
 * @returns the filled folder, which is only read
 */
export function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const found = made.get(name) ?? makeIn(place(), name, make);
  made.set(name, found);
  return found;
}

async function makeIn(
  parent: string,
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = path.join(parent, name);
  if (existsSync(folder)) return folder;
  const draft = await mkdtemp(`${folder}-`);
  await make(draft);
  try {
    await rename(draft, folder);
  } catch (error) {
    // Another process that needs it was quicker, with the same.
    if (!existsSync(folder)) throw error;
    await rm(draft, { recursive: true });
  }
  return folder;
}

/** `scripts/test.mjs` names a folder that all processes of its run share, and removes it. */
function place(): string {
  const shared = process.env['AGENT_WORLD_TEST_MADE'];
  if (shared !== undefined) {
    mkdirSync(shared, { recursive: true });
    return shared;
  }
  own ??= ofThisProcess();
  return own;
}

let own: string | undefined;

function ofThisProcess(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-world-made-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
