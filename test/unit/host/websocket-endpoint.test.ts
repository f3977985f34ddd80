import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { Clock } from '../../../src/host/clock.ts';
import type { Database } from '../../../src/host/database.ts';
import { WebSocketEndpoint } from '../../../src/host/websocket-endpoint.ts';

const BEAT_MS = 15_000;

test('a client that answers no ping for 30 seconds is dropped', async (t) => {
  const { clock, client } = await connected(t, { autoPong: false });
  const closed = once(client, 'close');
  for (let beat = 0; beat < 2; beat++) {
    const pinged = once(client, 'ping');
    clock.beat(BEAT_MS);
    await pinged;
  }
  clock.beat(BEAT_MS);
  await closed;
});

test('who was not heard because the host itself was busy for that long is not dropped', async (t) => {
  const { clock, client } = await connected(t, {});
  // One call took a minute: what the client said meanwhile has not been read yet.
  for (let call = 0; call < 3; call++) {
    const told = Promise.race([once(client, 'ping'), once(client, 'close')]);
    clock.beat(60_000);
    await told;
  }
  assert.equal(client.readyState, WebSocket.OPEN);
});

async function connected(t: TestContext, options: { readonly autoPong?: boolean }) {
  const clock = new TestClock();
  const endpoint = new WebSocketEndpoint({ messageBytes: 1024 }, clock, () => {});
  const database = { connect: () => ({ receive() {}, close() {} }) };
  const server = http.createServer();
  server.on('upgrade', (request, socket, head) => {
    const credentials = {} as Parameters<WebSocketEndpoint['connect']>[4];
    endpoint.connect(request, socket, head, database as unknown as Database, credentials);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, ['v2.bsatn.spacetimedb'], options);
  await once(client, 'open');
  t.after(() => {
    endpoint.close();
    client.terminate();
    server.close();
  });
  return { clock, client };
}

class TestClock implements Clock {
  #nowMs = 1_000_000;
  #fire: () => void = () => {};

  nowMicros(): bigint {
    return BigInt(this.#nowMs) * 1000n;
  }

  after(_delayMs: number, fire: () => void): () => void {
    this.#fire = fire;
    return () => {};
  }

  /** Lets so much time pass at once, and the timer that was set come. */
  beat(ms: number): void {
    this.#nowMs += ms;
    this.#fire();
  }
}
