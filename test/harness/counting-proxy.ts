import net, { type AddressInfo } from 'node:net';

/** A way to a server that counts the bytes that come from it. */
export class CountingProxy {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** The server's address by way of this, ending with `/`. */
  readonly uri: string;
  receivedBytes = 0;

  private constructor(server: net.Server, target: URL) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.uri = `http://127.0.0.1:${port}${target.pathname}`;
  }

  static async open(uri: string): Promise<CountingProxy> {
    const target = new URL(uri);
    const server = net.createServer((client) => proxy.#join(client, target));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new CountingProxy(server, target);
    return proxy;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #join(client: net.Socket, target: URL): void {
    const upstream = net.connect(Number(target.port), target.hostname);
    upstream.on('data', (bytes) => (this.receivedBytes += bytes.length));
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
