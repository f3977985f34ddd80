import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { startDelayProxy } from '../harness/delay-proxy.ts';

let echo: net.Server;
let port: number;

before(async () => {
  echo = net.createServer((socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  port = (echo.address() as net.AddressInfo).port;
});

after(() => echo.close());

async function connect(proxyPort: number): Promise<net.Socket> {
  const socket = net.connect({ port: proxyPort, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function read(socket: net.Socket, length: number): Promise<string> {
  let text = '';
  while (text.length < length) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString();
  }
  return text;
}

test('both directions are delayed: an echo comes back after twice the delay, not before', async () => {
  const proxy = await startDelayProxy({ port }, 40);
  const socket = await connect(proxy.port);
  const sentMs = performance.now();
  socket.write('ping');
  assert.equal(await read(socket, 4), 'ping');
  // Timers may fire up to a millisecond early.
  assert.ok(performance.now() - sentMs >= 78);
  socket.destroy();
  await proxy.close();
});

test('the order of the bytes is kept, also while the delay changes', async () => {
  const proxy = await startDelayProxy({ port });
  const socket = await connect(proxy.port);
  const words = Array.from({ length: 200 }, (_, index) => `${index} `);
  const received = read(socket, words.join('').length);
  for (const [index, word] of words.entries()) {
    proxy.delayMs = [30, 0, 7, 1][index % 4] ?? 0;
    socket.write(word);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await received, words.join(''));
  socket.destroy();
  await proxy.close();
});

test('what was sent before an end arrives before it', async () => {
  const proxy = await startDelayProxy({ port }, 10);
  const socket = await connect(proxy.port);
  const ended = once(socket, 'end');
  const received = read(socket, 8);
  socket.end('farewell');
  assert.equal(await received, 'farewell');
  await ended;
  await proxy.close();
});

test('a broken network ends its connections and takes new ones', async () => {
  const proxy = await startDelayProxy({ port });
  const socket = await connect(proxy.port);
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  proxy.disconnectAll();
  await closed;
  const second = await connect(proxy.port);
  second.write('again');
  assert.equal(await read(second, 5), 'again');
  second.destroy();
  await proxy.close();
});
