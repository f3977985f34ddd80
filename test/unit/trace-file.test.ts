import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConcurrentTrace, SequentialTraceName } from '../harness/trace-file.ts';
import { applyPatches, loadConcurrentTrace, loadSequentialTrace } from '../harness/trace-file.ts';

const sequentialTraces: readonly (readonly [
  name: SequentialTraceName,
  transactions: number,
  endCharacters: number,
])[] = [
  ['automerge-paper', 259_778, 104_852],
  ['seph-blog1', 137_154, 56_769],
  ['sveltecomponent', 18_335, 18_451],
];

for (const [name, transactionCount, endCharacters] of sequentialTraces) {
  test(`the trace ${name} is read whole`, async () => {
    const trace = await loadSequentialTrace(name);
    assert.equal(trace.transactions.length, transactionCount);
    assert.equal(trace.endContent.length, endCharacters);
  });
}

test('folding a trace with several patches a transaction gives the text its author ended with', async () => {
  const trace = await loadSequentialTrace('sveltecomponent');
  const folded = trace.transactions.reduce(
    (text, { patches }) => applyPatches(text, patches),
    trace.startContent,
  );
  assert.equal(folded, trace.endContent);
});

test('the concurrent trace names only earlier transactions as parents', async () => {
  const trace = await loadConcurrentTrace('friendsforever');
  assert.equal(trace.transactions.length, 26_078);
  assert.equal(trace.agentCount, 2);
  for (const [index, { parents, agent }] of trace.transactions.entries()) {
    assert.ok(
      parents.every((parent) => parent < index),
      `parents of transaction ${index}`,
    );
    assert.ok(agent >= 0 && agent < trace.agentCount, `agent of transaction ${index}`);
  }
});

test('both authors of the concurrent trace write while the other does', async () => {
  const trace = await loadConcurrentTrace('friendsforever');
  assert.ok(forkCount(trace) > 0, 'no transaction was made beside another');
});

function forkCount(trace: ConcurrentTrace): number {
  return trace.transactions.filter(
    ({ parents }, index) => index > 0 && !parents.includes(index - 1),
  ).length;
}
