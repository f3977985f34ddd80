import { once } from 'node:events';
import net from 'node:net';

/** A TCP proxy that lets a server answer pings only, as one does that is still loading a world. */
export interface HoldingProxy {
  readonly port: number;
  /** Resolves once so many requests wait. */
  holds(count: number): Promise<void>;
  /** From now on new connections wait again. */
  hold(): void;
  /** Lets everything through that waits, and what comes from now on. */
  release(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free loopback port in front of a local server. */
export async function startHoldingProxy(targetPort: number): Promise<HoldingProxy> {
  const sockets = new Set<net.Socket>();
  const held: (() => void)[] = [];
  let isReleased = false;
  let heldEnough = (): void => {};
  const server = net.createServer((near) => {
    keep(near);
    near.once('data', (first) => {
      near.pause();
      const pass = (): void => {
        const far = net.connect({ port: targetPort, host: '127.0.0.1' });
        keep(far);
        near.on('close', () => far.destroy());
        far.on('close', () => near.destroy());
        far.write(first);
        near.pipe(far);
        far.pipe(near);
      };
      if (isReleased || first.toString('latin1').includes('/v1/ping ')) {
        pass();
        return;
      }
      held.push(pass);
      heldEnough();
    });
  });
  const keep = (socket: net.Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    holds: (count) =>
      new Promise((resolve) => {
        heldEnough = () => {
          if (held.length >= count) resolve();
        };
        heldEnough();
      }),
    hold: () => void (isReleased = false),
    release() {
      isReleased = true;
      for (const pass of held.splice(0)) pass();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
