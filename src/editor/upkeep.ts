/**
 * Owns: whether something in this user's home waits to be put in order at a start. `agent-world tidy` does it, in a
 * process that ends: it would load much, and write, where a window may need neither.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { commandLauncherState } from '../host/command-launcher.ts';
import type { WorldLog } from '../world/log.ts';
import { restoresFolder } from '../world/restores-folder.ts';
import { WorldList } from '../world/world-list.ts';
import { exitOf, startCommand } from './command-line.ts';
import type { ExtensionSurroundings } from './surroundings.ts';

type Place = Pick<ExtensionSurroundings, 'home' | 'installation'>;

/**
 * Starts `agent-world tidy` where there is something to do. `usesWorlds`: this window does, so the command is put
 * into the home where it is missing. `log` is asked for when there is something to say. Rejects where the home
 * cannot be read, or the command not be started.
 */
export async function keepUp(
  place: Place,
  usesWorlds: boolean,
  log: () => WorldLog,
): Promise<void> {
  if (await isDue(place, usesWorlds)) await exitOf(startCommand(place, ['tidy'], log()));
}

async function isDue({ home, installation }: Place, usesWorlds: boolean): Promise<boolean> {
  const cliScript = path.join(installation, 'dist', 'cli.cjs');
  // An update moves the script that it names: agents' clients start the command without any window.
  const launcher = await commandLauncherState({ home, runtime: process.execPath, cliScript });
  if (launcher === 'other' || (launcher === 'missing' && usesWorlds)) return true;
  const left = await readdir(restoresFolder(home)).catch(() => []);
  return left.length > 0 || (await new WorldList(home).restoring()).length > 0;
}
