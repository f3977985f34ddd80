import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause } from '../../../src/agents/pause.ts';
import { Quiet } from '../../../src/agents/quiet.ts';
import { ManualClock } from './manual-clock.ts';

test('quiet is told once nothing was heard for long enough, for each subject by itself', () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const quiet = new Quiet<string>(clock, 100, (subject) => void told.push(subject));
  quiet.stir('a');
  clock.pass(60);
  quiet.stir('a');
  quiet.stir('b');
  clock.pass(60);
  assert.deepEqual(told, []);
  clock.pass(40);
  assert.deepEqual(told, ['a', 'b']);
  clock.pass(1000);
  assert.deepEqual(told, ['a', 'b']);
});

test('after closing nothing is told', () => {
  const clock = new ManualClock();
  const quiet = new Quiet<string>(clock, 100, () => assert.fail('told'));
  quiet.stir('a');
  quiet.close();
  clock.pass(1000);
});

test('a pause ends by its time or by the signal', async () => {
  const clock = new ManualClock();
  const ending = new AbortController();
  const paused = pause(clock, 100, ending.signal);
  clock.pass(100);
  await paused;
  const cut = pause(clock, 100, ending.signal);
  ending.abort();
  await cut;
  assert.equal(clock.pending, 0);
});
