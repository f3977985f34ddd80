import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

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
