import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Actor, newId, WorldStage } from '../harness/world-stage.ts';

let stage: WorldStage;
let ann: Actor;
let robot: Actor;
let viewer: Actor;

before(async () => {
  stage = await WorldStage.open({ limits: '{"noteLength":20,"locksPerMember":2}' });
  ann = await stage.join('Ann');
  robot = await stage.join('Robot', { kind: 'agent' });
  viewer = await stage.join('Vera', { role: 'viewer', capabilities: [] });
});

after(() => stage.close());

test('a message reaches its reader and is in the history', async () => {
  const args = { opId: newId(), kind: 'message', to: ann.identity, text: 'Line 3 is mine?' };
  const { outcomes } = await robot.mustCall('add_note', args);
  const noteId = outcomes[0]!.opSeq;
  await ann.until(() => ann.rows('note').some((note) => note.noteId === noteId));
  const note = ann.rows('note').find((row) => row.noteId === noteId)!;
  assert.equal(note.author.toHexString(), robot.identity);
  assert.equal(note.to?.toHexString(), ann.identity);
  const op = ann.rows('file_op').find((row) => row.opSeq === noteId)!;
  assert.equal(op.kind, 'note');
  assert.deepEqual(JSON.parse(op.payload), {
    note: 'message',
    text: 'Line 3 is mine?',
    to: ann.identity,
  });
  assert.deepEqual(note.madeAt, op.madeAt);
});

test('a note that is sent again is the same note', async () => {
  const args = { opId: newId(), kind: 'message', to: '', text: 'to all' };
  const first = await viewer.mustCall('add_note', args);
  const again = await viewer.mustCall('add_note', args);
  assert.equal(again.outcomes[0]!.opSeq, first.outcomes[0]!.opSeq);
  assert.equal(again.outcomes[0]!.outcome, 'duplicate');
  const reused = await viewer.call('add_note', { ...args, text: 'something else' });
  assert.equal(reused.code, 'op_id_reused');
});

test('who may write names a point of the history; who only reads may not', async () => {
  const args = { opId: newId(), kind: 'checkpoint', to: '', text: 'before the move' };
  await ann.mustCall('add_note', args);
  const refused = await viewer.call('add_note', { ...args, opId: newId() });
  assert.equal(refused.code, 'forbidden');
});

test('a note that is none is refused and leaves nothing', async () => {
  await stage.caughtUp();
  const before = stage.owner.rows('note').length;
  const bad = {
    bad_request: [
      { kind: 'shout' },
      { text: '  ' },
      { to: 'nobody' },
      { kind: 'checkpoint', to: ann.identity },
      { opId: 'mine' },
    ],
    bad_text: [{ text: 'a\0b' }],
    too_large: [{ text: 'x'.repeat(21) }],
    no_such_member: [{ to: 'ab'.repeat(32) }],
  };
  for (const [code, variants] of Object.entries(bad)) {
    for (const variant of variants) {
      const args = { opId: newId(), kind: 'message', to: '', text: 'well', ...variant };
      const result = await ann.call('add_note', args);
      assert.equal(result.code, code, JSON.stringify(variant));
    }
  }
  await stage.caughtUp();
  assert.equal(stage.owner.rows('note').length, before);
});

test('an owner gives the world another name; nobody else does', async () => {
  await stage.owner.mustCall('rename_world', { name: 'New name' });
  await ann.until(() => ann.rows('workspace')[0]?.name === 'New name');
  assert.equal((await ann.call('rename_world', { name: 'Mine' })).code, 'forbidden');
  const { code } = await stage.owner.call('rename_world', { name: 'two\nlines' });
  assert.equal(code, 'bad_request');
});

test('claims are counted over all files of the world', async () => {
  const claim = async (name: string) => {
    const fileId = await ann.createFile(name, 'one\ntwo\n');
    const lines = { firstLine: 0, lastLine: 0, reason: '', durationMs: 60_000 };
    return (
      await ann.call('acquire_soft_lock', { requestId: newId(), fileId, version: 1, ...lines })
    ).code;
  };
  const codes = [await claim('a.txt'), await claim('b.txt'), await claim('c.txt')];
  assert.deepEqual(codes, ['ok', 'ok', 'too_many']);
});
