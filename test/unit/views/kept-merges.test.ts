import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { KeptMerges, type MergeRecord } from '../../../src/views/conflicts/kept-merges.ts';

const SIDES = { base: 'quick\n', proposed: 'sly\n', now: 'slow\n' };

test('a merge is there for the next window, with its sides and what was saved of it', async (context) => {
  const scratch = newScratch(context);
  const made = await new KeptMerges(scratch).begin(recordOf('ticket-7'));
  const next = new KeptMerges(scratch);
  assert.deepEqual(await next.of('world'), [made]);
  assert.deepEqual(await next.of('another world'), []);
  assert.equal(await next.textOf(made.name, 'now'), 'slow\n');
  assert.equal(await next.savedResult(made), undefined, 'it begins with the conflict');
  fs.writeFileSync(made.output, 'sly and slow\r\n');
  assert.equal(await next.savedResult(made), 'sly and slow\n');
  await next.remove(made);
  assert.deepEqual(await next.of('world'), []);
  assert.equal(await next.textOf(made.name, 'now'), '');
});

test('a record that a crash cut short is none, and merges are bounded', async (context) => {
  const scratch = newScratch(context);
  const kept = new KeptMerges(scratch);
  const cut = await kept.begin(recordOf('ticket-1'));
  fs.writeFileSync(path.join(scratch, cut.name, '.merge.json'), '{"database": "wor');
  assert.deepEqual(await kept.of('world'), []);
  for (let count = 0; count < 20; count++) await kept.begin(recordOf(`ticket-${count}`));
  assert.ok(fs.readdirSync(scratch).length <= 16);
});

function recordOf(refusedId: string): MergeRecord {
  return {
    database: 'world',
    refusedId,
    file: 'docs/fox.md',
    headVersion: 3,
    isAgain: false,
    sides: SIDES,
  };
}

function newScratch(context: TestContext): string {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-merges-'));
  context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  return scratch;
}
