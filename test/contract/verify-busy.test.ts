import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { bundle, WorldLab } from './world-lab.ts';

test('a world verifies while others write in it and disagree', async (t) => {
  const lab = await WorldLab.open(t);
  const [one, other] = [await lab.agent({ kind: 'human' }), await lab.agent()];
  const names = Array.from({ length: 12 }, (_, index) => `${index}.txt`);
  for (const name of names) await one.create(name, 'one\ntwo\nthree\n');
  for (const name of names) {
    await one.read(name);
    await other.read(name);
  }
  const ending = new AbortController();
  const write = async (agent: typeof one, text: string): Promise<void> => {
    for (let turn = 0; !ending.signal.aborted; turn++) {
      const name = names[turn % names.length]!;
      const place = { startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 3 };
      await agent.edit(name, [{ ...place, text }]);
      if (turn % 5 === 0) await agent.read(name);
    }
  };
  const session = await lab.enter(lab.owner);
  const writing = [write(one, 'ONE'), write(other, 'two')];
  const worlds = new WorldList(lab.folder);
  const world = { server: 'lab', database: lab.database };
  try {
    for (let round = 0; round < 4; round++) {
      const verdict = await verifyWorld({ session, world, worlds, bundle });
      assert.equal(verdict.tag, 'verified', JSON.stringify(verdict));
      const now = await readHeadSeq(await session.whenOnline());
      assert.ok(verdict.tag === 'verified' && now > verdict.ops, 'the world went on meanwhile');
    }
  } finally {
    ending.abort();
    await Promise.all(writing);
  }
  assert.ok(session.view.tickets.size > 0, 'they disagreed');
});
