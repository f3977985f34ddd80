import path from 'node:path';
import { parseInvite } from '../world/invite.ts';
import { joinIntoFolder } from '../world/join-into-folder.ts';
import { profileIn } from '../world/profile.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';

export const joinCommand: Command = {
  name: 'join',
  usage: 'INVITE [FOLDER]',
  summary: 'a world that somebody invites you into, in a new folder',
  explanation: `
Joins the world of an invite and puts its files into FOLDER, which must be new or empty: else a folder
of the world's name, where you are. From then on the folder is the world's: open it in VS Code, or name
it to other commands. Put the invite in quotes. Others there see your name, as git knows it.

You are who this AGENT_WORLD_HOME is. An agent that shares the machine with you needs a home of its own:

  agent-world join "agent-world://join/notes-1f2e#…" notes
  agent-world join "agent-world://join/notes-1f2e?for=agent#…" notes --home ~/.agents/fixer --name Fixer`,
  options: [{ name: 'name', value: 'NAME', meaning: 'how you are called there' }],
  positionals: [1, 2],
  keepsIdentity: true,
  async run({ machine, terminal, signal }, line) {
    const [text, named] = line.positionals as [string, string | undefined];
    const invite = parseInvite(text);
    const folder = path.resolve(named ?? invite.database.replace(/-[0-9a-f]+$/, ''));
    const profile = await profileIn(process.cwd());
    const displayName = line.text('name');
    const world = await joinIntoFolder(machine, {
      invite,
      folder,
      profile: displayName === undefined ? profile : { ...profile, displayName },
      signal,
    });
    const { name, database, server } = world;
    terminal.json({ world: name, database, server, folder: world.folder });
    terminal.line(`You are in the world ${name} (${database}). Its files are in ${world.folder}`);
    return EXIT.ok;
  },
};
