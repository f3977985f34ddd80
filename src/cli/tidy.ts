import path from 'node:path';
import { installCommandLauncher } from '../host/command-launcher.ts';
import { removeUnfinished } from '../world/unfinished-restores.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';

export const tidyCommand: Command = {
  name: 'tidy',
  usage: '',
  summary: 'put this user’s home in order: its command, and what was broken off',
  explanation: `
Points the command in the home to this installation, which agents' clients start, and removes what restores
and moves left behind that were broken off. Editors run it by themselves when there is something to do.`,
  options: [],
  positionals: [0, 0],
  async run({ machine, terminal }) {
    const cliScript = path.join(machine.installation, 'dist', 'cli.cjs');
    const { home, defaultServer } = machine;
    const command = await installCommandLauncher({ home, runtime: process.execPath, cliScript });
    const removed = await removeUnfinished(machine, defaultServer.label);
    terminal.json({ command, removed });
    terminal.line(`${command} runs this installation.`);
    for (const database of removed) terminal.line(`Removed a broken restore: ${database}.`);
    return EXIT.ok;
  },
};
