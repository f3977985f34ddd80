import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';
import type { HostLog } from './log.ts';

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

/** Starts the host on 127.0.0.1. Rejects when the port is taken or the home cannot be used. */
export async function startServer(options: ServerOptions): Promise<HostServer> {
  const http = createServer((_request, response) => response.writeHead(503).end());
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (http.address() as AddressInfo).port,
    engine: {},
    activity: () => ({ connections: 0, lastActivityMs: 0 }),
    close: () =>
      new Promise((resolve, reject) => {
        http.closeAllConnections();
        http.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}
