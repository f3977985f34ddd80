// A world that asks for review takes the mark of an export only where nobody's work waits to be looked at.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNREVIEWED_AGENTS, UNREVIEWED_FILES } from '../../../src/core/git-point.ts';
import { assertSameWorld, forged, restored } from './imported-world.ts';
import { markExport, markPoint, newestOf, review, reviewing, unreviewed } from './review-kit.ts';
import { insert, TestWorld } from './test-world.ts';

async function scene() {
  const world = await TestWorld.create();
  const robot = world.join('robot', { kind: 'agent', capabilities: ['edit', 'export'] });
  const ann = world.join('ann', { capabilities: ['edit', 'export'] });
  const ownerBot = world.join('owner bot', { kind: 'agent', role: 'owner' });
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\nthree\n');
  return { world, robot, ann, ownerBot, fileId };
}

test('an owner who is a person says what an export needs', async () => {
  const { world, ann, ownerBot } = await scene();
  const rule = { rule: 'reviewed' };
  assert.equal(world.call(ownerBot, 'set_export_rule', rule).code, 'forbidden');
  assert.equal(world.call(ann, 'set_export_rule', rule).code, 'forbidden');
  assert.equal(world.call(world.owner, 'set_export_rule', { rule: 'none' }).code, 'bad_request');
  assert.deepEqual(world.rows('export_rule'), []);
  world.mustCall(world.owner, 'set_export_rule', rule);
  assert.deepEqual(world.rows('export_rule'), [{ id: 1, ...rule }]);
  const copy = await restored(world, () => true);
  assertSameWorld(copy, world);
  assert.deepEqual(copy.rows('export_rule'), [{ id: 1, ...rule }]);
  world.mustCall(world.owner, 'set_export_rule', { rule: 'any' });
  assertSameWorld(await restored(world, () => true), world);
});

test('a forged rule of exports is refused', async () => {
  const { world } = await scene();
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  const opSeq = world.rows('file_op').at(-1)!.opSeq;
  const log = forged(world, opSeq, (payload) => payload.replace('"reviewed"', '"perhaps"'));
  const copy = await TestWorld.published();
  assert.equal(copy.call(copy.owner, 'import_log', log).code, 'bad_log');
});

test('work of agents up to an export’s end is to be looked at first, where the world asks for it', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(ann, fileId, 1, insert(0, 0, 'ann '));
  world.edit(robot, fileId, 2, insert(1, 0, 'robot '));
  const upTo = newestOf(world, fileId);
  assert.equal(markExport(world, ann, { upTo }).code, 'ok', 'nobody asks');
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  for (const who of [world.owner, ann, robot]) {
    const state = world.stateHash();
    const { code, message } = markExport(world, who, { upTo });
    assert.equal(code, 'unreviewed');
    assert.match(message, new RegExp(`{"fileIds":\\[${fileId}\\]}`));
    assert.equal(world.stateHash(), state);
  }
  assert.equal(markExport(world, ann, { upTo: upTo - 1 }).code, 'ok', 'the work came after that');
  const base = { kind: 'base', folder: '', autoLineEnds: 'false', commit: 'ab'.repeat(20), upTo };
  assert.equal(markPoint(world, ann, base).code, 'ok', 'what comes in is no export');
  world.mustCall(
    ann,
    'review_files',
    reviewing(world, [review(world, fileId, { upTo: newestOf(world, fileId) })]),
  );
  assert.equal(markExport(world, ann, { upTo }).code, 'ok');
  world.edit(robot, fileId, 3, insert(1, 0, 'later '));
  assert.equal(
    markExport(world, ann, { upTo }).code,
    'ok',
    'an agent that goes on holds nothing up',
  );
  assert.equal(markExport(world, ann, { upTo: newestOf(world, fileId) }).code, 'unreviewed');
});

test('of a file in which a part was looked at only what is left counts, whatever people did between', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(1, 0, 'robot '));
  const seen = newestOf(world, fileId);
  world.mustCall(ann, 'set_file_mode', {
    opId: world.nextId(),
    author: '',
    fileId,
    expectedBaseVersion: 2,
    mode: 'executable',
    eol: 'lf',
    bom: false,
  });
  const ended = newestOf(world, fileId);
  world.edit(robot, fileId, 2, insert(2, 0, 'later '));
  const later = newestOf(world, fileId);
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  const part = { seenSeq: later, lines: [{ firstLine: 1, lastLine: 1 }], upTo: seen };
  world.mustCall(ann, 'review_files', reviewing(world, [review(world, fileId, part)]));
  assert.equal(unreviewed(world)[0]!.sinceSeq, seen);
  assert.equal(markExport(world, ann, { upTo: seen }).code, 'ok');
  assert.equal(markExport(world, ann, { upTo: later }).code, 'unreviewed');
  // A person's op behind what was decided may be part of what is left: the client says that it is not.
  assert.equal(markExport(world, ann, { upTo: ended }).code, 'unreviewed');
  const none = { seenSeq: newestOf(world, fileId), lines: [], upTo: ended };
  world.mustCall(ann, 'review_files', reviewing(world, [review(world, fileId, none)]));
  // It was said of a newer text: in the older one something may be left.
  assert.equal(markExport(world, ann, { upTo: ended }).code, 'head_moved');
  assertSameWorld(await restored(world, () => true), world);
});

