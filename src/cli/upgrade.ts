import { upgradeWorld } from '../world/upgrade.ts';
import { askYesNo } from './ask-yes-no.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { findWorld } from './known-world.ts';

export const upgradeCommand: Command = {
  name: 'upgrade',
  usage: '[WORLD]',
  summary: 'the world’s module, brought up to this version',
  explanation: `
Publishes the module of this Agent World over the one that the world runs. For worlds that you made.
Says so when there is nothing to do. Most upgrades disconnect nobody. Where one does, it says so and
asks first: everybody is disconnected for a moment and comes back without doing anything, but whose
Agent World is older may have to update it. Where the world cannot become one of this version nothing
changes, and the reasons are told (exit code 4).

Back the world up first if it matters: agent-world backup.`,
  options: [{ name: 'yes', meaning: 'do not ask before everybody is disconnected for a moment' }],
  positionals: [0, 1],
  async run({ machine, terminal, signal }, line) {
    const world = await findWorld(machine, line.positionals[0]);
    const { name, database } = world;
    const mayDisconnect = (): Promise<boolean> => {
      terminal.note(
        `This upgrade changes tables of ${name}: everybody is disconnected for a moment and comes back ` +
          'without doing anything; whose Agent World is older may have to update it.',
      );
      if (line.flag('yes')) return Promise.resolve(true);
      return askYesNo('Go on?', 'Say --yes to go on.', signal);
    };
    const result = await upgradeWorld(machine, world, { mayDisconnect, signal });
    terminal.json({ world: name, database, version: machine.version, result });
    switch (result.tag) {
      case 'current':
        terminal.line(
          `${name} runs the module of version ${machine.version} already: nothing to do.`,
        );
        return EXIT.ok;
      case 'declined':
        terminal.line(`${name} stays as it is.`);
        return EXIT.failed;
      case 'upgraded':
        terminal.line(
          `${name} runs the module of version ${machine.version} now, with all of its ${result.headSeq} ops.`,
        );
        return EXIT.ok;
    }
  },
};
