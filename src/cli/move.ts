import { EMBEDDED } from '../world/identities.ts';
import { moveWorld } from '../world/move.ts';
import { profileIn } from '../world/profile.ts';
import type { Command } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { findWorld } from './known-world.ts';
import { showProgress } from './progress.ts';

export const moveCommand: Command = {
  name: 'move',
  usage: 'WORLD --to SERVER',
  summary: 'a world to another server, with its history and its folder',
  explanation: `
Copies the world to another server as backup and restore would, and lets its folder belong to the copy
from then on. Until the copy is whole and right everything stays as it is; broken off, too. The old
world is kept and marked as moved, unless --delete-old says otherwise.

Close the folder in editors first: a world in which somebody writes meanwhile is not moved (exit code
4). On the other server your identity is another one, and so are those of the other members: you are an
owner there, they need new invites (agent-world invite). Claims on lines do not come along.

  agent-world move notes --to http://127.0.0.1:3000   to a SpacetimeDB server, for a team
  agent-world move notes --to embedded                back to this machine’s own host`,
  options: [
    { name: 'to', value: 'SERVER', meaning: 'its address, or embedded for this machine’s host' },
    { name: 'delete-old', meaning: 'delete the old world, once the new one was verified' },
  ],
  positionals: [1, 1],
  keepsIdentity: true,
  tokenServer: (line) => {
    const to = line.text('to');
    return to === undefined || to === EMBEDDED ? undefined : addressOf(to);
  },
  async run({ machine, terminal, signal }, line) {
    const to = line.text('to');
    if (to === undefined) throw new UsageError('Name the server: --to ADDRESS, or --to embedded');
    const world = await findWorld(machine, line.positionals[0]);
    const progress = {
      reading: showProgress(terminal, 'read'),
      writing: showProgress(terminal, 'wrote'),
    };
    const moved = await moveWorld(machine, {
      world,
      to: machine.serverFor(to === EMBEDDED ? EMBEDDED : addressOf(to)),
      profile: await profileIn(world.folder === '' ? process.cwd() : world.folder),
      deletesOld: line.flag('delete-old'),
      onProgress: (step, at) => progress[step](at),
      signal,
    });
    const { name, database, server, folder } = moved.world;
    const { ops, isOldDeleted } = moved;
    const old = { server: world.server, database: world.database, deleted: isOldDeleted };
    terminal.json({ world: name, database, server, folder, ops, old });
    terminal.line(`${name} is at ${server} (${database}) now: ${ops} ops.`);
    if (isOldDeleted) terminal.line(`The old world ${world.database} was deleted.`);
    else terminal.line(`The old world ${world.database} is kept, marked as moved.`);
    if (folder) terminal.note(`Windows that have ${folder} open: reload them.`);
    return line.flag('delete-old') && !isOldDeleted ? EXIT.failed : EXIT.ok;
  },
};

/** As the list of worlds spells it. */
function addressOf(address: string): string {
  return address.endsWith('/') ? address : `${address}/`;
}
