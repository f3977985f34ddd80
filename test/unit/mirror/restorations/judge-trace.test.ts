import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, loadSequentialTrace } from '../../../harness/trace-file.ts';
import { BOT, ToldPast } from './told-past.ts';

const STEPS = 3_600;
/** Ada types so many steps, then the bot writes what came of as many more, and so on. */
const STEPS_AT_A_TIME = 60;

/**
 * A component as somebody really wrote it, told as the work of two in turns. What the bot writes is
 * real editing of a text that is half Ada's: it goes on, corrects, rewrites, takes out. Only where it
 * makes a value again what it was is there anything to ask.
 */
test('real editing of others’ text is not asked about; the same file written from an old reading is', async () => {
  const trace = await loadSequentialTrace('sveltecomponent');
  const told = new ToldPast(trace.startContent);
  let text = trace.startContent;
  const asked: string[] = [];
  let writes = 0;
  let stale = 0;
  let found = 0;
  for (let at = 0; at < STEPS; at += 2 * STEPS_AT_A_TIME) {
    const read = told.text.toString();
    for (const step of trace.transactions.slice(at, at + STEPS_AT_A_TIME)) {
      const next = changesOf(step, text);
      text = next.text;
      // All that Ada types in a row is within a minute.
      told.change('ada', next.changes, 'typing').later(-1);
    }
    told.later(1);
    if (told.text.toString() !== read) {
      stale += 1;
      const old = await told.writes(`<!-- by the bot -->\n${read}`);
      if (old) found += 1;
      assert.deepEqual(old?.owners ?? ['ada'], ['ada']);
    }
    for (const step of trace.transactions.slice(at + STEPS_AT_A_TIME, at + 2 * STEPS_AT_A_TIME)) {
      text = changesOf(step, text).text;
    }
    writes += 1;
    const question = await told.writes(text);
    for (const index of question?.restoring ?? []) asked.push(question!.changes[index]!.text);
    told.by(BOT, text);
  }
  assert.equal(writes, STEPS / STEPS_AT_A_TIME / 2);
  assert.deepEqual(asked, []);
  assert.ok(found >= 0.8 * stale, `${found} of ${stale}`);
});
