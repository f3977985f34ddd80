import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostServer, ServerOptions } from '../../src/host/server.ts';

/** The engine's server with nothing behind it but the extra routes. */
export async function startServer(options: ServerOptions): Promise<HostServer> {
  let lastActivityMs = 0;
  const routed = (target: string | undefined) => {
    const url = new URL(target ?? '/', 'http://127.0.0.1');
    if (!url.pathname.startsWith(`/${options.key}/`)) return undefined;
    lastActivityMs = Date.now();
    return { path: url.pathname.slice(options.key.length + 1), query: url.searchParams };
  };
  const server = createServer((request, response) => {
    const found = routed(request.url);
    if (!found) return response.writeHead(404).end();
    for (const route of options.extraRoutes ?? []) {
      if (route({ request, ...found }, response)) return response;
    }
    return response.writeHead(404).end();
  });
  server.on('upgrade', (request, socket, head) => {
    const found = routed(request.url);
    if (!found || !options.extraUpgrades?.some((take) => take({ request, ...found }, socket, head)))
      socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    engine: {},
    activity: () => ({ connections: 0, lastActivityMs }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
