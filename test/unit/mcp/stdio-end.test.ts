import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { StdioEnd } from '../../../src/mcp/stdio-end.ts';

test('a server ends with a message that is too long, in place of hearing nothing more', async () => {
  const input = new PassThrough();
  const { signal } = new AbortController();
  const end = new StdioEnd(signal, { input, output: new PassThrough(), mostBytes: 1_000 });
  const faults: string[] = [];
  Object.assign(end.transport, { onerror: ({ message }: Error) => faults.push(message) });
  await end.transport.start();
  input.write(`{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(2_000)}`);
  await end.reached;
  assert.equal(faults.length, 1);
});

for (const how of ['its input', 'a signal'] as const) {
  test(`a server ends with ${how}`, async () => {
    const input = new PassThrough();
    const stop = new AbortController();
    const end = new StdioEnd(stop.signal, { input, output: new PassThrough() });
    await end.transport.start();
    if (how === 'a signal') stop.abort();
    else input.end();
    await end.reached;
  });
}
