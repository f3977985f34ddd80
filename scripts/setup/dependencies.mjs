import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from './error-code.mjs';
import { withLock } from './lock.mjs';
import { projectRoot } from './paths.mjs';
import { say, secondsSince } from './progress.mjs';
import { runNpm } from './run.mjs';

/**
 * Installs the packages of `package-lock.json` where they are missing or no longer the locked ones.
 * @param {string} [directory] the folder with the lock file
 */
export async function ensureDependencies(directory = projectRoot) {
  if (isInstalled(directory)) return;
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  await withLock(`dependencies-${name}`, async () => {
    if (isInstalled(directory)) return;
    const startedMs = performance.now();
    say(`Installing the packages of ${path.basename(directory)} (npm ci) …`);
    await runNpm(['ci', '--include=dev', '--include=optional'], directory);
    say(`Packages installed in ${secondsSince(startedMs)}.`);
  });
}

/**
 * npm writes what it installed into a lock file of its own as its last step, so comparing the two also
 * notices an install that was cut off.
 */
function isInstalled(/** @type {string} */ directory) {
  const installed = readPackages(path.join(directory, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const locked = readPackages(path.join(directory, 'package-lock.json')) ?? {};
  return Object.entries(locked).every(([location, entry]) => {
    if (location === '') return true;
    const present = installed[location];
    return present === undefined ? entry.optional : present.version === entry.version;
  });
}

/** @returns {Record<string, { version?: string, optional?: boolean }> | undefined} */
function readPackages(/** @type {string} */ file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
