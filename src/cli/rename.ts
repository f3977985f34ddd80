import { renameWorld } from '../world/rename-world.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { withWorld } from './with-world.ts';

export const renameCommand: Command = {
  name: 'rename',
  usage: 'NAME [WORLD]',
  summary: 'give a world another name',
  explanation: `
Gives the world of this folder, or WORLD, another name, for everybody in it. Its database and its
address stay what they are. Only an owner may.`,
  options: [],
  positionals: [1, 2],
  run({ machine, terminal, signal }, line) {
    const [name, named] = line.positionals as [string, string | undefined];
    return withWorld({ machine, terminal, signal }, named, async (session, world) => {
      await renameWorld(machine.worlds, session, world, name);
      terminal.json({ world: name, database: world.database });
      terminal.line(`${world.name} is called ${name} now.`);
      return EXIT.ok;
    });
  },
};
