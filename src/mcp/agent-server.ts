/**
 * Owns: the tools as a server of the Model Context Protocol. Does not know: by which transport it is
 * reached, and how the world is entered.
 */
import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import type { Answer } from '../agents/tools/answer.ts';
import { renderAnswer } from '../agents/tools/render-answer.ts';
import type { AgentDoor } from './agent-door.ts';
import { ANSWER_SCHEMA } from './answer-schema.ts';
import { callTool } from './call-tool.ts';
import { instructions } from './instructions.ts';
import { annotationsOf, type Tool } from './tool.ts';
import { TOOLS } from './tools.ts';
import { toWire } from './wire-names.ts';

export interface AgentServerOptions {
  readonly door: AgentDoor;
  readonly version: string;
  readonly worldName: string;
}

/** A server for one client. It serves both eras of the protocol. */
export function agentServer({ door, version, worldName }: AgentServerOptions): Server {
  const server = new Server(
    { name: 'agent-world', title: 'Agent World', version },
    { capabilities: { tools: {} }, instructions: instructions(worldName) },
  );
  server.setRequestHandler('tools/list', () => ({ tools: TOOLS.map(listedTool) }));
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq: { signal } }) => {
    const tool = TOOLS.find(({ name }) => name === params.name);
    if (!tool) {
      const names = TOOLS.map(({ name }) => name).join(', ');
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no tool ${params.name}. The tools are ${names}.`,
      );
    }
    return resultOf(await callTool(door, tool, params.arguments ?? {}, signal));
  });
  return server;
}

function listedTool({ name, title, description, input, effect }: Tool) {
  return {
    name,
    title,
    description,
    inputSchema: input as { readonly type: 'object' },
    outputSchema: ANSWER_SCHEMA as { readonly type: 'object' },
    annotations: { title, ...annotationsOf(effect) },
  };
}

/** Some clients show a model the text only, some the structure only: each says all of it. */
function resultOf(answer: Answer) {
  return {
    content: [{ type: 'text' as const, text: renderAnswer(answer) }],
    structuredContent: toWire(answer) as Record<string, unknown>,
    isError: answer.outcome === 'refused',
  };
}
