/** Owns: whether a client has to be told of the agent's server for a session, or has it in its own settings. */
import type { McpServer } from '@agentclientprotocol/sdk';
import type { AddedAgent } from '../agents/clients/added-agents.ts';
import { readEntry } from '../agents/clients/config-file.ts';
import { clientNamed } from '../agents/clients/known-clients.ts';
import type { RunClient } from './run-clients.ts';

/** What a session is given; empty where the client starts the server by itself. */
export async function missingServers(
  client: RunClient,
  agent: AddedAgent,
): Promise<readonly McpServer[]> {
  if (client.isAdapter !== true && (await hasServer(agent))) return [];
  const { serverName: name, entry } = agent;
  return [{ name, command: entry.command, args: [...entry.args], env: [] }];
}

async function hasServer({ client, changed, serverName }: AddedAgent): Promise<boolean> {
  const configuration = clientNamed(client)?.configuration;
  if (configuration?.tag !== 'file' || !changed) return false;
  try {
    return (await readEntry(changed.file, configuration.at, serverName)) !== undefined;
  } catch {
    // A file that nobody can read has it for nobody.
    return false;
  }
}
