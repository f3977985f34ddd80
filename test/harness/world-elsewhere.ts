import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InstalledCommand } from './installed-command.ts';

/**
 * Ada's home, and the folder of her world with one file: it is at a server that others can reach, which
 * is another home's host.
 */
export async function worldElsewhere(
  agentWorld: InstalledCommand,
): Promise<{ readonly ada: string; readonly folder: string }> {
  const ada = agentWorld.home('ada');
  const elsewhere = path.join(agentWorld.place, 'elsewhere');
  const folder = path.join(agentWorld.place, 'project');
  await mkdir(elsewhere);
  await mkdir(folder);
  await writeFile(path.join(folder, 'notes.md'), 'one\n');
  const { uri } = await agentWorld.json(agentWorld.home('server'), 'open', elsewhere);
  await agentWorld.json(ada, 'publish', folder, '--server', String(uri));
  return { ada, folder };
}
