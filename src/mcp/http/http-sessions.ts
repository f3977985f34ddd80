/**
 * Owns: which sessions of clients there are over HTTP, and when they end. Does not know: who may ask, and how
 * requests come.
 *
 * Clients of the revisions before 2026-07-28 name a session of their own with each request. Later ones name none:
 * all requests of one client, told apart by its name, are one session.
 */
import { randomUUID } from 'node:crypto';
import {
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { CancelTimer, Clock } from '../../world/clock.ts';
import type { WorldLog } from '../../world/log.ts';
import type { AgentDoor } from '../agent-door.ts';
import { agentServer } from '../agent-server.ts';
import { refusal } from './refusal.ts';

export interface HttpSessionsOptions {
  /** A way into the world for one session; `isShared` where two clients could be taken for one. */
  readonly doorFor: (terms: { readonly isShared: boolean }) => AgentDoor;
  readonly version: string;
  readonly worldName: string;
  readonly clock: Clock;
  readonly log: WorldLog;
  readonly mostSessions?: number;
}

/** One client's session: its place in the world ends with it. */
interface HttpSession {
  readonly fetch: (request: Request, body: unknown) => Promise<Response>;
  readonly close: () => Promise<void>;
  requests: number;
  /** One that was never answered well is none. */
  isProven: boolean;
  cancel: CancelTimer;
}

/** Each is a connection to the world. */
const MOST_SESSIONS = 16;
/** Of a client that asks nothing and listens to nothing: a model may think for some minutes. */
const IDLE_MS = 10 * 60_000;
/** After a client that listened does so no more, unless it comes back. */
const GONE_MS = 30_000;

export class HttpSessions {
  readonly #options: HttpSessionsOptions;
  readonly #sessions = new Map<string, HttpSession>();
  #isClosed = false;

  constructor(options: HttpSessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Answers a request, whose body was taken apart already. `send` resolves when the answer is sent, or its
   * client is gone: until then the session is in use.
   */
  async serve(
    request: Request,
    body: unknown,
    send: (response: Response) => Promise<void>,
  ): Promise<void> {
    const found = await this.#find(request, body);
    if (found instanceof Response) return send(found);
    const [key, session] = found;
    session.cancel();
    session.requests += 1;
    try {
      const response = await session.fetch(request, body);
      session.isProven ||= response.ok;
      await send(response);
    } finally {
      session.requests -= 1;
      if (session.requests === 0) this.#letGo(key, session, listens(request, body));
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#sessions.keys()].map((key) => this.#end(key)));
  }

  async #find(request: Request, body: unknown): Promise<readonly [string, HttpSession] | Response> {
    if (!(await isLegacyRequest(request, body))) {
      const key = `client ${clientName(body)}`;
      const known = this.#sessions.get(key);
      return known ? [key, known] : this.#open(key, () => this.#modern());
    }
    const id = request.headers.get('mcp-session-id');
    if (id !== null) {
      const known = this.#sessions.get(id);
      return known
        ? [id, known]
        : refusal(404, 'session_ended', 'This session has ended. Begin a new one.');
    }
    if (!isInitializeRequest(body)) {
      return refusal(
        400,
        'no_session',
        'A session begins with initialize, and later requests name it.',
      );
    }
    const key: string = randomUUID();
    return this.#open(key, () => this.#legacy(key));
  }

  async #open(
    key: string,
    make: () => Promise<Pick<HttpSession, 'fetch' | 'close'>>,
  ): Promise<readonly [string, HttpSession] | Response> {
    const { mostSessions = MOST_SESSIONS } = this.#options;
    if (this.#isClosed) return refusal(503, 'closed', 'The server ends.');
    if (this.#sessions.size >= mostSessions) {
      const minutes = IDLE_MS / 60_000;
      const message = `There are ${mostSessions} sessions of clients here already, which is the most. One that is not used ends after ${minutes} minutes.`;
      return refusal(503, 'too_many_sessions', message);
    }
    const made = make();
    const session: HttpSession = {
      fetch: async (request, body) => (await made).fetch(request, body),
      close: async () => (await made).close(),
      requests: 0,
      isProven: false,
      cancel: () => undefined,
    };
    this.#sessions.set(key, session);
    return [key, session];
  }

  #modern(): Promise<Pick<HttpSession, 'fetch' | 'close'>> {
    const { door, server, onerror } = this.#enter(true);
    const handler = createMcpHandler(server, { legacy: 'reject', onerror });
    return Promise.resolve({
      fetch: (request, body) => handler.fetch(request, { parsedBody: body }),
      close: async () => {
        await handler.close();
        await door.close();
      },
    });
  }

  async #legacy(key: string): Promise<Pick<HttpSession, 'fetch' | 'close'>> {
    const { door, server: makeServer, onerror } = this.#enter(false);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => key,
      onsessionclosed: () => void this.#end(key),
      enableJsonResponse: true,
    });
    const server = makeServer();
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no event target
    server.onerror = onerror;
    await server.connect(transport);
    return {
      fetch: (request, body) =>
        transport.handleRequest(request, body === undefined ? {} : { parsedBody: body }),
      close: async () => {
        await server.close();
        await door.close();
      },
    };
  }

  #enter(isShared: boolean) {
    const { doorFor, version, worldName, log } = this.#options;
    const door = doorFor({ isShared });
    door.open();
    return {
      door,
      server: () => agentServer({ door, version, worldName }),
      onerror: (error: Error) => log.warn(`MCP: ${error.message}`),
    };
  }

  #letGo(key: string, session: HttpSession, hasListened: boolean): void {
    if (this.#sessions.get(key) !== session) return;
    if (!session.isProven) return void this.#end(key);
    const afterMs = hasListened ? GONE_MS : IDLE_MS;
    session.cancel = this.#options.clock.after(afterMs, () => void this.#end(key));
  }

  async #end(key: string): Promise<void> {
    const session = this.#sessions.get(key);
    if (!session) return;
    this.#sessions.delete(key);
    session.cancel();
    try {
      await session.close();
    } catch (error) {
      this.#options.log.warn(`MCP: a session did not end well: ${String(error)}`);
    }
  }
}

/** Whether a request was for a stream that lasts as long as its client. */
function listens(request: Request, body: unknown): boolean {
  return request.method === 'GET' || memberOf(body, 'method') === 'subscriptions/listen';
}

/** As the client says with every request; one that says nothing is one of its own. */
function clientName(body: unknown): string {
  const meta = memberOf(memberOf(body, 'params'), '_meta');
  const name = memberOf(memberOf(meta, 'io.modelcontextprotocol/clientInfo'), 'name');
  return typeof name === 'string' ? name.slice(0, MOST_NAME) : '';
}

const MOST_NAME = 200;

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
