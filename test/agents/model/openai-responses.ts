import {
  afterLast,
  type Json,
  listOf,
  sendEvents,
  sendJson,
  textOf,
  type WireForm,
} from './wire-form.ts';

/** Codex' form. Its tools of a server are in a group, which a call has to name. */
export const openaiResponses: WireForm = {
  name: 'OpenAI Responses',
  serves: (pathname) => pathname.endsWith('/v1/responses'),
  read(body) {
    const items = listOf(body['input']);
    return {
      offered: listOf(body['tools']).flatMap(namesOf),
      // Calls beside each other are one turn.
      turnsBefore: items.filter((item, at) => isCall(item) && !isCall(items[at - 1])).length,
      results: afterLast(items, isCall)
        .filter(({ type }) => String(type).endsWith('call_output'))
        .map(({ output }) => textOf(output)),
    };
  },
  reply(response, body, { id, text, calls }) {
    const items: Json[] = calls.map(({ id: callId, name, group, args, freeText }) => {
      const common = { call_id: callId, name, status: 'completed' };
      if (freeText !== undefined) {
        return { ...common, type: 'custom_tool_call', id: `custom_${callId}`, input: freeText };
      }
      const namespace = group === undefined ? {} : { namespace: group };
      const written = JSON.stringify(args);
      return {
        ...common,
        ...namespace,
        type: 'function_call',
        id: `function_${callId}`,
        arguments: written,
      };
    });
    if (text !== '') {
      const content = [{ type: 'output_text', text, annotations: [] }];
      items.unshift({
        type: 'message',
        id: `message_${id}`,
        role: 'assistant',
        status: 'completed',
        content,
      });
    }
    const whole = {
      id: `resp_${id}`,
      object: 'response',
      created_at: Math.floor(Date.now() / 1000),
      status: 'completed',
      model: body['model'],
      output: items,
      usage: USAGE,
    };
    if (body['stream'] !== true) return sendJson(response, whole);
    const begun = { ...whole, status: 'in_progress', output: [], usage: null };
    sendEvents(response, [
      named('response.created', { response: begun }),
      ...items.flatMap((item, output_index) => [
        named('response.output_item.added', {
          output_index,
          item: { ...item, status: 'in_progress' },
        }),
        named('response.output_item.done', { output_index, item }),
      ]),
      named('response.completed', { response: whole }),
    ]);
  },
};

const USAGE = {
  input_tokens: 1,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 1,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 2,
};

function isCall(item: Json | undefined): boolean {
  return String(item?.['type']).endsWith('_call');
}

function namesOf(tool: Json): readonly string[] {
  if (tool['type'] !== 'namespace') return [String(tool['name'] ?? tool['type'])];
  return listOf(tool['tools']).map((inner) => `${String(tool['name'])}.${String(inner['name'])}`);
}

function named(type: string, data: Json) {
  return { type, data: { type, ...data } };
}
