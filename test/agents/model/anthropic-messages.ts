import {
  afterLast,
  type Json,
  listOf,
  sendEvents,
  sendJson,
  textOf,
  type WireForm,
} from './wire-form.ts';

const USAGE = { input_tokens: 1, output_tokens: 1 };

/** Claude Code's form. */
export const anthropicMessages: WireForm = {
  name: 'Anthropic Messages',
  serves: (pathname) => pathname.endsWith('/v1/messages'),
  read(body) {
    const messages = listOf(body['messages']);
    return {
      offered: listOf(body['tools']).map((tool) => String(tool['name'])),
      turnsBefore: messages.filter(isCalling).length,
      results: afterLast(messages, ({ role }) => role === 'assistant')
        .flatMap(({ content }) => listOf(content))
        .filter(({ type }) => type === 'tool_result')
        .map(({ content }) => textOf(content ?? '')),
    };
  },
  reply(response, body, { id, text, calls }) {
    const blocks = [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...calls.map(({ id: callId, name, args }) => ({
        type: 'tool_use',
        id: `tool_${callId}`,
        name,
        input: args,
      })),
    ];
    const reason = calls.length > 0 ? 'tool_use' : 'end_turn';
    const message = {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model: body['model'],
      content: blocks,
      stop_reason: reason,
      stop_sequence: null,
      usage: USAGE,
    };
    if (body['stream'] !== true) return sendJson(response, message);
    const begun = { ...message, content: [], stop_reason: null };
    sendEvents(response, [
      named('message_start', { message: begun }),
      ...blocks.flatMap((block, index) => [
        named('content_block_start', { index, content_block: emptied(block) }),
        named('content_block_delta', { index, delta: deltaOf(block) }),
        named('content_block_stop', { index }),
      ]),
      named('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: USAGE }),
      named('message_stop', {}),
    ]);
  },
};

function isCalling({ role, content }: Json): boolean {
  return role === 'assistant' && listOf(content).some(({ type }) => type === 'tool_use');
}

type Block = Readonly<{ type: string; text?: string; input?: unknown }>;

function emptied(block: Block): Block {
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
}

function deltaOf({ type, text, input }: Block): Json {
  if (type === 'text') return { type: 'text_delta', text };
  return { type: 'input_json_delta', partial_json: JSON.stringify(input) };
}

function named(type: string, data: Json) {
  return { type, data: { type, ...data } };
}
