import { request } from 'node:http';

/** A host's answer to a control request. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * One request to `<uri>agent-world/<path>`. Undefined when nobody answers in time, or what answers
 * does not speak JSON: the address is stale, or not a host's.
 */
export function callHost(
  uri: string,
  method: 'GET' | 'POST',
  path: string,
  signal?: AbortSignal,
): Promise<ControlAnswer | undefined> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  return new Promise((resolve) => {
    const outgoing = request(new URL(`agent-world/${path}`, uri), {
      method,
      agent: false,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const fail = (): void => resolve(undefined);
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER_LENGTH) outgoing.destroy();
      });
      incoming.on('error', fail);
      incoming.on('close', () => resolve(parseAnswer(incoming.statusCode ?? 0, text)));
    });
    outgoing.end();
  });
}

const ANSWER_TIMEOUT_MS = 2_000;
const MAX_ANSWER_LENGTH = 64 * 1024;

function parseAnswer(status: number, text: string): ControlAnswer | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return undefined;
    return { status, body: body as Readonly<Record<string, unknown>> };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
