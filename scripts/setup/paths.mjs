import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone this script belongs to. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Where large downloads are kept, outside the clone: `AGENT_WORLD_CACHE`, or the user's cache folder. */
export function cacheDirectory(env = process.env, platform = process.platform) {
  if (env['AGENT_WORLD_CACHE']) return path.resolve(env['AGENT_WORLD_CACHE']);
  return path.join(userCacheDirectory(env, platform), 'agent-world');
}

function userCacheDirectory(/** @type {NodeJS.ProcessEnv} */ env, /** @type {string} */ platform) {
  const home = os.homedir();
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches');
  return env['XDG_CACHE_HOME'] || path.join(home, '.cache');
}
