import {
  afterLast,
  type Json,
  listOf,
  sendEvents,
  sendJson,
  textOf,
  type WireForm,
} from './wire-form.ts';

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

/** The form of most others. */
export const openaiChat: WireForm = {
  name: 'OpenAI Chat Completions',
  serves: (pathname) => pathname.endsWith('/v1/chat/completions'),
  read(body) {
    const messages = listOf(body['messages']);
    return {
      offered: listOf(body['tools']).map((tool) => String((tool['function'] as Json)['name'])),
      turnsBefore: messages.filter(({ tool_calls }) => listOf(tool_calls).length > 0).length,
      results: afterLast(messages, ({ role }) => role === 'assistant')
        .filter(({ role }) => role === 'tool')
        .map(({ content }) => textOf(content)),
    };
  },
  reply(response, body, { id, text, calls }) {
    const tool_calls = calls.map(({ id: callId, name, args }, index) => {
      const called = { name, arguments: JSON.stringify(args) };
      return { index, id: callId, type: 'function', function: called };
    });
    const message = { role: 'assistant', content: text, ...(calls.length > 0 && { tool_calls }) };
    const finish_reason = calls.length > 0 ? 'tool_calls' : 'stop';
    const created = Math.floor(Date.now() / 1000);
    const head = { id: `chatcmpl-${id}`, created, model: body['model'] };
    if (body['stream'] !== true) {
      const choices = [{ index: 0, finish_reason, message }];
      return sendJson(response, { ...head, object: 'chat.completion', choices, usage: USAGE });
    }
    const chunk = (choices: readonly Json[], more: Json = {}) => ({
      data: { ...head, object: 'chat.completion.chunk', choices, ...more },
    });
    sendEvents(response, [
      chunk([{ index: 0, delta: message, finish_reason: null }]),
      chunk([{ index: 0, delta: {}, finish_reason }]),
      chunk([], { usage: USAGE }),
      { data: '[DONE]' },
    ]);
  },
};
