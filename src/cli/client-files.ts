/** Owns: which files of a client are changed for an agent, and that none of them belongs to a world. */
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { AgentClient } from '../agents/clients/client-entry.ts';
import { clientFile } from '../agents/clients/client-home.ts';
import { hooksOfClient } from '../agents/clients/client-hooks.ts';
import { rememberedDirectories } from '../mirror/directory-mirror.ts';
import { WorldError } from '../world/world-error.ts';
import type { Machine } from './machine.ts';
import { pathInside } from '../world/path-inside.ts';

/** Where the client has its servers; absolute. */
export function serversFile(client: AgentClient): string {
  return clientFile(client, client.configuration.files, homedir(), process.env);
}

/** Where the client reads what a user tells all agents; undefined where it reads nothing. */
export function rulesFile(client: AgentClient): string | undefined {
  return client.rules && clientFile(client, [client.rules], homedir(), process.env);
}

/** Where the client reads hooks; undefined where it has none. */
export function hooksFile(client: AgentClient): string | undefined {
  const hooks = hooksOfClient(client.id);
  return hooks && clientFile(client, [hooks.file], homedir(), process.env);
}

/** Throws `WorldError` for a file in the folder of a world: what is written there reaches others. */
export async function demandNoWorlds(machine: Machine, file: string): Promise<void> {
  const worlds = (await machine.worlds.all()).map(({ folder }) => folder).filter(Boolean);
  const folders = [...worlds, ...(await rememberedDirectories(machine.home))];
  const place = await realPlace(file);
  for (const folder of folders) {
    if (pathInside(await realPlace(folder), place) === undefined) continue;
    const why = `${file} is in ${folder}, which belongs to a world: what is written there reaches others`;
    throw new WorldError('bad_home', `${why}; it stays as it is`);
  }
}

/** Behind all links, also where nothing is there yet. */
async function realPlace(file: string): Promise<string> {
  const real = await realpath(file).catch(() => undefined);
  if (real !== undefined) return real;
  const folder = path.dirname(file);
  return folder === file ? file : path.join(await realPlace(folder), path.basename(file));
}
