import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenWaits } from '../../../src/world/open-waits.ts';
import { ManualClock } from '../agents/manual-clock.ts';

function watched() {
  const clock = new ManualClock();
  const told: string[] = [];
  const waits = new OpenWaits({
    clock,
    onSlow: (isSlow) => void told.push(isSlow ? 'slow' : 'answered'),
    onSilent: () => void told.push('silent'),
  });
  const ask = (timeoutMs = 0) =>
    waits.add(
      () => void told.push('ended'),
      timeoutMs,
      () => void told.push('timeout'),
    );
  return { clock, told, waits, ask };
}

test('a call that has no answer for ten seconds is told as such, and its answer too', () => {
  const { clock, told, waits, ask } = watched();
  const answered = ask();
  clock.pass(9_999);
  assert.deepEqual(told, []);
  clock.pass(1);
  assert.deepEqual([told, waits.isSlow], [['slow'], true]);
  answered();
  assert.deepEqual([told, waits.isSlow], [['slow', 'answered'], false]);
});

test('after thirty seconds without a sign the connection is given up; a sign is enough to go on', () => {
  const { clock, told, waits, ask } = watched();
  ask();
  clock.pass(20_000);
  waits.heard();
  clock.pass(29_999);
  assert.deepEqual(told, ['slow']);
  clock.pass(1);
  assert.deepEqual(told, ['slow', 'silent']);
  waits.end();
  assert.deepEqual(told, ['slow', 'silent', 'ended', 'answered']);
  assert.equal(clock.pending, 0);
});

test('silence while nothing is waited for is nobody’s concern, and does not count later', () => {
  const { clock, told, ask } = watched();
  clock.pass(60_000);
  ask();
  clock.pass(29_999);
  assert.deepEqual(told, ['slow']);
  clock.pass(1);
  assert.deepEqual(told, ['slow', 'silent']);
});

test('a call gives up after its own time, and others go on', () => {
  const { clock, told, waits, ask } = watched();
  const answered = ask();
  clock.pass(15_000);
  waits.heard();
  ask(12_000);
  clock.pass(12_000);
  assert.deepEqual(told, ['slow', 'timeout']);
  answered();
  assert.deepEqual(told, ['slow', 'timeout', 'answered']);
});

test('typing costs one timer in ten seconds, and a connection that waits for nothing has none', () => {
  const { clock, told, waits, ask } = watched();
  for (let key = 0; key < 500; key++) {
    const answered = ask();
    assert.equal(clock.pending, 1);
    clock.pass(20);
    waits.heard();
    answered();
  }
  clock.pass(10_000);
  assert.equal(clock.pending, 0);
  assert.deepEqual(told, []);
});
