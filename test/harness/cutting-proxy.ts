import net from 'node:net';
import { once } from 'node:events';

/** A TCP proxy that can lose what the server says, and break connections. */
export interface CuttingProxy {
  readonly port: number;
  /** While true, bytes of the server do not reach the client; the client's still reach the server. */
  losesAnswers: boolean;
  /** While true, new connections are closed at once. */
  refuses: boolean;
  /** A client that sends more than this at once, in bytes, has its connection closed, as a server does. */
  mostBytes: number;
  /** How often that happened. */
  closes: number;
  /** Breaks every connection, as a lost network does. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free loopback port in front of a local server. */
export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const sockets = new Set<net.Socket>();
  const proxy = { losesAnswers: false, refuses: false, mostBytes: Infinity, closes: 0 };
  const server = net.createServer((near) => {
    if (proxy.refuses) {
      near.destroy();
      return;
    }
    const far = net.connect({ port: targetPort, host: '127.0.0.1' });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    let sent = 0;
    near.on('data', (bytes) => {
      sent += bytes.length;
      if (sent <= proxy.mostBytes) return void far.write(bytes);
      proxy.closes += 1;
      near.destroy();
      return undefined;
    });
    far.on('data', (bytes) => void (proxy.losesAnswers || near.write(bytes)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => sockets.forEach((socket) => void socket.destroy());
  return Object.assign(proxy, {
    port: (server.address() as net.AddressInfo).port,
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  });
}
