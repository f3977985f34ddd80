import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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
  assert.equal(await next.newResult(made), undefined, 'it begins with the conflict');
  fs.writeFileSync(made.output, 'slow\r\n');
  assert.equal(await next.newResult(made), undefined, 'nothing was made of it yet');
  fs.writeFileSync(made.output, 'sly and slow\r\n');
  assert.equal(await next.newResult(made), 'sly and slow\n');
  const half = '<<<<<<<\nsly, and more\n=======\nslow\n>>>>>>>\n';
  fs.writeFileSync(made.output, half);
  assert.equal(await next.newResult(made), half, 'what is half done was written all the same');
  fs.rmSync(made.output);
  assert.equal(await next.newResult(made), undefined);
  // Whatever is in the way of reading it, it is not taken for nothing.
  fs.mkdirSync(made.output);
  await assert.rejects(next.newResult(made));
  await next.remove(made);
  assert.deepEqual(await next.of('world'), []);
  assert.equal(await next.textOf(made.name, 'now'), '');
});

test('a merge that is open in one window outlives that another one is done with it', async (context) => {
  const scratch = newScratch(context);
  const kept = new KeptMerges(scratch);
  const made = await kept.begin(recordOf('ticket-7'));
  const other = await openInProcess(context, scratch);
  assert.equal(await kept.isOpenElsewhere(made), true);
  await kept.open(made);
  await kept.remove(made);
  assert.deepEqual(await kept.of('world'), [made]);
  for (let count = 0; count < 20; count++) await kept.begin(recordOf(`ticket-${count}`));
  assert.equal(await kept.textOf(made.name, 'now'), 'slow\n');

  other.kill('SIGKILL');
  await once(other, 'exit');
  assert.equal(await kept.isOpenElsewhere(made), false, 'whoever is killed takes no mark away');
  await kept.remove(made);
  assert.equal(await kept.textOf(made.name, 'now'), '');
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

/** Another window: the merges of the world are open in its process. */
async function openInProcess(context: TestContext, scratch: string): Promise<ChildProcess> {
  const from = new URL('../../../src/views/conflicts/kept-merges.ts', import.meta.url);
  const script = `
    import { KeptMerges } from ${JSON.stringify(from.href)};
    const kept = new KeptMerges(${JSON.stringify(scratch)});
    for (const merge of await kept.of('world')) await kept.open(merge);
    console.log('open');
    process.stdin.resume();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

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
