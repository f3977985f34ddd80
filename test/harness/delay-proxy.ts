import net from 'node:net';
import { once } from 'node:events';

/** A TCP proxy that passes every byte on, in order, a set time after it came. */
export interface DelayProxy {
  /** The loopback port to connect to instead of the target's. */
  readonly port: number;
  /** Added to each direction; may be changed at any time and then holds for what arrives from then on. */
  delayMs: number;
  /** Breaks every connection at once, as a lost network does. New ones are accepted. */
  disconnectAll(): void;
  close(): Promise<void>;
}

export interface DelayProxyTarget {
  readonly port: number;
  readonly host?: string;
}

/** Starts a proxy on a free loopback port in front of `target`. */
export async function startDelayProxy(target: DelayProxyTarget, delayMs = 0): Promise<DelayProxy> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true });
  const proxy = { delayMs };
  server.on('connection', (near) => {
    const far = net.connect({
      port: target.port,
      host: target.host ?? '127.0.0.1',
      allowHalfOpen: true,
    });
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    forward(near, far, () => proxy.delayMs);
    forward(far, near, () => proxy.delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const disconnectAll = (): void => sockets.forEach((socket) => void socket.destroy());
  return Object.assign(proxy, {
    port: (server.address() as net.AddressInfo).port,
    disconnectAll,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      disconnectAll();
      await closed;
    },
  });
}

/** Carries one direction. Items leave in the order they came, even when the delay shrinks meanwhile. */
function forward(source: net.Socket, sink: net.Socket, delayMs: () => number): void {
  const queue: (() => void)[] = [];
  let dueAtMs = 0;
  const pass = (deliver: () => void): void => {
    const nowMs = performance.now();
    dueAtMs = Math.max(dueAtMs, nowMs + delayMs());
    if (queue.length === 0 && dueAtMs <= nowMs) return deliver();
    // Timers due within the same millisecond may fire in any order: the queue keeps the bytes in theirs.
    queue.push(deliver);
    // What is still on its way when a test ends must not keep its process.
    setTimeout(() => queue.shift()?.(), dueAtMs - nowMs).unref();
  };
  source.on('data', (chunk) => pass(() => void sink.write(chunk)));
  source.on('end', () => pass(() => void sink.end()));
  // An error is followed by 'close', which takes the other side down in its turn.
  source.on('error', () => undefined);
  source.on('close', () => pass(() => void sink.destroy()));
}
