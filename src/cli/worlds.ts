import type { KnownWorld } from '../world/world-list.ts';
import { sizeKey, worldSizes } from '../world/world-sizes.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';

export const worldsCommand: Command = {
  name: 'worlds',
  usage: '',
  summary: 'the worlds you know, with their folders',
  explanation: `
Lists the worlds that this machine knows: name, database, server, folder, and how large each was when
it was last seen. Other commands take any of name, database or folder to say which world they mean, and
without one the folder you are in.`,
  options: [],
  positionals: [0, 0],
  async run({ machine, terminal }) {
    const worlds = await machine.worlds.all();
    const sizes = await worldSizes(machine);
    for (const world of worlds) {
      const { name, database, server, folder, isReady, movedTo, lastHead } = world;
      const { ops = 0, bytes } = sizes.get(sizeKey(world)) ?? {};
      const opsSeenAt = lastHead?.seenAt;
      terminal.json({ name, database, server, folder, isReady, movedTo, ops, opsSeenAt, bytes });
      const count = countText(ops, opsSeenAt);
      const size = bytes === undefined ? count : `${count}, ${bytes} bytes`;
      terminal.line(`${name}  ${database}  ${server}  ${size}  ${folder}${remarkOf(world)}`);
    }
    if (worlds.length === 0) terminal.line('None yet. Make one: agent-world open FOLDER');
    return EXIT.ok;
  },
};

/** To ask every world how many they are by now would start what is not running. */
function countText(ops: number, seenAt: string | undefined): string {
  if (ops === 0) return 'ops not seen yet';
  return seenAt === undefined
    ? `${ops} ops when last seen`
    : `${ops} ops at ${seenAt.slice(0, 'YYYY-MM-DDThh:mm'.length).replace('T', ' ')} UTC`;
}

function remarkOf({ isReady, movedTo }: KnownWorld): string {
  if (movedTo) return `  (moved to ${movedTo.database} at ${movedTo.server})`;
  return isReady ? '' : '  (unfinished)';
}
