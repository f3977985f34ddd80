/** Owns: our rules where a client reads them. They serve all agents of the client, and go with the last one. */
import type { AddedAgent, AddedAgents } from '../agents/clients/added-agents.ts';
import { agentRules } from '../agents/clients/agent-rules.ts';
import type { AgentClient } from '../agents/clients/client-entry.ts';
import { hooksOfClient } from '../agents/clients/client-hooks.ts';
import { putSection, takeSection } from '../agents/clients/text-section.ts';
import { demandNoWorlds, rulesFile } from './client-files.ts';
import type { Machine } from './machine.ts';

/** Puts them in; returns the file, or undefined for a client that reads none. Throws `WorldError`. */
export async function addRules(
  machine: Machine,
  added: AddedAgents,
  client: AgentClient,
  name: string,
): Promise<string | undefined> {
  const file = rulesFile(client);
  if (file === undefined) return undefined;
  const holder = (await added.all()).find(({ client: id, rules }) => id === client.id && rules);
  if (holder?.rules) return holder.rules.file;
  await demandNoWorlds(machine, file);
  const change = await putSection(file, agentRules(hooksOfClient(client.id) !== undefined));
  const agent = await added.find(client.id, name);
  if (agent) await added.put({ ...agent, rules: { file, change } });
  return file;
}

/** Takes them out, unless the client has another agent: that one keeps them then. */
export async function removeRules(added: AddedAgents, agent: AddedAgent): Promise<void> {
  const { client, name, rules } = agent;
  if (!rules) return;
  const heir = (await added.all()).find((each) => each.client === client && each.name !== name);
  if (heir) await added.put({ ...heir, rules });
  else await takeSection(rules.file, rules.change);
}
