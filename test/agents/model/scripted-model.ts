/**
 * Owns: a model on loopback that follows scripts in place of thinking, so that a real client makes exactly the
 * calls that a case wants. Does not know: what the scripts do.
 */
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textFrom } from 'node:stream/consumers';
import { anthropicMessages } from './anthropic-messages.ts';
import { Conversation, said, type Script } from './conversation.ts';
import { geminiContent } from './gemini-content.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import { type Json, sendJson, type WireForm } from './wire-form.ts';

export const WIRE_FORMS: readonly WireForm[] = [
  anthropicMessages,
  openaiResponses,
  openaiChat,
  geminiContent,
];

export const MODEL_NAME = 'scripted';

export class ScriptedModel {
  /** Told of each request that belongs to no conversation, or cannot be understood. */
  onStray: (what: string) => void = () => undefined;
  readonly #server: http.Server;
  readonly #conversations: Conversation[] = [];

  static async start(): Promise<ScriptedModel> {
    const model = new ScriptedModel();
    model.#server.listen(0, '127.0.0.1');
    await once(model.#server, 'listening');
    return model;
  }

  private constructor() {
    this.#server = http.createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        this.onStray(String(error));
        sendJson(response, { error: { message: String(error) } }, 500);
      });
    });
  }

  /** Without a path. */
  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The prompt of a client that is to have this conversation has to hold its mark. */
  converse(script: Script): Conversation {
    const number = this.#conversations.length + 1;
    const conversation = new Conversation(`[conversation ${number}]`, script);
    this.#conversations.push(conversation);
    return conversation;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://loopback');
    const raw = await textFrom(request);
    if (request.method !== 'POST') return sendJson(response, MODELS);
    if (/count_?tokens$/i.test(pathname)) {
      return sendJson(response, { input_tokens: 1, totalTokens: 1 });
    }
    const form = WIRE_FORMS.find((each) => each.serves(pathname));
    if (!form) {
      this.onStray(`POST ${pathname}`);
      return sendJson(response, { error: { message: `no such path: ${pathname}` } }, 404);
    }
    const body = JSON.parse(raw) as Json;
    const asked = form.read(body);
    const conversation = this.#conversations.findLast(({ mark }) => raw.includes(mark));
    if (asked.offered.length === 0 || !conversation) {
      if (!conversation && asked.offered.length > 0)
        this.onStray(`${form.name}: ${raw.slice(0, 500)}`);
      const text = form.aside?.(body) ?? 'ok';
      return form.reply(response, body, said(text), pathname);
    }
    conversation.onAsked(raw);
    const turn = await conversation.turn(asked.turnsBefore, asked);
    form.reply(response, body, turn, pathname);
  }
}

const MODELS = {
  object: 'list',
  data: [{ id: MODEL_NAME, object: 'model', type: 'model', display_name: MODEL_NAME }],
  has_more: false,
};
