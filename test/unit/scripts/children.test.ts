import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Children } from '../../../scripts/start/children.mjs';

/** Starts a child of its own, says so when that one runs, and runs until it is ended. */
const parent = `
  const { spawn } = require('node:child_process');
  const idle = 'setInterval(() => undefined, 1000); console.log(1)';
  const child = spawn(process.execPath, ['-e', idle], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', (chunk) => process.stdout.write(chunk));
  ON_SIGTERM
  setInterval(() => undefined, 1000);
`;

async function startFamily(children: Children, onSigterm = '') {
  const script = parent.replace('ON_SIGTERM', onSigterm);
  const child = children.start(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout);
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  return { child, closed };
}

test('ending the children ends what they have started', async () => {
  const children = new Children();
  const { child, closed } = await startFamily(children);
  await children.end();
  assert.equal(child.signalCode, 'SIGTERM');
  // The pipe is shared with the grandchild, so it closes when both are gone.
  await closed;
});

test('a child that does not want to end is killed when the user insists', async () => {
  const children = new Children();
  const { child, closed } = await startFamily(children, "process.on('SIGTERM', () => undefined);");
  const ended = children.end();
  children.kill();
  await ended;
  await closed;
  assert.equal(child.signalCode, 'SIGKILL');
});

test('what a child has started does not outlive it', async () => {
  const children = new Children();
  const { child, closed } = await startFamily(children);
  child.kill('SIGKILL');
  await closed;
  await children.end();
});
