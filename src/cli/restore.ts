import path from 'node:path';
import { profileIn } from '../world/profile.ts';
import { restoreWorld } from '../world/restore.ts';
import { serverAt } from '../world/server-address.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { showProgress } from './progress.ts';

export const restoreCommand: Command = {
  name: 'restore',
  usage: 'FILE',
  summary: 'a world out of the file that backup made',
  explanation: `
Verifies FILE and makes a new world of it: the same ops with the same hashes, members, open tickets and
content. Nothing of it is seen before it is whole; broken off, it leaves nothing. Worlds that are
there stay as they are, the one that was backed up too.

On another server your identity is another one: there you become an owner by one op more, and the other
members need new invites (agent-world invite).

  agent-world restore notes.world --folder ~/notes-again
  agent-world restore notes.world --server http://127.0.0.1:3000`,
  options: [
    { name: 'server', value: 'ADDRESS', meaning: 'a SpacetimeDB server; else this machine’s host' },
    { name: 'folder', value: 'DIR', meaning: 'a new folder for its files, which becomes its own' },
  ],
  positionals: [1, 1],
  async run({ machine, terminal, signal }, line) {
    const file = path.resolve(line.positionals[0]!);
    const address = line.text('server');
    const folder = line.text('folder');
    const { world, ops, files } = await restoreWorld(machine, {
      file,
      server: address === undefined ? machine.defaultServer : serverAt(address),
      profile: await profileIn(process.cwd()),
      ...(folder === undefined ? {} : { folder: path.resolve(folder) }),
      onProgress: showProgress(terminal, 'wrote'),
      signal,
    });
    const { name, database, server } = world;
    terminal.json({ world: name, database, server, folder: world.folder, ops, files });
    terminal.line(`${name} (${database}) at ${server}: ${ops} ops, ${files} files.`);
    if (world.folder) terminal.line(`Its files are in ${world.folder}`);
    return EXIT.ok;
  },
};
