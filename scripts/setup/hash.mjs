import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from './paths.mjs';

/**
 * A hash over the names and contents of files, and of all files below folders, of the project.
 * @param {readonly string[]} locations relative to the project; those that are missing count as missing
 */
export function hashOf(locations) {
  const hash = createHash('sha256');
  for (const file of locations.flatMap(filesBelow).sort()) {
    hash.update(`${file}\0`);
    hash.update(
      createHash('sha256')
        .update(fs.readFileSync(path.join(projectRoot, file)))
        .digest(),
    );
  }
  return hash.digest('hex');
}

/** @returns {string[]} paths with forward slashes, relative to the project */
export function filesBelow(/** @type {string} */ location) {
  const absolute = path.join(projectRoot, location);
  const stat = fs.statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isFile()) return [location];
  return fs
    .readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(projectRoot, path.join(entry.parentPath, entry.name)))
    .map((file) => file.split(path.sep).join('/'));
}

/** Runs `make` unless it already ran on inputs with this hash; `stampFile` remembers that. */
export async function unlessDone(
  /** @type {string} */ stampFile,
  /** @type {string} */ hash,
  /** @type {() => Promise<void>} */ make,
) {
  const stamp = path.join(projectRoot, stampFile);
  const isDone = () => fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === hash;
  if (isDone()) return;
  fs.rmSync(stamp, { force: true });
  await make();
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, hash);
}
