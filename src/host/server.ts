import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { judgeAccess } from './access.ts';
import { systemClock, type Clock } from './clock.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { decodePart, failureStatus, HttpRoutes } from './http-routes.ts';
import type { HostLog } from './log.ts';
import { WebSocketEndpoint } from './websocket-endpoint.ts';

/** What a mounted route is told of a request that already passed the key, Host and Origin checks. */
export interface RouteRequest {
  readonly request: IncomingMessage;
  /** The path after the key, starting with `/`, for instance `/agent-world/health`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Answers a request and returns true, or returns false to let others answer it. */
export type ExtraRoute = (
  request: RouteRequest,
  response: ServerResponse,
) => boolean | Promise<boolean>;

/** Takes over an upgraded socket and returns true, or returns false to let others have it. */
export type ExtraUpgrade = (request: RouteRequest, socket: Duplex, head: Buffer) => boolean;

export interface ServerOptions {
  /** Directory that holds the databases and signing keys; created when missing. */
  readonly home: string;
  /** The secret first path segment: 256 bits as base64url. */
  readonly key: string;
  /** TCP port on 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  readonly log: HostLog;
  /** Version of the host, as answered by `/v1/ping`. */
  readonly version: string;
  readonly extraRoutes?: readonly ExtraRoute[];
  readonly extraUpgrades?: readonly ExtraUpgrade[];
  readonly clock?: Clock;
  /** Largest client message and request body, in bytes; 32 MiB unless said otherwise. */
  readonly largestMessageBytes?: number;
  readonly engine?: Pick<EngineOptions, 'lateSeed' | 'limits' | 'volatileTables'>;
}

export interface Activity {
  /** Sockets that speak a database's client protocol now. */
  readonly connections: number;
  /** When a request, an upgrade or a client message last came in, in Unix milliseconds. */
  readonly lastActivityMs: number;
}

export interface HostServer {
  readonly port: number;
  readonly engine: Engine;
  activity(): Activity;
  /** Refuses new work, finishes what runs, folds the journals and closes everything. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const LARGEST_MESSAGE_BYTES = 32 * MIB;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Starts the host on 127.0.0.1. Rejects when the port is taken or the home cannot be used. */
export async function startServer(options: ServerOptions): Promise<HostServer> {
  const { home, log, clock = systemClock } = options;
  const engine = new Engine({ home, log, clock, ...options.engine });
  const server = new Server(options, engine, clock);
  try {
    await server.listen(options.port);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return server;
}

class Server implements HostServer {
  readonly engine: Engine;
  readonly #options: ServerOptions;
  readonly #clock: Clock;
  readonly #http: HttpServer;
  readonly #routes: HttpRoutes;
  readonly #webSockets: WebSocketEndpoint;
  /** Upgraded ones too, which the HTTP server forgets. */
  readonly #sockets = new Set<Socket>();
  readonly #running = new Map<Promise<void>, IncomingMessage>();
  #lastActivityMs: number;
  #closing: Promise<void> | null = null;

  constructor(options: ServerOptions, engine: Engine, clock: Clock) {
    this.engine = engine;
    this.#options = options;
    this.#clock = clock;
    this.#lastActivityMs = this.#nowMs();
    const messageBytes = options.largestMessageBytes ?? LARGEST_MESSAGE_BYTES;
    this.#routes = new HttpRoutes(engine, { bodyBytes: messageBytes }, options.log);
    this.#webSockets = new WebSocketEndpoint({ messageBytes }, clock, () => this.#active());
    this.#http = createServer({
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      noDelay: true,
    });
    this.#http.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#http.on('request', (request, response) => this.#onRequest(request, response));
    this.#http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#http.on('clientError', (_error, socket) => socket.destroy());
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  activity(): Activity {
    return { connections: this.engine.connectionCount, lastActivityMs: this.#lastActivityMs };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    // What has not come whole has not begun; somebody may never send the rest.
    for (const request of this.#running.values()) if (!request.complete) request.destroy();
    await Promise.allSettled(this.#running.keys());
    await this.engine.close();
    this.#webSockets.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const access = judgeAccess(request, this.#options.key);
    if (access.kind !== 'granted') {
      response.writeHead(access.kind === 'forbidden' ? 403 : 404, { connection: 'close' }).end();
      return;
    }
    this.#active();
    const answered = this.#answer({ request, path: access.path, query: access.query }, response)
      .catch((error: unknown) => {
        this.#options.log.error('http.unanswered', { reason: String(error) });
        response.destroy();
      })
      .finally(() => this.#running.delete(answered));
    this.#running.set(answered, request);
  }

  async #answer(route: RouteRequest, response: ServerResponse): Promise<void> {
    for (const extra of this.#options.extraRoutes ?? []) {
      if (await extra(route, response)) return;
    }
    await this.#routes.handle(route, response);
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const access = judgeAccess(request, this.#options.key);
    if (access.kind === 'forbidden') return refuseUpgrade(socket, 403, '');
    if (access.kind === 'unknown' || this.#closing !== null) {
      socket.destroy();
      return;
    }
    this.#active();
    const route = { request, path: access.path, query: access.query };
    for (const extra of this.#options.extraUpgrades ?? []) if (extra(route, socket, head)) return;
    try {
      this.#subscribe(route, socket, head);
    } catch (error) {
      const status = failureStatus(error);
      if (status === 500) this.#options.log.error('upgrade.failed', { reason: String(error) });
      refuseUpgrade(socket, status, status === 500 ? 'internal error' : (error as Error).message);
    }
  }

  #subscribe(route: RouteRequest, socket: Duplex, head: Buffer): void {
    const { request, path, query } = route;
    const name = /^\/v1\/database\/([^/]+)\/subscribe$/.exec(path)?.[1];
    if (name === undefined) return refuseUpgrade(socket, 404, '');
    if (query.get('light') === 'true') {
      return refuseUpgrade(socket, 400, 'light mode is not supported');
    }
    if (!this.#webSockets.speaks(request)) {
      return refuseUpgrade(socket, 400, 'no valid protocol selected');
    }
    const credentials = this.#routes.credentialsOf(route);
    const database = this.engine.database(decodePart(name));
    this.#webSockets.connect(request, socket, head, database, credentials);
  }

  #active(): void {
    this.#lastActivityMs = this.#nowMs();
  }

  #nowMs(): number {
    return Number(this.#clock.nowMicros() / 1000n);
  }
}

function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}
