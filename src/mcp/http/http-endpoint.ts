/**
 * Owns: the address on this machine at which an agent's clients reach its server, and who may ask there.
 * Does not know: what is answered.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server';
import { WorldError } from '../../world/world-error.ts';
import type { HttpSessions } from './http-sessions.ts';
import type { HttpToken } from './http-token.ts';
import { refusal } from './refusal.ts';
import { bodyOf, sendResponse, webRequest } from './web-exchange.ts';

export interface HttpEndpointOptions {
  readonly token: HttpToken;
  readonly sessions: Pick<HttpSessions, 'serve' | 'close'>;
  /** 0 for any that is free. */
  readonly port: number;
  readonly mostBodyBytes?: number;
}

/** More than a world takes in one call, so that the world's own refusal is what a model is told. */
const MOST_BODY_BYTES = 40 * 1024 * 1024;
/** Of all requests that are answered at a time. */
const MOST_BODIES = 3;
const MOST_CONNECTIONS = 128;
/** A request that has not come whole by then is cut off. */
const RECEIVING_MS = 60_000;
const PATH = '/mcp';

export class HttpEndpoint {
  readonly #options: HttpEndpointOptions;
  readonly #server: Server;
  readonly #mostBodyBytes: number;
  #bodyBytes = 0;

  private constructor(options: HttpEndpointOptions) {
    this.#options = options;
    this.#mostBodyBytes = options.mostBodyBytes ?? MOST_BODY_BYTES;
    this.#server = createServer(
      { requestTimeout: RECEIVING_MS },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** Listens on loopback only. Rejects with `WorldError` `busy` where the port is taken. */
  static async listen(options: HttpEndpointOptions): Promise<HttpEndpoint> {
    const endpoint = new HttpEndpoint(options);
    endpoint.#server.listen(options.port, LOOPBACK);
    try {
      await once(endpoint.#server, 'listening');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be listened at (${code})`;
      throw new WorldError('busy', `Port ${options.port} of this machine ${why}`, { cause: error });
    }
    return endpoint;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.port}${PATH}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await this.#options.sessions.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    // A client that goes away in the middle takes no answer.
    outgoing.on('error', () => undefined);
    const bytes = declaredBytes(incoming, this.#mostBodyBytes);
    const unwanted = this.#stranger(incoming) ?? this.#tooMuch(bytes);
    const room = unwanted ? 0 : bytes;
    this.#bodyBytes += room;
    try {
      const body = await bodyOf(incoming, unwanted ? 0 : this.#mostBodyBytes);
      if (unwanted) await sendResponse(unwanted, outgoing);
      else await this.#serve(incoming, outgoing, body);
    } catch {
      // Of what a client sent nothing is logged.
      outgoing.destroy();
    } finally {
      this.#bodyBytes -= room;
    }
  }

  #serve(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    text: string | undefined,
  ): Promise<void> {
    const send = (response: Response): Promise<void> => sendResponse(response, outgoing);
    if (text === undefined) return send(this.#tooLarge());
    const request = webRequest(incoming, outgoing, this.url);
    const body = request.method === 'POST' ? jsonIn(text) : NO_BODY;
    if (body === undefined) {
      return send(refusal(400, 'bad_request', 'What was sent is no JSON that can be understood.'));
    }
    return this.#options.sessions.serve(request, body === NO_BODY ? undefined : body, send);
  }

  #tooMuch(bytes: number): Response | undefined {
    if (bytes > this.#mostBodyBytes) return this.#tooLarge();
    if (this.#bodyBytes + bytes <= MOST_BODIES * this.#mostBodyBytes) return undefined;
    return refusal(503, 'busy', 'Too much is sent here at once. Try again in a moment.');
  }

  /** Why a request is not answered, whatever is in it. */
  #stranger({ headers, url = '' }: IncomingMessage): Response | undefined {
    // A page in a browser may have a name lead here: its requests then name another host, or another origin.
    const host = validateHostHeader(headers.host, localhostAllowedHostnames());
    if (!host.ok)
      return refusal(403, 'bad_host', 'This server is asked by the name of this machine only.');
    const origin = validateOriginHeader(headers.origin, localhostAllowedOrigins());
    if (!origin.ok) return refusal(403, 'bad_origin', 'Pages of other origins are not answered.');
    if (url.split('?')[0] !== PATH) {
      return refusal(404, 'no_such_path', `There is nothing here; the server is at ${PATH}.`);
    }
    if (this.#options.token.matches(headers.authorization)) return undefined;
    const message =
      'The token is missing or wrong: it goes into the Authorization header, after Bearer.';
    return refusal(401, 'bad_token', message, { 'www-authenticate': 'Bearer' });
  }

  #tooLarge(): Response {
    const most = Math.floor(this.#mostBodyBytes / (1024 * 1024));
    return refusal(413, 'too_large', `The request is longer than ${most} MiB, which is the most.`);
  }
}

const LOOPBACK = '127.0.0.1';
const NO_BODY = Symbol('no body');

/** Of a body whose length is not said it is taken to be the longest. */
function declaredBytes({ headers, method }: IncomingMessage, mostBytes: number): number {
  if (method !== 'POST') return 0;
  const declared = Number(headers['content-length'] ?? Number.NaN);
  return Number.isNaN(declared) ? mostBytes : declared;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
