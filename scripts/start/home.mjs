import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectRoot } from '../setup/paths.mjs';
import { SetupError } from '../setup/progress.mjs';

/** Where Agent World keeps a user's worlds: the rule of `defaultHomePath` in src/host/home.ts. */
export function homeDirectory(
  env = process.env,
  platform = process.platform,
  userDirectory = os.homedir(),
) {
  const chosen = env['AGENT_WORLD_HOME'];
  if (chosen) return path.resolve(chosen);
  if (platform === 'win32') {
    const local = env['LOCALAPPDATA'] ?? path.win32.join(userDirectory, 'AppData', 'Local');
    return path.win32.join(local, 'agent-world');
  }
  if (platform === 'darwin') {
    return path.posix.join(userDirectory, 'Library', 'Application Support', 'agent-world');
  }
  const data = env['XDG_DATA_HOME'];
  const base =
    data && path.isAbsolute(data) ? data : path.posix.join(userDirectory, '.local/share');
  return path.posix.join(base, 'agent-world');
}

/** Makes a folder that only this user can enter, and its parents. */
export function makePrivateDirectory(/** @type {string} */ directory) {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
}

/**
 * The user's own copy of the example project. It stays between starts, so the next one goes on with the
 * same world and history.
 * @returns {string} its path
 */
export function exampleFolder(/** @type {string} */ home) {
  const examples = path.join(projectRoot, 'examples');
  const [project] = fs
    .readdirSync(examples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  if (project === undefined) throw new SetupError(`There is no example project in ${examples}.`);
  const copy = path.join(home, 'demo', project);
  if (!fs.existsSync(copy)) copyWhole(path.join(examples, project), copy);
  return copy;
}

/** A copy that was cut off must not be taken for the project. */
function copyWhole(/** @type {string} */ source, /** @type {string} */ target) {
  const partial = `${target}.partial-${process.pid}`;
  fs.cpSync(source, partial, { recursive: true });
  fs.renameSync(partial, target);
}
