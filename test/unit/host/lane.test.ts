import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from '../../../src/host/lane.ts';

function stage() {
  const flushes: (() => void)[] = [];
  const events: string[] = [];
  let nowMicros = 0n;
  const lane = new Lane({
    schedule: (flush) => flushes.push(flush),
    nowMicros: () => nowMicros,
    settle: () => events.push('settled'),
    crashed: (error) => events.push(`crashed: ${(error as Error).message}`),
  });
  const say = (what: string, source = 'somebody', takesMicros = 0n) =>
    lane.submit(source, () => {
      nowMicros += takesMicros;
      events.push(what);
    });
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

test('whoever has one task does not wait for another who has a thousand', () => {
  const { events, flushes, say } = stage();
  for (let index = 0; index < 1000; index++) say(`flood ${index}`, 'flooder', 1000n);
  flushes.shift()?.();
  say('one', 'typist');
  flushes.shift()?.();
  const [first, second] = events.join(',').split(',settled');
  assert.ok(first!.split(',').length <= 5, 'a flush is short');
  assert.ok(second!.includes(',one'), 'the next one has what came meanwhile');
  const floodBefore = events.slice(0, events.indexOf('one')).filter((each) => each !== 'settled');
  assert.ok(floodBefore.length <= 6);
  while (flushes.length > 0) flushes.shift()?.();
  const flood = events.filter((event) => event.startsWith('flood'));
  assert.deepEqual(
    flood,
    Array.from({ length: 1000 }, (_, index) => `flood ${index}`),
  );
});

test('a task that throws is reported, and those after it still run', () => {
  const { lane, events, flushes, say } = stage();
  lane.submit('somebody', () => {
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
