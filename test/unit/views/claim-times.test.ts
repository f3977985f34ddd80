import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { offeredDurations, untilReadsDifferently } from '../../../src/views/claims/claim-times.ts';
import { TimesClock } from '../../../src/views/claims/times-clock.ts';
import { ManualClock } from '../agents/manual-clock.ts';
import { selectedLines } from '../../../src/views/selected-lines.ts';

const MINUTE_MS = 60_000;

test('the clock stands still where nothing is shown, and where all is over', () => {
  assert.equal(untilReadsDifferently([], 5), undefined);
  assert.equal(untilReadsDifferently([5, 4], 5), undefined);
});

test('whenever a time left reads differently, the clock had been set to that moment', () => {
  const minutesLeft = (untilMs: number, nowMs: number): number =>
    Math.max(0, Math.ceil((untilMs - nowMs) / MINUTE_MS));
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -MINUTE_MS, max: 90 * MINUTE_MS }), { maxLength: 5 }),
      (untilsMs) => {
        const read = (nowMs: number): string =>
          untilsMs.map((untilMs) => minutesLeft(untilMs, nowMs)).join();
        const waitMs = untilReadsDifferently(untilsMs, 0);
        if (waitMs === undefined) return read(0) === read(100 * MINUTE_MS);
        return read(waitMs - 1) === read(0) && read(waitMs) !== read(0);
      },
    ),
  );
});

test('the clock runs while a time is shown, turn by turn, and not a moment longer', () => {
  const clock = new ManualClock();
  let shown: readonly number[] = [];
  let turns = 0;
  const times = new TimesClock({ clock, shown: () => shown, onTurn: () => (turns += 1) });
  times.wind();
  assert.equal(clock.pending, 0, 'nothing is shown');
  shown = [clock.nowMs() + 2 * MINUTE_MS];
  times.wind();
  times.wind();
  assert.equal(clock.pending, 1);
  clock.pass(MINUTE_MS);
  assert.deepEqual([turns, clock.pending], [1, 1]);
  clock.pass(MINUTE_MS);
  assert.deepEqual([turns, clock.pending], [2, 0], 'it is over');
  shown = [clock.nowMs() + MINUTE_MS];
  times.wind();
  shown = [];
  times.wind();
  assert.equal(clock.pending, 0, 'nobody sees it any more');
});

test('durations are offered up to what the world allows, and always one', () => {
  assert.deepEqual(offeredDurations(60 * MINUTE_MS).length, 4);
  assert.deepEqual(offeredDurations(10 * MINUTE_MS), [5 * MINUTE_MS, 10 * MINUTE_MS]);
  assert.deepEqual(offeredDurations(20_000), [20_000]);
});

test('a selection that only reaches the beginning of a line does not mean that line', () => {
  const at = (line: number, character: number) => ({ line, character });
  const lines = (start: [number, number], end: [number, number]) => {
    const { firstLine, lastLine } = selectedLines({ start: at(...start), end: at(...end) });
    return [firstLine, lastLine];
  };
  assert.deepEqual(lines([2, 3], [2, 3]), [2, 2]);
  assert.deepEqual(lines([2, 0], [2, 0]), [2, 2]);
  assert.deepEqual(lines([2, 3], [4, 0]), [2, 3]);
  assert.deepEqual(lines([2, 3], [4, 1]), [2, 4]);
});
