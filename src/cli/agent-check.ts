/** Owns: whether what set-up put into a client's files is still there. */
import type { AddedAgent, AddedAgents } from '../agents/clients/added-agents.ts';
import type { AgentClient } from '../agents/clients/client-entry.ts';
import { hasHooks, hooksOfClient } from '../agents/clients/client-hooks.ts';
import { readEntry } from '../agents/clients/config-file.ts';
import { runClient } from '../agents/clients/run-client.ts';
import { hasSection } from '../agents/clients/text-section.ts';
import { WorldError } from '../world/world-error.ts';
import { serversFile } from './client-files.ts';

/** What is missing, each as the beginning of a sentence. */
export async function setUpFaults(
  client: AgentClient,
  agent: AddedAgent,
  added: AddedAgents,
): Promise<readonly string[]> {
  const server = await serverFault(client, agent.changed?.file ?? serversFile(client), agent);
  // One agent of a client keeps hooks and rules for all.
  const all = (await added.all()).filter((each) => each.client === client.id);
  const hooks = all.find((each) => each.hooks)?.hooks;
  const rules = all.find((each) => each.rules)?.rules;
  const of = hooksOfClient(client.id);
  const areThere = !hooks || !of || (await hasHooks(of, hooks.file, agent.entry.command));
  const hasRules = !rules || (await hasSection(rules.file));
  return [
    ...(server === undefined ? [] : [server]),
    ...(areThere ? [] : [`${hooks.file} has not all of the hooks any more`]),
    ...(hasRules ? [] : [`${rules.file} does not have the rules any more`]),
  ];
}

/** A name that the client has for no server yet, of ours or of anybody: none is replaced. */
export async function freeServerName(client: AgentClient, folder: string): Promise<string> {
  const file = serversFile(client);
  for (let number = 1; number <= MOST_SERVERS; number++) {
    const serverName = number === 1 ? 'agent-world' : `agent-world-${number}`;
    if ((await serverFault(client, file, { serverName, folder })) !== undefined) return serverName;
  }
  throw new WorldError('bad_home', `${client.title} has too many servers called agent-world`);
}

const MOST_SERVERS = 50;

async function serverFault(
  client: AgentClient,
  file: string,
  { serverName, folder }: Pick<AddedAgent, 'serverName' | 'folder'>,
): Promise<string | undefined> {
  const { configuration, title } = client;
  if (configuration.tag === 'file') {
    const isThere = (await readEntry(file, configuration.at, serverName)) !== undefined;
    return isThere ? undefined : `${file} does not name the server any more`;
  }
  try {
    await runClient(client, configuration.show(serverName), folder);
    return undefined;
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return `${title} does not tell of the server ${serverName}: ${error.message}`;
  }
}
