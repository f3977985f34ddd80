import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { AddedAgent } from './added-agents.ts';

/** The agent whose own folder it is, or is in; undefined for any other folder. */
export async function ownerOfFolder(
  folder: string,
  agents: readonly AddedAgent[],
): Promise<AddedAgent | undefined> {
  const inner = await realpath(folder).catch(() => folder);
  for (const agent of agents) {
    if (!agent.isOwnFolder) continue;
    const outer = await realpath(agent.folder).catch(() => agent.folder);
    const inside = path.relative(outer, inner);
    if (!inside.startsWith('..') && !path.isAbsolute(inside)) return agent;
  }
  return undefined;
}
