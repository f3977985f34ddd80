/** Owns: one call of a tool, from the arguments as they were sent to its answer. Does not know: who sent them, and how. */
import { fromJsonSchema, type StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { type Answer, NO_NEWS, refused } from '../agents/tools/answer.ts';
import type { AgentDoor } from './agent-door.ts';
import type { Tool } from './tool.ts';
import { fromWire } from './wire-names.ts';

/** Never rejects for what a world, a network or an argument can do. */
export async function callTool(
  door: AgentDoor,
  tool: Tool,
  sent: unknown,
  signal: AbortSignal,
): Promise<Answer> {
  const { issues } = await checkerOf(tool)['~standard'].validate(sent);
  if (issues) return misfit(tool, issues);
  const missing = missingFor(tool, sent as Readonly<Record<string, unknown>>);
  if (missing) return misfit(tool, [{ message: missing }]);
  return door.use((tools) => {
    if (tool.goesToPlace !== true) tools.showActivity(tool.title);
    return tool.run(tools, fromWire(sent) as never, signal);
  }, signal);
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
