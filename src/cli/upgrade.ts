import { upgradeWorld } from '../world/upgrade.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { findWorld } from './known-world.ts';

export const upgradeCommand: Command = {
  name: 'upgrade',
  usage: '[WORLD]',
  summary: 'the world’s module, brought up to this version',
  explanation: `
Publishes the module of this Agent World over the one that the world runs; who is connected reconnects
by itself. For worlds that you made. Says so when there is nothing to do. Where the world cannot become
one of this version nothing changes, and the reasons are told (exit code 4).

Back the world up first if it matters: agent-world backup.`,
  options: [],
  positionals: [0, 1],
  async run({ machine, terminal, signal }, line) {
    const world = await findWorld(machine, line.positionals[0]);
    const result = await upgradeWorld(machine, world, signal);
    const { name, database } = world;
    terminal.json({ world: name, database, version: machine.version, result });
    terminal.line(
      result.tag === 'current'
        ? `${name} runs the module of version ${machine.version} already: nothing to do.`
        : `${name} runs the module of version ${machine.version} now, with all of its ${result.headSeq} ops.`,
    );
    return EXIT.ok;
  },
};
