import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { answerRequests, startChild } from '../src/child-process.ts';
import type { RunningServer, ServerOptions } from '../src/subject.ts';

/** What a peer's server process is told once, at its start. */
export interface PeerStart<Settings> {
  readonly files: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  readonly settings: Settings;
}

/** Starts a peer's server module in a process of its own, on a free port. */
export async function startPeerServer(
  module: URL,
  { files, dataFolder, execArgv }: ServerOptions,
  settings: object,
): Promise<RunningServer> {
  const child = startChild<PeerStart<object>, number>(module, execArgv);
  const port = await child.request({ files, dataFolder, settings });
  return {
    connection: `ws://127.0.0.1:${port}`,
    processId: child.processId,
    close: () => child.stop(),
  };
}

/** The server module's side: sets itself up, then takes each WebSocket with the path it asks for. */
export function servePeer<Settings>(
  setUp: (start: PeerStart<Settings>) => (socket: WebSocket, path: string) => void,
): void {
  answerRequests(async (start: PeerStart<Settings>): Promise<number> => {
    const accept = setUp(start);
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket, request) => accept(socket, (request.url ?? '/').slice(1)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  });
}
