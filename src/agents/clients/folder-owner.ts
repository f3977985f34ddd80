import { realpath } from 'node:fs/promises';
import type { AddedAgent } from './added-agents.ts';
import { pathInside } from '../../world/path-inside.ts';

/** The agent whose own folder it is, or is in; undefined for any other folder. */
export async function ownerOfFolder(
  folder: string,
  agents: readonly AddedAgent[],
): Promise<AddedAgent | undefined> {
  const inner = await realpath(folder).catch(() => folder);
  for (const agent of agents) {
    if (!agent.isOwnFolder) continue;
    const outer = await realpath(agent.folder).catch(() => agent.folder);
    if (pathInside(outer, inner) !== undefined) return agent;
  }
  return undefined;
}
