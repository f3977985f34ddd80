/**
 * Owns: which clients speak the Agent Client Protocol, and how they are started for it. Seen with the versions that
 * `known-clients.ts` names; the two adapters are packages of their own: claude-agent-acp 0.101.0, codex-acp 2.6.0.
 */
import { AddedAgents, type AddedAgent } from '../agents/clients/added-agents.ts';
import { isOnPath } from '../agents/clients/find-clients.ts';
import { clientNamed } from '../agents/clients/known-clients.ts';

export interface RunClient {
  /** As among `AGENT_CLIENTS`. */
  readonly id: string;
  /** As it is found on the path. */
  readonly program: string;
  readonly args: readonly string[];
  /** By which npm package it is installed. */
  readonly package: string;
  /**
   * Lines of its settings, one of which names a server: it starts that by itself, and would show as a tool that failed
   * that the same one is given for a session. Undefined where the settings are read otherwise, or tell nothing.
   */
  readonly linesOfServer?: (name: string) => readonly string[];
  /** It takes an error for a file that it wants to create for the end of that: it is given an empty text. */
  readonly missingIsEmpty?: boolean;
}

export const RUN_CLIENTS: readonly RunClient[] = [
  {
    id: 'claude',
    program: 'claude-agent-acp',
    args: [],
    package: '@agentclientprotocol/claude-agent-acp',
  },
  {
    id: 'codex',
    program: 'codex-acp',
    args: [],
    package: '@agentclientprotocol/codex-acp',
    linesOfServer: (name) => [`[mcp_servers.${name}]`, `[mcp_servers."${name}"]`],
  },
  {
    id: 'gemini',
    program: 'gemini',
    args: ['--acp'],
    package: '@google/gemini-cli',
    missingIsEmpty: true,
  },
  { id: 'opencode', program: 'opencode', args: ['acp'], package: 'opencode-ai' },
  { id: 'copilot', program: 'copilot', args: ['--acp'], package: '@github/copilot' },
  { id: 'qwen', program: 'qwen', args: ['--acp'], package: '@qwen-code/qwen-code' },
];

export function runClientNamed(id: string): RunClient | undefined {
  return RUN_CLIENTS.find((client) => client.id === id);
}

/** Its name, as its makers write it. */
export function titleOf({ id }: Pick<RunClient, 'id'>): string {
  return clientNamed(id)?.title ?? id;
}

/** An agent of this machine, and whether a window can run it. */
export interface RunnableAgent {
  readonly agent: AddedAgent;
  /** Undefined where its client does not speak the protocol. */
  readonly client: RunClient | undefined;
  /** Whether that is on the path. */
  readonly isInstalled: boolean;
}

/** The agents of a world that were set up on this machine with a folder of their own. */
export async function runnableAgents(
  home: string,
  database: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<readonly RunnableAgent[]> {
  const all = await new AddedAgents(home).all();
  const own = all.filter((agent) => agent.database === database && agent.isOwnFolder);
  return own.map((agent) => {
    const client = runClientNamed(agent.client);
    const isInstalled = client !== undefined && isOnPath(client.program, environment);
    return { agent, client, isInstalled };
  });
}
