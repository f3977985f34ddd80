import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { deleteWorld } from '../world/delete-world.ts';
import {
  exampleFolder,
  makeExample,
  noteBeginning,
  removeExample,
} from '../world/example-folder.ts';
import { openFolder } from '../world/open-folder.ts';
import { profileIn } from '../world/profile.ts';
import type { Command, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';

export const exampleCommand: Command = {
  name: 'example',
  usage: '[--begin WHO | --remove]',
  summary: 'a small project with a world of its own, to try things on',
  explanation: `
Puts a copy of the example project into this user's home, makes its world, and prints where it is. A copy that is
there stays as it is. --remove deletes the world with its history, and the folder.

Editors use --begin: the next window on the folder opens a file that says what to try. The agents are then run by
that window, or by whoever says "elsewhere".`,
  options: [
    { name: 'begin', value: 'WHO', meaning: 'who runs the agents: window, or elsewhere' },
    { name: 'remove', meaning: 'delete the world and the folder' },
  ],
  positionals: [0, 0],
  async run(context, line) {
    if (line.flag('remove')) return remove(context);
    const agents = line.text('begin');
    if (agents !== undefined && agents !== 'window' && agents !== 'elsewhere') {
      throw new UsageError('--begin is window or elsewhere');
    }
    const { machine, terminal, signal } = context;
    const { home, installation, defaultServer: server } = machine;
    terminal.note('Copying the example');
    const folder = await makeExample(installation, home);
    terminal.note('Making its world');
    const profile = await profileIn(folder);
    const { session, world } = await openFolder(machine, { folder, server, profile, signal });
    session.close();
    if (agents !== undefined) await noteBeginning(home, { agents });
    terminal.json({ folder: world.folder, world: world.name, database: world.database });
    terminal.line(`The example is in ${world.folder}, in the world ${world.name}.`);
    terminal.line('agent-world example --remove takes both away.');
    return EXIT.ok;
  },
};

async function remove({ machine, terminal, signal }: Context): Promise<ExitCode> {
  const folder = exampleFolder(machine.home);
  const isThere = existsSync(folder);
  const world = await machine.worlds.findByFolder(isThere ? await realpath(folder) : folder);
  if (world) await deleteWorld(machine, world, signal);
  await removeExample(machine.home);
  terminal.json({ removed: isThere, folder });
  terminal.line(isThere ? `${folder} and its world are gone.` : 'There is no example.');
  return EXIT.ok;
}
