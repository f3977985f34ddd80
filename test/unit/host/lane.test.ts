import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from '../../../src/host/lane.ts';

function stage() {
  const flushes: (() => void)[] = [];
  const events: string[] = [];
  const lane = new Lane(
    (flush) => flushes.push(flush),
    () => events.push('settled'),
    (error) => events.push(`crashed: ${(error as Error).message}`),
  );
  const say = (what: string) => lane.submit(() => events.push(what));
  return { lane, events, flushes, say };
}

test('tasks that came before a flush run in order and settle together', () => {
  const { events, flushes, say } = stage();
  say('one');
  say('two');
  assert.equal(flushes.length, 1, 'one flush for both');
  flushes.shift()?.();
  say('three');
  flushes.shift()?.();
  assert.deepEqual(events, ['one', 'two', 'settled', 'three', 'settled']);
  assert.equal(flushes.length, 0);
});

test('a flood is cut into batches, so that the first answers do not wait for the last', () => {
  const { events, flushes, say } = stage();
  for (let index = 0; index < 1000; index++) say(String(index));
  flushes.shift()?.();
  const first = events.indexOf('settled');
  assert.ok(first > 0 && first < 1000);
  while (flushes.length > 0) flushes.shift()?.();
  const said = events.filter((event) => event !== 'settled');
  assert.deepEqual(
    said,
    Array.from({ length: 1000 }, (_, index) => String(index)),
  );
});

test('a task that throws is reported, and those after it still run', () => {
  const { lane, events, flushes, say } = stage();
  lane.submit(() => {
    throw new Error('a bug');
  });
  say('after');
  flushes.shift()?.();
  assert.deepEqual(events, ['crashed: a bug', 'after', 'settled']);
});

test('idle waits for all that was submitted, and not at all when nothing was', async () => {
  const { lane, events, flushes, say } = stage();
  await lane.idle();
  say('one');
  const idle = lane.idle().then(() => events.push('idle'));
  flushes.shift()?.();
  await idle;
  assert.deepEqual(events, ['one', 'settled', 'idle']);
});
