import {
  afterLast,
  type Json,
  listOf,
  sendEvents,
  sendJson,
  textOf,
  type WireForm,
} from './wire-form.ts';

/** Gemini CLI's form. */
export const geminiContent: WireForm = {
  name: 'Gemini',
  serves: (pathname) =>
    /\/models\/[^/:]+:(?:streamGenerateContent|generateContent)$/.test(pathname),
  read(body) {
    const contents = listOf(body['contents']);
    return {
      offered: listOf(body['tools'])
        .flatMap(({ functionDeclarations }) => listOf(functionDeclarations))
        .map(({ name }) => String(name)),
      turnsBefore: contents.filter(isCalling).length,
      results: afterLast(contents, ({ role }) => role === 'model')
        .flatMap(({ parts }) => listOf(parts))
        .flatMap(({ functionResponse }) => (functionResponse ? [resultOf(functionResponse)] : [])),
    };
  },
  // Gemini CLI asks for answers of a given shape, such as which model to take.
  aside(body) {
    const wanted = (body['generationConfig'] ?? {}) as Json;
    const schema = wanted['responseJsonSchema'] ?? wanted['responseSchema'];
    return schema ? JSON.stringify(smallestOf(schema as Json)) : 'ok';
  },
  reply(response, _body, { text, calls }, pathname) {
    const parts = [
      ...(text === '' ? [] : [{ text }]),
      ...calls.map(({ id, name, args }) => ({ functionCall: { id, name, args } })),
    ];
    const whole = {
      candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    };
    if (pathname.endsWith(':generateContent')) sendJson(response, whole);
    else sendEvents(response, [{ data: whole }]);
  },
};

function isCalling({ role, parts }: Json): boolean {
  return role === 'model' && listOf(parts).some(({ functionCall }) => functionCall !== undefined);
}

function resultOf(functionResponse: unknown): string {
  const { response } = functionResponse as { readonly response: Json };
  return textOf(response['output'] ?? response);
}

/** A value that a JSON schema allows. */
function smallestOf(schema: Json): unknown {
  const choices = schema['enum'];
  if (Array.isArray(choices)) return choices.includes('user') ? 'user' : choices[0];
  switch (String(schema['type']).toLowerCase()) {
    case 'object': {
      const properties = Object.entries(
        (schema['properties'] ?? {}) as Readonly<Record<string, Json>>,
      );
      return Object.fromEntries(properties.map(([name, inner]) => [name, smallestOf(inner)]));
    }
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return 'ok';
  }
}
