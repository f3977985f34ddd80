import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Changes, replace } from '../../src/core/change.ts';
import type { Text } from '../../src/core/text.ts';
import { openFile } from '../../src/world/file-feed.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { TraceClient } from '../harness/trace-client.ts';
import { loadConcurrentTrace, type ConcurrentTransaction } from '../harness/trace-file.ts';
import { whenever, WorldLab } from './world-lab.ts';

/** How many transactions of each author something was made on top of. */
type Frontier = readonly [number, number];

test('two authors’ recorded session goes through the world and ends as it was recorded', async (t) => {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const settings = { policyMode: 'last_write_wins', lockPolicy: 'enforce', limits: '' };
  assert.equal((await owner.call('set_policy', settings)).tag, 'done');
  const writer = await lab.agent();
  await writer.create('friends.txt', '');
  const [first, second] = await Promise.all([openClient(lab), openClient(lab)]);
  const trace = await loadConcurrentTrace('friendsforever');

  // The recording puts the first author's text first where both typed at one place. So the second's
  // transactions are sent only when the first author saw them.
  const frontiers: Frontier[] = [];
  for (const transaction of trace.transactions) {
    const { agent } = transaction;
    const seen = frontierOf(transaction, frontiers);
    const [me, other] = agent === 0 ? [first, second] : [second, first];
    const wanted = seen[1 - agent]!;
    if (other.hasUnsent(wanted)) {
      await first.send(Number.POSITIVE_INFINITY);
      await other.send(wanted);
    }
    await showUpTo(me, other, wanted);
    me.type(changesOf(transaction, me.text));
    frontiers.push(agent === 0 ? [seen[0] + 1, seen[1]] : [seen[0], seen[1] + 1]);
  }
  await first.send(Number.POSITIVE_INFINITY);
  await second.send(Number.POSITIVE_INFINITY);
  const version = Math.max(first.version, second.version);
  for (const client of [first, second]) {
    await client.until(() => client.version === version);
    client.see(() => true);
    assert.equal(client.text.toString(), trace.endContent);
  }
  const head = await (
    await openFile(owner, owner.view.fileAt('friends.txt')!.fileId)
  ).feed.readHead();
  assert.equal(head?.text.toString(), trace.endContent);
  const { overlaps } = second;
  assert.ok(overlaps.byLine >= overlaps.byCharacter && overlaps.byLine > 0);
  t.diagnostic(
    `${version - 1} ops; pairs of ops, neither made on the other, that overlap: ` +
      `${overlaps.byCharacter} by character, ${overlaps.byLine} by line`,
  );
});

async function openClient(lab: WorldLab): Promise<TraceClient> {
  const session = await lab.enter(await lab.join());
  await whenever(session, () => session.view.fileAt('friends.txt') !== undefined);
  const opened = await openFile(session, session.view.fileAt('friends.txt')!.fileId);
  const client = new TraceClient(opened, () => newUuid(Date.now(), systemRandomBytes));
  await client.until(() => opened.feed.isConnected);
  return client;
}

function frontierOf({ parents }: ConcurrentTransaction, frontiers: readonly Frontier[]): Frontier {
  const seen = parents.map((parent) => frontiers[parent]!);
  return [
    Math.max(0, ...seen.map((frontier) => frontier[0])),
    Math.max(0, ...seen.map((frontier) => frontier[1])),
  ];
}

/** Shows an author the other's first transactions, so many and no more. */
async function showUpTo(me: TraceClient, other: TraceClient, count: number): Promise<void> {
  const last = other.opIds[count - 1];
  if (last === undefined) return;
  await me.until(() => me.hasArrived(last));
  me.see((opId) => (other.placeOf(opId) ?? count) < count);
}

/** A transaction's patch as changes of the text that its author saw. */
function changesOf({ patches }: ConcurrentTransaction, text: Text): Changes {
  assert.equal(patches.length, 1);
  const { position, deletedCount, inserted } = patches[0]!;
  return [replace(placeOf(text, position), placeOf(text, position + deletedCount), inserted)];
}

function placeOf(text: Text, offset: number): { line: number; character: number } {
  let line = 0;
  let left = offset;
  for (const content of text.lines()) {
    if (left <= content.length) return { line, character: left };
    left -= content.length + 1;
    line++;
  }
  throw new RangeError(`the text ends before ${offset}`);
}
