/** Owns: whether a client has to be told of the agent's server for a session, or has it in its own settings. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { McpServer } from '@agentclientprotocol/sdk';
import type { AddedAgent } from '../agents/clients/added-agents.ts';
import { clientFile } from '../agents/clients/client-home.ts';
import { readEntry } from '../agents/clients/config-file.ts';
import { clientNamed } from '../agents/clients/known-clients.ts';
import type { RunClient } from './run-clients.ts';

/** What a session is given; empty where the client starts the server by itself. */
export async function missingServers(
  client: RunClient,
  agent: AddedAgent,
  environment: NodeJS.ProcessEnv,
): Promise<readonly McpServer[]> {
  try {
    if (await hasServer(client, agent, environment)) return [];
  } catch {
    // A file that nobody can read has it for nobody.
  }
  const { serverName: name, entry } = agent;
  return [{ name, command: entry.command, args: [...entry.args], env: [] }];
}

async function hasServer(
  { linesOfServer }: RunClient,
  { client: id, changed, serverName }: AddedAgent,
  environment: NodeJS.ProcessEnv,
): Promise<boolean> {
  const client = clientNamed(id);
  if (!client) return false;
  const { configuration } = client;
  if (configuration.tag === 'file') {
    if (!changed) return false;
    return (await readEntry(changed.file, configuration.at, serverName)) !== undefined;
  }
  if (!linesOfServer) return false;
  const home = environment['HOME'] ?? homedir();
  const file = clientFile(client, configuration.files, home, environment);
  const named = linesOfServer(serverName);
  const text = await readFile(file, 'utf8');
  return text.split('\n').some((line) => named.includes(line.trim()));
}
