/** Owns: our hooks in a client's settings. They serve all agents of the client, and go with the last one. */
import { homedir } from 'node:os';
import type { AddedAgent, AddedAgents } from '../agents/clients/added-agents.ts';
import { claudeHooks, claudeSettings } from '../agents/clients/claude-hooks.ts';
import { putInLists, takeFromLists } from '../agents/clients/config-list.ts';

/** Puts them in for an agent with a folder of its own, whose client has hooks; false where it has none. */
export async function addHooks(added: AddedAgents, agent: AddedAgent): Promise<boolean> {
  if (agent.client !== 'claude' || !agent.isOwnFolder) return false;
  const all = await added.all();
  if (all.some(({ client, hooks }) => client === agent.client && hooks)) return true;
  const file = claudeSettings(homedir(), process.env);
  const change = await putInLists(file, claudeHooks(agent.entry.command));
  const kept = await added.find(agent.client, agent.name);
  await added.put({ ...(kept ?? agent), hooks: { file, change } });
  return true;
}

/** Takes them out, unless another agent of the client needs them: that one keeps them then. */
export async function removeHooks(added: AddedAgents, agent: AddedAgent): Promise<void> {
  const { client, name, hooks, entry } = agent;
  if (!hooks) return;
  const all = await added.all();
  const heir = all.find((each) => each.client === client && each.name !== name && each.isOwnFolder);
  if (heir) await added.put({ ...heir, hooks });
  else await takeFromLists(hooks.file, claudeHooks(entry.command), hooks.change);
}
