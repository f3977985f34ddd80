import type { AgentTools } from '../agents/tools/agent-tools.ts';
import type { Answer } from '../agents/tools/answer.ts';
import type { JsonSchema } from './json-schema.ts';

/** One tool as clients see it. */
export interface Tool {
  /** As a model calls it; clients put the server's name before it. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** For the model: what it does, and what a call needs. */
  readonly description: string;
  readonly input: JsonSchema;
  /** Which arguments an `action` needs beside it; `input` has all of them, since not every client takes a choice of forms. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  readonly effect: Effect;
  /** Others see the agent where it reads or writes; of all other calls they see the title. */
  readonly goesToPlace?: boolean;
  /** `args` fit `input`; their names are spelled as in the program. */
  readonly run: (tools: AgentTools, args: never, signal: AbortSignal) => Promise<Answer>;
}

/** What a call does to the world: some clients ask a person before all but those that read. */
export type Effect = 'reads' | 'writes';

/**
 * What clients are told of a tool's effect. Nothing that a tool does destroys anything: every text that
 * it replaces or deletes stays in the history, from which it can be put back.
 */
export function annotationsOf(effect: Effect) {
  return {
    readOnlyHint: effect === 'reads',
    destructiveHint: false,
    idempotentHint: effect === 'reads',
    openWorldHint: false,
  };
}
