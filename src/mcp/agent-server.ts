/**
 * Owns: the tools as a server of the Model Context Protocol. Does not know: by which transport it is
 * reached, and how the world is entered.
 */
import {
  fromJsonSchema,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';
import { type Answer, NO_NEWS, refused } from '../agents/tools/answer.ts';
import { renderAnswer } from '../agents/tools/render-answer.ts';
import type { AgentDoor } from './agent-door.ts';
import { ANSWER_SCHEMA } from './answer-schema.ts';
import { instructions } from './instructions.ts';
import { annotationsOf, type Tool } from './tool.ts';
import { TOOLS } from './tools.ts';
import { fromWire, toWire } from './wire-names.ts';

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
    return resultOf(await answerOf(door, tool, params.arguments ?? {}, signal));
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

async function answerOf(
  door: AgentDoor,
  tool: Tool,
  sent: unknown,
  signal: AbortSignal,
): Promise<Answer> {
  const { issues } = await checkerOf(tool)['~standard'].validate(sent);
  if (issues) return misfit(tool, issues);
  const missing = missingFor(tool, sent as Readonly<Record<string, unknown>>);
  if (missing) return misfit(tool, [{ message: missing }]);
  return door.use((tools) => tool.run(tools, fromWire(sent) as never, signal), signal);
}

/** What the action lacks, in words. */
function missingFor({ needs }: Tool, sent: Readonly<Record<string, unknown>>): string | undefined {
  const action = String(sent['action']);
  const missing = (needs?.[action] ?? []).filter((name) => sent[name] === undefined);
  return missing.length === 0 ? undefined : `${action} needs ${missing.join(' and ')}`;
}

const checkers = new Map<Tool, StandardSchemaWithJSON>();

/** Schemas are compiled with their first use: a start waits for none. */
function checkerOf(tool: Tool): StandardSchemaWithJSON {
  const known = checkers.get(tool);
  if (known) return known;
  const checker = fromJsonSchema(tool.input);
  checkers.set(tool, checker);
  return checker;
}

function misfit(tool: Tool, issues: readonly { readonly message: string }[]): Answer {
  const { properties } = tool.input as { readonly properties: Readonly<Record<string, unknown>> };
  const why = issues
    .slice(0, 5)
    .map(({ message }) => message)
    .join('; ');
  const reply = refused('bad_request', `The arguments of ${tool.name} do not fit: ${why}.`, [
    `The arguments are ${Object.keys(properties).join(', ')}. Call it again with arguments that fit.`,
  ]);
  return { ...reply, world: undefined, news: NO_NEWS };
}

/** Some clients show a model the text only, some the structure only: each says all of it. */
function resultOf(answer: Answer) {
  return {
    content: [{ type: 'text' as const, text: renderAnswer(answer) }],
    structuredContent: toWire(answer) as Record<string, unknown>,
    isError: answer.outcome === 'refused',
  };
}
