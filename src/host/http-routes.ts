import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Credentials } from './client-session.ts';
import { planFor } from './client-requests.ts';
import type { Database } from './database.ts';
import { DatabaseError, type DatabaseErrorCode } from './database-error.ts';
import type { DatabaseInfo, Engine } from './engine.ts';
import { BodyCutShortError, BodyTooLargeError, readBody } from './http-body.ts';
import { callByJson, queryAsJson } from './json-calls.ts';
import type { HostLog } from './log.ts';
import { decodeModuleResponse, encodeModuleRequest, matchRoute } from './module-http.ts';
import { SatsJsonError } from './sats-json.ts';
import { QueryError } from './subscriptions/sql.ts';

export interface HttpLimits {
  /** Largest body of any request, in bytes. */
  readonly bodyBytes: number;
}

/** A request to the API, its path without the key. */
export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly query: URLSearchParams;
}

interface Answer {
  readonly status: number;
  readonly body?: string | Uint8Array;
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

const JSON_TYPE = [['content-type', 'application/json']] as const;
const TEXT_TYPE = [['content-type', 'text/plain; charset=utf-8']] as const;

/** SpacetimeDB's HTTP interface, as far as clients and publishing need it. */
export class HttpRoutes {
  readonly #engine: Engine;
  readonly #limits: HttpLimits;
  readonly #log: HostLog;

  constructor(engine: Engine, limits: HttpLimits, log: HostLog) {
    this.#engine = engine;
    this.#limits = limits;
    this.#log = log;
  }

  /** Answers a request; every failure becomes an answer too. */
  async handle(api: ApiRequest, response: ServerResponse): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#route(api);
    } catch (error) {
      answer = this.#failureAnswer(error);
    }
    if (!this.#canSkipRest(api.request)) response.setHeader('connection', 'close');
    for (const [name, value] of answer.headers ?? []) response.appendHeader(name, value);
    response.writeHead(answer.status).end(answer.body);
  }

