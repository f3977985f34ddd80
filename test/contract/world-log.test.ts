import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Changes } from '../../src/core/change.ts';
import { LineBuffer } from '../../src/core/line-buffer.ts';
import { LogVerifier } from '../../src/core/verify-log.ts';
import { nativeHash } from '../../src/world/native-hash.ts';
import { opRecordOf } from '../../src/world/world-rows.ts';
import { type Actor, newId, newOp, textOf, WorldStage } from '../harness/world-stage.ts';

let stage: WorldStage;
let ann: Actor;
let bob: Actor;

before(async () => {
  stage = await WorldStage.open();
  ann = await stage.join('Ann');
  bob = await stage.join('Bob');
});

after(() => stage.close());

test('the log of a world, replayed where only the log is, gives its content, hashes and chain', async () => {
  const one = await ann.createFile('one.txt', 'one\ntwo\nthree\n');
  const two = await bob.createFile('two.txt', '');
  for (let round = 1; round <= 10; round++) {
    const { version } = ann.head(one);
    await ann.send([
      newOp(one, version, insert(0, 0, `${round} `)),
      newOp(one, 0, insert(1, 0, '😀')),
    ]);
    await bob.edit(one, version, insert(2, 0, '- '));
    await bob.edit(two, round, insert(0, 0, 'line\n'));
  }
  await bob.edit(one, 1, [{ ...insert(0, 0, 'X')[0]!, endCharacter: 3 }]);
  await ann.mustCall('checkpoint_file', { fileId: one });
  const removal = { opId: newId(), author: '', fileId: two, expectedBaseVersion: 11 };
  await bob.mustCall('delete_file', removal);

  const [head] = bob.rows('log_head');
  const parts = new Map(bob.rows('content_chunk').map((row) => [row.hash, row]));
  const verifier = new LogVerifier(nativeHash, (key) => parts.get(key));
  const ops = bob.rows('file_op').sort((a, b) => a.opSeq - b.opSeq);
  for (const op of ops) assert.equal(verifier.add(opRecordOf(op)), undefined);
  assert.equal(verifier.finish(head), undefined);
  for (const file of verifier.files()) {
    assert.deepEqual(file.contentHash, bob.head(file.fileId).contentHash);
    assert.ok(file.content instanceof LineBuffer);
    assert.equal(file.content.toString(), textOf(bob, file.fileId));
  }
});

function insert(line: number, character: number, text: string): Changes {
  const place = { startLine: line, startCharacter: character, endLine: line };
  return [{ ...place, endCharacter: character, text }];
}
