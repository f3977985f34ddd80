import type { ServerResponse } from 'node:http';
import type { Told, Turn } from './conversation.ts';

export type Json = Readonly<Record<string, unknown>>;

/** What a request says, whatever its form. */
export interface ModelRequest extends Told {
  /** How many turns with calls are behind it. */
  readonly turnsBefore: number;
}

/** One of the protocols in which clients ask a model. */
export interface WireForm {
  readonly name: string;
  serves(pathname: string): boolean;
  read(body: Json): ModelRequest;
  /** What a request without tools is answered, such as one for a title. */
  aside?(body: Json): string;
  reply(response: ServerResponse, body: Json, turn: Turn, pathname: string): void;
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** Server-sent events, whole at once: nobody reads them as they come. */
export function sendEvents(
  response: ServerResponse,
  events: readonly { readonly type?: string; readonly data: unknown }[],
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const { type, data } of events) {
    if (type !== undefined) response.write(`event: ${type}\n`);
    response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  }
  response.end();
}

export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object') : [];
}

/** The text of a content that is a string or a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return JSON.stringify(content);
  return content
    .map((part: unknown) => {
      const { text } = part as { readonly text?: unknown };
      return typeof text === 'string' ? text : JSON.stringify(part);
    })
    .join('\n');
}

/** What stands behind the last of those. */
export function afterLast(list: readonly Json[], isOne: (each: Json) => boolean): readonly Json[] {
  return list.slice(list.findLastIndex(isOne) + 1);
}
