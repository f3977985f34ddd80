import { deleteWorld } from '../world/delete-world.ts';
import type { Command } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { findWorld } from './known-world.ts';

export const deleteCommand: Command = {
  name: 'delete',
  usage: 'WORLD --name NAME',
  summary: 'delete a world with its whole history',
  explanation: `
Deletes a world for everybody: its history, tickets and members. The files in its folder stay as they
are on the disk. To make sure, say the world's name once more with --name. There is no way back but a
backup (agent-world backup). Only whoever published it may.`,
  options: [{ name: 'name', value: 'NAME', meaning: 'the name of the world, typed again' }],
  positionals: [1, 1],
  async run({ machine, terminal, signal }, line) {
    const world = await findWorld(machine, line.positionals[0]);
    if (line.text('name') !== world.name) {
      throw new UsageError(
        `To delete the world, say its name: --name ${JSON.stringify(world.name)}`,
      );
    }
    await deleteWorld(machine, world, signal);
    terminal.json({ deleted: world.database });
    const stays = world.folder === '' ? '' : ` ${world.folder} stays as it is.`;
    terminal.line(`The world ${world.name} is deleted.${stays}`);
    return EXIT.ok;
  },
};