  /**
   * Where an answer comes before the whole body, Node reads on and drops the rest. To end the connection
   * in place of that would reset it, and could take the answer with it; so that is done only where the
   * rest may be longer than any body.
   */
  #canSkipRest({ complete, headers }: IncomingMessage): boolean {
    const declared = Number(headers['content-length'] ?? Infinity);
    return complete || declared <= this.#limits.bodyBytes;
  }

  /** Who a request comes from; a new identity when it brings no token. Throws `bad_token`. */
  credentialsOf({ request, query }: ApiRequest): Credentials {
    return this.#presented(request, query) ?? this.#engine.tokens.issue();
  }

  #presented(request: IncomingMessage, query: URLSearchParams): Credentials | null {
    const header = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '');
    const token = header?.[1] ?? query.get('token');
    return token === null ? null : this.#engine.tokens.check(token);
  }

  #required(api: ApiRequest): Credentials {
    const credentials = this.#presented(api.request, api.query);
    if (credentials === null) throw new DatabaseError('bad_token', 'a token is required');
    return credentials;
  }

  async #route(api: ApiRequest): Promise<Answer> {
    const { request, path } = api;
    const [version, area, ...rest] = path.split('/').slice(1).map(decodePart);
    if (version !== 'v1') return NOT_FOUND;
    const method = request.method ?? '';
    if (area === 'ping' && method === 'GET') return { status: 200 };
    if (area === 'identity') return this.#identityRoute(api, method, rest);
    if (area === 'database') return this.#databaseRoute(api, method, rest);
    return NOT_FOUND;
  }

  #identityRoute(api: ApiRequest, method: string, [first, second]: readonly string[]): Answer {
    if (method === 'POST' && first === undefined) {
      const { identity, token } = this.#engine.tokens.issue();
      return json({ identity, token });
    }
    if (method === 'POST' && first === 'websocket-token') {
      return json({ token: this.#engine.tokens.shortLived(this.#required(api)).token });
    }
    if (method === 'GET' && second === 'databases') {
      const owned = this.#engine.list().filter((info) => info.owner === first);
      return json({ identities: owned.map((info) => info.identity) });
    }
    if (method === 'GET' && second === 'verify') {
      return { status: this.#required(api).identity === first ? 204 : 400 };
    }
    return NOT_FOUND;
  }

  async #databaseRoute(api: ApiRequest, method: string, rest: readonly string[]): Promise<Answer> {
    const [name, action, ...more] = rest;
    if (name === undefined || name === '') {
      return method === 'POST' ? this.#publish(api, null) : NOT_FOUND;
    }
    if (action === 'route') return this.#moduleRoute(api, name, more);
    switch (`${method} ${action ?? ''}`.trim()) {
      case 'PUT':
      case 'POST':
        return this.#publish(api, name);
      case 'POST pre_publish':
        return this.#prePublish(api, name);
      case 'DELETE':
        await this.#engine.delete(this.#required(api), name);
        return { status: 200 };
      case 'GET':
        return this.#describe(name);
      case 'GET names':
        return json({ names: [this.#known(name).name].filter((each) => each !== null) });
      case 'GET program':
        // Not of SpacetimeDB: whether a newer module is to be published.
        return json({ hash: this.#engine.database(name).programHash });
      case 'PUT names':
        return this.#rename(api, name);
      case 'GET identity':
        return { status: 200, body: this.#known(name).identity, headers: TEXT_TYPE };
      case 'POST call':
        return this.#call(api, this.#engine.database(name), more[0] ?? '');
      case 'POST sql':
        return this.#sql(api, this.#engine.database(name));
      default:
        return NOT_FOUND;
    }
  }

  async #publish(api: ApiRequest, name: string | null): Promise<Answer> {
    const publisher = this.#required(api);
    expectHostType(api.query);
    if (api.query.get('clear') === 'true') {
      throw new DatabaseError('bad_arguments', 'delete the database instead of clearing it');
    }
    const token = breakingToken(api.query);
    const source = (await this.#body(api)).toString('utf8');
    const { info, created } = await this.#engine.publish(publisher, name, source, token);
    return json({
      Success: {
        domain: info.name,
        database_identity: info.identity,
        op: created ? 'created' : 'updated',
      },
    });
  }

  /** Says what publishing a module would do, and gives the token that a breaking change needs. */
  async #prePublish(api: ApiRequest, name: string): Promise<Answer> {
    const publisher = this.#required(api);
    expectHostType(api.query);
    const source = (await this.#body(api)).toString('utf8');
    try {
      const plan = await this.#engine.planPublish(publisher, name, source);
      return json({
        AutoMigrate: {
          migrate_plan: plan.steps.join('\n'),
          break_clients: plan.breaksClients,
          token: plan.token,
          major_version_upgrade: false,
        },
      });
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== 'migration_refused') throw error;
      return json({ ManualMigrate: { reason: error.message, major_version_upgrade: false } });
    }
  }

  #describe(name: string): Answer {
    const { identity, owner } = this.#known(name);
    return json({
      database_identity: { __identity__: `0x${identity}` },
      owner_identity: { __identity__: `0x${owner}` },
      host_type: { js: [] },
    });
  }

  async #rename(api: ApiRequest, name: string): Promise<Answer> {
    const names = JSON.parse((await this.#body(api)).toString('utf8')) as unknown;
    const [wanted] = Array.isArray(names) ? (names as unknown[]) : [];
    if (typeof wanted !== 'string') throw new DatabaseError('bad_name', 'expected one name');
    this.#engine.rename(this.#required(api), name, wanted);
    return json({ Success: null });
  }

  async #call(api: ApiRequest, database: Database, reducer: string): Promise<Answer> {
    const credentials = this.credentialsOf(api);
    if (api.request.headers['content-type'] !== 'application/json') return NO_JSON;
    const args = JSON.parse((await this.#body(api)).toString('utf8')) as unknown;
    const result = await database.run(
      () =>
        database.asConnection(credentials, (caller) => callByJson(database, caller, reducer, args)),
      credentials.identity,
    );
    if (result.kind === 'failed') {
      return { status: 530, body: result.message, headers: TEXT_TYPE };
    }
    return result.value === null ? { status: 200 } : json(result.value);
  }

  /** As if over a connection: whom the module lets in is who may read. */
  async #sql(api: ApiRequest, database: Database): Promise<Answer> {
    const credentials = this.credentialsOf(api);
    const text = (await this.#body(api)).toString('utf8');
    const statement = await database.run(
      () =>
        database.asConnection(credentials, () =>
          queryAsJson(planFor(database, credentials.identity, text)),
        ),
      credentials.identity,
    );
    return json([statement]);
  }

  /** Requests to the module's own routes bring no identity: the module checks what it must. */
  async #moduleRoute(api: ApiRequest, name: string, rest: readonly string[]): Promise<Answer> {
    const { request, path } = api;
    const database = this.#engine.database(name);
    const below = path.split('/route')[1] === '' && rest.length === 0 ? '' : `/${rest.join('/')}`;
    const method = request.method ?? '';
    const body = await this.#body(api);
    const uri = `http://${request.headers.host ?? 'localhost'}${path}${queryText(api.query)}`;
    const encoded = encodeModuleRequest({ method, headers: request.headers, uri });
    const outcome = await database.run(() => {
      const { runtime } = database;
      const route = matchRoute(runtime.def.routes, method, below);
      return route === undefined ? null : runtime.callHandler(route.handlerIndex, encoded, body);
    });
    if (outcome === null) return { status: 404, body: NO_SUCH_ROUTE, headers: TEXT_TYPE };
    if (outcome.kind === 'failed') return { status: 500, body: outcome.message };
    const [head, content] = outcome.value;
    const response = decodeModuleResponse(Buffer.from(head));
    return { ...response, body: Buffer.from(content) };
  }

  #known(name: string): DatabaseInfo {
    const info = this.#engine.info(name);
    if (info === null) throw new DatabaseError('no_such_database', 'No such database.');
    return info;
  }

  #body({ request }: ApiRequest): Promise<Buffer> {
    return readBody(request, this.#limits.bodyBytes);
  }

  #failureAnswer(error: unknown): Answer {
    const status = failureStatus(error);
    if (status !== 500) return { status, body: (error as Error).message, headers: TEXT_TYPE };
    this.#log.error('http.failed', { at: String((error as Error).stack).slice(0, 1000) });
    return { status, body: 'internal error', headers: TEXT_TYPE };
  }
}

const NO_SUCH_ROUTE = 'Database has not registered a handler for this route';
const NOT_FOUND: Answer = { status: 404 };
const NO_JSON: Answer = {
  status: 415,
  body: 'Expected request with `Content-Type: application/json`',
  headers: TEXT_TYPE,
};

const STATUS: Readonly<Record<DatabaseErrorCode, number>> = {
  bad_arguments: 400,
  bad_module: 400,
  bad_name: 400,
  bad_token: 401,
  closed: 503,
  crashed: 503,
  damaged: 503,
  forbidden: 403,
  migration_refused: 400,
  no_such_database: 404,
  no_such_function: 404,
  rejected: 403,
  storage_failed: 503,
};

/** The HTTP status of an expected failure; 500 for any other. */
export function failureStatus(error: unknown): number {
  if (error instanceof DatabaseError) return STATUS[error.code];
  if (error instanceof BodyTooLargeError) return 413;
  const malformed =
    error instanceof BodyCutShortError ||
    error instanceof QueryError ||
    error instanceof SatsJsonError ||
    error instanceof SyntaxError;
  return malformed ? 400 : 500;
}

function expectHostType(query: URLSearchParams): void {
  if ((query.get('host_type') ?? 'Js') === 'Js') return;
  throw new DatabaseError('bad_module', 'this host runs JavaScript modules: host_type=Js');
}

/** The token that allows a change that breaks clients; undefined where the publisher allows none. */
function breakingToken(query: URLSearchParams): string | undefined {
  const policy = query.get('policy') ?? 'Compatible';
  if (policy === 'Compatible') return undefined;
  if (policy !== 'BreakClients') throw new DatabaseError('bad_arguments', `no policy ${policy}`);
  const token = query.get('token');
  if (token !== null) return token;
  throw new DatabaseError(
    'bad_arguments',
    'Migration policy is set to `BreakClients`, but no migration token was provided.',
  );
}

function json(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value), headers: JSON_TYPE };
}

function queryText(query: URLSearchParams): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** A part of a path without its escapes. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A malformed escape names nothing.
    return '\0';
  }
}
