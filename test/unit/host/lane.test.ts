import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from '../../../src/host/lane.ts';

function stage() {
  const flushes: (() => void)[] = [];
  const events: string[] = [];
  const timers: { readonly atMicros: bigint; readonly fire: () => void }[] = [];
  let nowMicros = 0n;
  const lane = new Lane({
    schedule: (flush) => flushes.push(flush),
    nowMicros: () => nowMicros,
    later: (delayMs, fire) => timers.push({ atMicros: nowMicros + BigInt(delayMs) * 1000n, fire }),
    settle: () => events.push('settled'),
    crashed: (error) => events.push(`crashed: ${(error as Error).message}`),
  });
  const say = (what: string, source = 'somebody', takesMicros = 0n) =>
    lane.submit(source, () => {
      nowMicros += takesMicros;
      events.push(what);
    });
  /** Runs what is scheduled, and timers in their order, until nothing is. */
  const runAll = (): void => {
    for (;;) {
      const flush = flushes.shift();
      if (flush) {
        flush();
        continue;
      }
      const timer = timers.shift();
      if (!timer) return;
      if (timer.atMicros > nowMicros) nowMicros = timer.atMicros;
      timer.fire();
    }
  };
  const now = (): bigint => nowMicros;
  return { lane, events, flushes, timers, say, runAll, now };
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
  const { events, flushes, say, runAll } = stage();
  for (let index = 0; index < 1000; index++) say(`flood ${index}`, 'flooder', 1000n);
  flushes.shift()?.();
  say('one', 'typist');
  flushes.shift()?.();
  const [first, second] = events.join(',').split(',settled');
  assert.ok(first!.split(',').length <= 5, 'a flush is short');
  assert.ok(second!.includes(',one'), 'the next one has what came meanwhile');
  const floodBefore = events.slice(0, events.indexOf('one')).filter((each) => each !== 'settled');
  assert.ok(floodBefore.length <= 6);
  runAll();
  const flood = events.filter((event) => event.startsWith('flood'));
  assert.deepEqual(
    flood,
    Array.from({ length: 1000 }, (_, index) => `flood ${index}`),
  );
});

test('who comes while others’ messages wait their turn is there after a short one, not a whole one', () => {
  const { events, flushes, say, now } = stage();
  say('typed', 'typist');
  flushes.shift()?.();
  for (let index = 0; index < 100; index++) say('flood', 'flooder', 100n);
  const startMicros = now();
  flushes.shift()?.();
  assert.ok(now() - startMicros <= 700n, `${now() - startMicros} µs`);
  say('typed again', 'typist');
  flushes.shift()?.();
  assert.ok(events.includes('typed again'));
});

test('beyond its share a flood waits while others are there, and most of the time is theirs', () => {
  const { events, flushes, timers, say, now } = stage();
  for (let index = 0; index < 1000; index++) say('flood', 'flooder', 1000n);
  while (events.filter((event) => event === 'flood').length < 200) flushes.shift()?.();
  say('typed', 'typist');
  flushes.shift()?.();
  flushes.shift()?.();
  assert.equal(flushes.length, 0, 'the lane is free');
  const [pause] = timers;
  assert.ok(pause!.atMicros - now() >= 10_000n, 'for much longer than a turn takes');
  const before = events.length;
  say('typed again', 'typist');
  flushes.shift()?.();
  assert.deepEqual(events.slice(before), ['typed again', 'settled'], 'alone in its turn');
});

test('a flood that is alone is never held back, and is let go of when it is alone again', () => {
  const { events, flushes, timers, say, runAll, now } = stage();
  for (let index = 0; index < 500; index++) say('flood', 'flooder', 1000n);
  runAll();
  assert.equal(now(), 500_000n, 'no pause');
  say('typed', 'typist');
  for (let index = 0; index < 3000; index++) say('flood', 'flooder', 1000n);
  runAll();
  const tookMicros = now() - 500_000n;
  assert.ok(tookMicros < 2n * 3_000_000n, 'held back for a second or so, not all the time');
  assert.equal(events.filter((event) => event === 'flood').length, 3500);
  assert.deepEqual([flushes.length, timers.length], [0, 0]);
});

test('who waits for each answer is not held back, however busy', () => {
  const { lane, flushes, timers, say, now } = stage();
  let left = 2000;
  const next = (): void => {
    left -= 1;
    if (left > 0) say('step', 'busy', 500n);
  };
  for (let step = 0; step < 2000; step++) {
    next();
    if (step % 100 === 0) say('typed', 'typist');
    while (flushes.length > 0) flushes.shift()?.();
    assert.equal(timers.length, 0);
  }
  assert.ok(now() > 900_000n);
  return lane.idle();
});

test('idle does not wait for pauses', async () => {
  const { lane, flushes, say } = stage();
  say('typed', 'typist');
  for (let index = 0; index < 500; index++) say('flood', 'flooder', 1000n);
  const idle = lane.idle();
  while (flushes.length > 0) flushes.shift()?.();
  await idle;
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
