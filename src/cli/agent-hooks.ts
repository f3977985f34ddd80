/** Owns: our hooks in a client's settings. They serve all agents of the client, and go with the last one. */
import type { AddedAgent, AddedAgents } from '../agents/clients/added-agents.ts';
import type { AgentClient } from '../agents/clients/client-entry.ts';
import { hooksOfClient, putHooks, takeHooks } from '../agents/clients/client-hooks.ts';
import { demandNoWorlds, hooksFile } from './client-files.ts';
import type { Machine } from './machine.ts';

/** Puts them in for an agent whose client has hooks; false where none of its hooks is of use to it. */
export async function addHooks(
  machine: Machine,
  added: AddedAgents,
  client: AgentClient,
  agent: AddedAgent,
): Promise<boolean> {
  const [hooks, file] = [hooksOfClient(client.id), hooksFile(client)];
  if (!hooks || file === undefined || !isServedByHooks(agent)) return false;
  const all = await added.all();
  if (all.some((each) => each.client === client.id && each.hooks)) return true;
  await demandNoWorlds(machine, file);
  const change = await putHooks(hooks, file, agent.entry.command);
  const kept = await added.find(agent.client, agent.name);
  await added.put({ ...(kept ?? agent), hooks: { file, change } });
  return true;
}

/** Takes them out, unless another agent of the client needs them: that one keeps them then. */
export async function removeHooks(added: AddedAgents, agent: AddedAgent): Promise<void> {
  const { client, name, hooks, entry } = agent;
  const of = hooksOfClient(client);
  if (!hooks || !of) return;
  const all = await added.all();
  const heir = all.find(
    (each) => each.client === client && each.name !== name && isServedByHooks(each),
  );
  if (heir) await added.put({ ...heir, hooks });
  else await takeHooks(of, hooks.file, entry.command, hooks.change);
}

/** Hooks tell of writes in a person's own folder for Claude Code alone. */
function isServedByHooks({ client, isOwnFolder }: AddedAgent): boolean {
  return isOwnFolder || client === 'claude';
}
