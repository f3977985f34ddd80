import path from 'node:path';
import { runProjectAgents } from '../agents/project-agents.ts';
import { openFolder } from '../world/open-folder.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { profileIn } from '../world/profile.ts';

export const demoAgentsCommand: Command = {
  name: 'demo-agents',
  usage: 'FOLDER',
  summary: 'two agents at work in the world of a folder',
  explanation: `
Lets two agents into the folder's world, as members of their own, until you interrupt the command:

  Formatter   formats what others changed by the project's own Prettier and configuration, once a
              file was quiet for a moment, and never lines where somebody's cursor is. It loads the
              project's Prettier with its plugins, so run it only where you trust the project.
  Indexer     keeps a README's table of contents true, between <!-- toc --> and <!-- /toc -->, and its
              list of files, between <!-- files --> and <!-- /files -->. Without markers it does nothing.`,
  options: [
    {
      name: 'tidy',
      meaning: 'format the files as they are, too, not only what changes from now on',
    },
    { name: 'tour', meaning: 'a third one, Writer, writes into start-here.md of the example' },
  ],
  positionals: [1, 1],
  async run({ machine, terminal, signal }, line) {
    const folder = path.resolve(line.positionals[0]!);
    const profile = await profileIn(folder);
    const opened = await openFolder(machine, {
      folder,
      server: machine.defaultServer,
      profile,
      signal,
    });
    try {
      await runProjectAgents({
        surroundings: machine,
        owner: opened.session,
        server: machine.serverFor(opened.world.server),
        folder: opened.world.folder,
        installations: [machine.installation],
        tidies: line.flag('tidy'),
        isTour: line.flag('tour'),
        signal,
        onNote: (note) => terminal.note(note),
      });
    } finally {
      opened.session.close();
    }
    return EXIT.ok;
  },
};
