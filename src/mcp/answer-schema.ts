/** Owns: the form of every answer, as clients are told of it. It is that of `agents/tools/answer.ts`. */
import type { JsonSchema } from './json-schema.ts';

const WORDS: JsonSchema = { type: 'array', items: { type: 'string' } };
const THINGS: JsonSchema = { type: 'array', items: { type: 'object' } };

/** One for all tools: what differs stands in `body`, told apart by its `kind`. */
export const ANSWER_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    outcome: { type: 'string', enum: ['done', 'ticket', 'refused'] },
    code: { type: 'string', description: 'ok, ticket, or the stable code of a refusal.' },
    message: { type: 'string', description: 'What happened.' },
    next: { ...WORDS, description: 'What can be done next.' },
    body: {
      type: 'object',
      properties: { kind: { type: 'string' } },
      required: ['kind'],
    },
    world: {
      type: 'object',
      description:
        'Which world, and the number of its newest op that the answer takes into account.',
      properties: { name: { type: 'string' }, head_seq: { type: 'integer' } },
      required: ['name', 'head_seq'],
    },
    news: {
      type: 'object',
      description: 'What others did since the call before.',
      properties: {
        changes: THINGS,
        messages: THINGS,
        claims: THINGS,
        tickets: WORDS,
        restorations: WORDS,
        folder: WORDS,
        more: { type: 'integer' },
      },
      required: ['changes', 'messages', 'claims', 'tickets', 'restorations', 'folder', 'more'],
    },
  },
  required: ['outcome', 'code', 'message', 'next', 'body', 'news'],
};
