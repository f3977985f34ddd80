import path from 'node:path';
import { openFolder } from '../world/open-folder.ts';
import type { Command } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { profileIn } from '../world/profile.ts';
import { serverAt } from '../world/server-address.ts';

export const publishCommand: Command = {
  name: 'publish',
  usage: 'FOLDER --server ADDRESS',
  summary: 'make the world of a folder on a SpacetimeDB server',
  explanation: `
Publishes the world module to a SpacetimeDB server, as a database that belongs to you, and brings the
folder's files into it. A folder is in one world: one that is in another already stays there, and the
command says so. On this machine's own host, agent-world open does the same.`,
  options: [{ name: 'server', value: 'ADDRESS', meaning: 'for instance http://127.0.0.1:3000' }],
  positionals: [1, 1],
  keepsIdentity: true,
  async run({ machine, terminal, signal }, line) {
    const address = line.text('server');
    if (address === undefined) throw new UsageError('Name the server: --server ADDRESS');
    const folder = path.resolve(line.positionals[0]!);
    const server = serverAt(address);
    const { session, world, imported } = await openFolder(machine, {
      folder,
      server,
      profile: await profileIn(folder),
      onProgress: ({ files, totalFiles }) => terminal.note(`${files} of ${totalFiles} files`),
      signal,
    });
    session.close();
    const { name, database } = world;
    terminal.json({ world: name, database, server: world.server, folder: world.folder, imported });
    if (world.server !== server.label) {
      terminal.note(`${world.folder} is in the world ${name} at ${world.server} already.`);
      return EXIT.refused;
    }
    terminal.line(`${world.folder} is the world ${name} (${database}) at ${world.server}`);
    return EXIT.ok;
  },
};
