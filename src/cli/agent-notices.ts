/** Owns: in which folders agents get their notices by a file: where no hooks of their client tell them. */
import { realpath } from 'node:fs/promises';
import { AddedAgents } from '../agents/clients/added-agents.ts';
import { NoticeFile, type NoticeFileOptions, removeNotices } from '../agents/notice-file.ts';
import type { Machine } from './machine.ts';

/** Keeps the file for as long as the folder's mirror runs; undefined where hooks tell the agent. */
export async function noticesIn(
  { home }: Pick<Machine, 'home'>,
  options: Omit<NoticeFileOptions, 'home'>,
): Promise<NoticeFile | undefined> {
  if (!(await isToldByHooks(home, options.folder))) return NoticeFile.open({ ...options, home });
  await removeNotices(options.folder);
  return undefined;
}

async function isToldByHooks(home: string, folder: string): Promise<boolean> {
  const added = await new AddedAgents(home).all();
  const hooked = new Set(added.filter(({ hooks }) => hooks).map(({ client }) => client));
  for (const agent of added) {
    if (!agent.isOwnFolder || !hooked.has(agent.client)) continue;
    if ((await realpath(agent.folder).catch(() => agent.folder)) === folder) return true;
  }
  return false;
}
