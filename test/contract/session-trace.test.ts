import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SubmittedOp } from '../../src/core/op.ts';
import { openFile } from '../../src/world/file-feed.ts';
import { batchArguments } from '../../src/world/judge-batch.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { changesOf, loadSequentialTrace } from '../harness/trace-file.ts';
import { whenever, WorldLab } from './world-lab.ts';

const OPS_PER_BATCH = 400;

test('a recorded document goes from client to client, one row for every step', async (t) => {
  const lab = await WorldLab.open(t);
  const writer = await lab.agent();
  const reader = await lab.enter(await lab.join());
  const trace = await loadSequentialTrace('sveltecomponent');
  await writer.create('trace.svelte', trace.startContent);
  await whenever(reader, () => reader.view.fileAt('trace.svelte') !== undefined);
  const { fileId } = reader.view.fileAt('trace.svelte')!;
  const opened = await openFile(reader, fileId);
  let read = opened.text;
  let steps = 0;
  const finished = new Promise<void>((resolve) => {
    opened.feed.onEvent((event) => {
      if (event.tag !== 'committed') return;
      read = read.apply(event.op.changes);
      steps += 1;
      if (steps === trace.transactions.length) resolve();
    });
  });

  const id = (): string => newUuid(Date.now(), systemRandomBytes);
  let text = trace.startContent;
  let version = 1;
  for (let at = 0; at < trace.transactions.length; at += OPS_PER_BATCH) {
    const ops: SubmittedOp[] = [];
    for (const transaction of trace.transactions.slice(at, at + OPS_PER_BATCH)) {
      const next = changesOf(transaction, text);
      text = next.text;
      ops.push({
        opId: id(),
        fileId,
        expectedBaseVersion: ops.length === 0 ? version : 0,
        intent: 'typing',
        author: '',
        carriedFrom: 0,
        overlaps: [],
        rangeHashes: [],
        changes: next.changes,
      });
    }
    const batch = { batchId: id(), extends: 0, ops };
    const opIds = ops.map((op) => op.opId);
    const answer = await writer.session.deliver('apply_file_ops', batchArguments(batch), opIds);
    assert.equal(answer.tag, 'judged');
    version += ops.length;
  }
  await finished;

  assert.equal(read.toString(), trace.endContent);
  assert.equal(opened.feed.head.version, 1 + trace.transactions.length);
  const fresh = (await opened.feed.readHead())!;
  assert.equal(fresh.text.toString(), trace.endContent);
});