test('an older text is not exported from which somebody took back agents’ work since', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(1, 0, 'x'));
  const upTo = newestOf(world, fileId);
  const taken = review(world, fileId, { does: 'take', upTo });
  const changes = [{ startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 1, text: '' }];
  const back = { kind: 'edit', fileId, expectedBaseVersion: 2, changes };
  world.mustCall(ann, 'review_files', reviewing(world, [taken], back));
  assert.deepEqual(unreviewed(world), []);
  assert.equal(markExport(world, ann, { upTo }).code, 'ok', 'nobody asks');
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  assert.equal(markExport(world, ann, { upTo }).code, 'head_moved');
  assert.equal(markExport(world, ann, { upTo: newestOf(world, fileId) }).code, 'ok');
  const found = { changes: 1, files: 1, fileIds: [fileId], by: [robot], isAllowed: true };
  assert.equal(markExport(world, world.owner, { upTo, unreviewed: found }).code, 'ok');
});

test('an older text that somebody cleaned up by hand since is not exported as one in which nothing is left', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(1, 0, 'x'));
  const upTo = newestOf(world, fileId);
  world.edit(ann, fileId, 2, [
    { startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 1, text: '' },
  ]);
  const cleaned = newestOf(world, fileId);
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  const nothing = review(world, fileId, { lines: [], upTo: cleaned });
  world.mustCall(ann, 'review_files', reviewing(world, [nothing]));
  for (const who of [ann, robot]) {
    assert.equal(markExport(world, who, { upTo }).code, 'head_moved');
    assert.equal(markExport(world, who, { upTo: cleaned }).code, 'ok');
  }
});

test('an agent exports no older text of a file that changed before somebody kept what is there', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(1, 0, 'x'));
  const upTo = newestOf(world, fileId);
  world.edit(robot, fileId, 2, insert(2, 0, 'y'));
  const newest = newestOf(world, fileId);
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  world.mustCall(ann, 'review_files', reviewing(world, [review(world, fileId, { upTo: newest })]));
  assert.equal(markExport(world, robot, { upTo }).code, 'head_moved');
  assert.equal(markExport(world, robot, { upTo: newest }).code, 'ok');
  assert.equal(markExport(world, ann, { upTo }).code, 'ok');
});

test('a take that changed nothing holds no export up', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(1, 0, 'x'));
  const upTo = newestOf(world, fileId);
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  const taken = review(world, fileId, { does: 'take', upTo });
  world.mustCall(ann, 'review_files', reviewing(world, [taken]));
  assert.equal(markExport(world, ann, { upTo }).code, 'ok');
});

test('who looked and found that nothing is left says so, and has reviewed nothing', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(1, 0, 'x'));
  world.edit(ann, fileId, 2, [
    { startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 1, text: '' },
  ]);
  const upTo = newestOf(world, fileId);
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  assert.equal(markExport(world, ann, { upTo }).code, 'unreviewed');
  const nothing = (does: string) => review(world, fileId, { does, lines: [], upTo });
  const by = (who: string, does: string) =>
    world.call(who, 'review_files', reviewing(world, [nothing(does)])).code;
  assert.equal(by(robot, 'keep'), 'forbidden', 'what an agent says of agents’ work counts nothing');
  assert.equal(by(ann, 'take'), 'bad_request');
  assert.equal(by(ann, 'keep'), 'ok');
  assert.deepEqual(unreviewed(world), []);
  assert.equal(markExport(world, robot, { upTo }).code, 'ok');
  const op = world.rows('file_op').find(({ payload }) => payload.includes('"review"'))!;
  assert.match(op.payload, /"text":"saw that nothing is left of what agents did"/);
  assertSameWorld(await restored(world, () => true), world);
});

test('an owner who is a person exports it all the same by saying so', async () => {
  const { world, robot, ann, ownerBot, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(1, 0, 'robot '));
  const upTo = newestOf(world, fileId);
  const found = { changes: 1, files: 1, fileIds: [fileId], by: [robot] };
  assert.equal(markExport(world, ann, { upTo, unreviewed: found }).code, 'ok', 'nobody asks');
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  const facts = markExport(world, world.owner, { upTo, unreviewed: found });
  assert.equal(facts.code, 'unreviewed', 'to know of it is not to allow it');
  const allowed = { upTo, unreviewed: { ...found, isAllowed: true } };
  for (const who of [ann, robot, ownerBot]) {
    assert.equal(markExport(world, who, allowed).code, 'forbidden');
  }
  assert.equal(markExport(world, world.owner, allowed).code, 'ok');
  assertSameWorld(await restored(world, () => true), world);
});

test('what an export says of work that nobody looked at is short, and nothing else', async () => {
  const { world, robot, fileId } = await scene();
  const found = { changes: 1, files: 1, fileIds: [fileId], by: [robot] };
  const many = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  for (const bad of [
    { changes: 0 },
    { files: -1 },
    { files: undefined },
    { fileIds: many(UNREVIEWED_FILES + 1) },
    { fileIds: [1, 1] },
    { by: many(UNREVIEWED_AGENTS + 1).map((each) => each.toString().padStart(64, '0')) },
    { by: ['robot'] },
    { isAllowed: false },
    { more: 1 },
  ]) {
    const { code } = markExport(world, world.owner, { unreviewed: { ...found, ...bad } });
    assert.equal(code, 'bad_request', JSON.stringify(bad));
  }
  assert.equal(markExport(world, world.owner, { unreviewed: found }).code, 'ok');
});
