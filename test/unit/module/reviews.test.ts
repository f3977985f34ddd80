// What agents did is to be looked at, until a person has kept it or taken it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../src/core/limits.ts';
import { readPayload } from '../../../src/core/op-payload.ts';
import { opensReview, REVIEW_FILES, REVIEW_TOLD } from '../../../src/core/review.ts';
import { fileHeadOf } from '../../../src/world/world-rows.ts';
import { decisionOf } from './random-steps.ts';
import { assertSameWorld, forged, restored } from './imported-world.ts';
import { newestOf, review, reviewing, unreviewed } from './review-kit.ts';
import { reviewOf } from './review-ledger.ts';
import { change, insert, TestWorld } from './test-world.ts';

async function scene() {
  const world = await TestWorld.create();
  const robot = world.join('robot', { kind: 'agent' });
  const ann = world.join('ann');
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\nthree\n');
  return { world, robot, ann, fileId };
}

test('a file has something to look at from the first thing that an agent does to it', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(ann, fileId, 1, insert(0, 0, 'ann '));
  assert.deepEqual(unreviewed(world), [], 'people’s work is nobody’s to review');
  world.edit(robot, fileId, 2, insert(1, 0, 'robot '));
  const first = newestOf(world, fileId);
  const since = { fileId, sinceSeq: first - 1, sinceVersion: 2, changedSeq: first };
  assert.deepEqual(unreviewed(world), [since]);
  world.edit(robot, fileId, 3, insert(1, 0, 'again '));
  world.edit(ann, fileId, 4, insert(2, 0, 'ann '));
  assert.deepEqual(unreviewed(world), [since], 'one row, which no key writes anew');
  const marked = world.rows('file_op').filter(opensReview);
  assert.deepEqual(
    marked.map(({ opSeq, payload }) => [opSeq, payload]),
    [[first, '{"unreviewed":true}']],
  );
  const made = world.createFile(robot, 'made.txt', 'new\n');
  assert.deepEqual(
    unreviewed(world).map((row) => [row.fileId, row.sinceSeq, row.sinceVersion]),
    [
      [fileId, first - 1, 2],
      [made, made - 1, 0],
    ],
  );
  assertSameWorld(await restored(world, () => true), world);
});

test('whatever an agent does to a file counts, and what it does by a person’s decision does not', async () => {
  const { world, robot, ann } = await scene();
  const file = () => world.createFile(world.owner, `${world.nextId()}.txt`, 'one\ntwo\n');
  const on = (fileId: number) => {
    return { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
  };
  const [moved, gone, shaped, whole, proposed] = [file(), file(), file(), file(), file()];
  const fromPath = world.headOf(moved).path;
  world.mustCall(robot, 'rename_file', { ...on(moved), fromPath, path: 'moved.txt' });
  world.mustCall(robot, 'delete_file', on(gone));
  world.mustCall(robot, 'set_file_mode', {
    ...on(shaped),
    mode: 'executable',
    eol: 'lf',
    bom: true,
  });
  const { content } = world.newFile('', 'whole\n');
  world.mustCall(robot, 'replace_content', { ...on(whole), content });
  world.edit(ann, proposed, 1, [change(0, 0, 0, 3, 'ann')]);
  world.edit(robot, proposed, 1, [change(0, 0, 0, 3, 'robot')]);
  const [ticket] = world.rows('conflict_ticket');
  world.mustCall(ann, 'resolve_ticket', decisionOf(world, ticket!, 'rebase'));
  assert.equal(world.text(proposed), 'robot\ntwo\n');
  assert.deepEqual(
    unreviewed(world).map(({ fileId, sinceVersion }) => [fileId, sinceVersion]),
    [moved, gone, shaped, whole].map((fileId) => [fileId, 1]),
  );
  const mode = world.rows('file_op').findLast(({ kind }) => kind === 'mode')!;
  const { before } = JSON.parse(mode.payload) as { before: unknown };
  assert.deepEqual(before, { mode: 'regular', eol: 'lf', bom: false }, 'what it was can come back');
  assertSameWorld(await restored(world, () => true), world);
});

test('a person keeps lines, and says when nothing is left', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(0, 0, 'x'));
  const first = newestOf(world, fileId);
  world.edit(robot, fileId, 2, insert(2, 0, 'y'));
  const lines = [{ firstLine: 0, lastLine: 0 }];
  const some = review(world, fileId, { lines, agent: robot, upTo: first, words: 'good' });
  world.mustCall(ann, 'review_files', reviewing(world, [some]));
  const kept = world.rows('file_op').at(-1)!;
  assert.deepEqual([kept.kind, kept.fileId, kept.version], ['note', fileId, 3]);
  assert.equal(kept.author.toHexString(), ann);
  assert.deepEqual(readPayload('note', kept.payload).review, {
    does: 'keep',
    seenSeq: first + 1,
    version: 3,
    lines: [[0, 0]],
    whole: [],
    agent: robot,
    upTo: first,
    words: 'good',
  });
  assert.deepEqual(unreviewed(world), [
    { fileId, sinceSeq: first, sinceVersion: 2, changedSeq: kept.opSeq },
  ]);
  assert.deepEqual(world.rows('note'), [], 'clients of 0.1.0 are shown no decisions as messages');
  const rest = review(world, fileId, { upTo: kept.opSeq });
  world.mustCall(ann, 'review_files', reviewing(world, [rest]));
  assert.deepEqual(unreviewed(world), []);
  assertSameWorld(await restored(world, () => true), world);
  world.edit(robot, fileId, 3, insert(1, 0, 'z'));
  assert.equal(unreviewed(world).length, 1, 'what an agent writes later is to be looked at again');
});

test('what comes while somebody decides stays to be looked at', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(0, 0, 'x'));
  const seenSeq = newestOf(world, fileId);
  const all = { seenSeq, upTo: seenSeq };
  world.edit(ann, fileId, 2, insert(1, 0, 'ann '));
  world.edit(robot, fileId, 3, insert(2, 0, 'y'));
  world.mustCall(ann, 'review_files', reviewing(world, [review(world, fileId, all)]));
  assert.deepEqual(
    unreviewed(world).map((row) => [row.sinceSeq, row.sinceVersion]),
    [[seenSeq, 2]],
  );
  const next = { seenSeq: newestOf(world, fileId), upTo: newestOf(world, fileId) };
  world.edit(ann, fileId, 4, insert(1, 0, 'more '));
  world.mustCall(ann, 'review_files', reviewing(world, [review(world, fileId, next)]));
  assert.deepEqual(unreviewed(world), [], 'what people write meanwhile is nobody’s to look at');
  assertSameWorld(await restored(world, () => true), world);
});

test('taking back is an edit of the person’s, with its decision, all of it or nothing', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, [change(0, 0, 0, 3, 'ROBOT')]);
  const made = world.createFile(robot, 'made.txt', 'new\n');
  const takes = () => [
    review(world, fileId, { does: 'take', upTo: newestOf(world, fileId), words: 'not like this' }),
    review(world, made, { does: 'take', whole: ['created'], upTo: made }),
  ];
  const back = { kind: 'edit', fileId, changes: [change(0, 0, 0, 5, 'one')] };
  const remove = { kind: 'delete', fileId: made, expectedBaseVersion: 1 };
  const reviews = takes();
  world.edit(ann, fileId, 2, [change(0, 0, 0, 5, 'ANN')]);
  const before = world.stateHash();
  const late = reviewing(world, reviews, { ...back, expectedBaseVersion: 2 }, remove);
  assert.equal(world.call(ann, 'review_files', late).code, 'head_moved');
  assert.equal(world.stateHash(), before, 'nothing of it is done');
  const again = { ...back, changes: [change(0, 0, 0, 3, 'one')], expectedBaseVersion: 3 };
  const call = reviewing(world, takes(), again, remove);
  const result = world.mustCall(ann, 'review_files', call);
  assert.deepEqual(
    result.inserted('op_outcome').map(({ outcome }) => outcome),
    ['applied', 'applied', 'applied', 'applied'],
  );
  assert.equal(world.text(fileId), 'one\ntwo\nthree\n');
  assert.equal(world.headOf(made).deleted, true);
  assert.deepEqual(unreviewed(world), []);
  const [told] = world.mustCall(ann, 'review_files', call).inserted('op_outcome');
  assert.equal(told!.outcome, 'duplicate', 'the same call again is told what became of it');
  assertSameWorld(await restored(world, () => true), world);
});

test('agents are told by the call that decides: of both or of neither', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(0, 0, 'x'));
  const call = (...told: readonly { to: string; text: string }[]) => {
    const more = told.map((each) => ({ opId: world.nextId(), ...each }));
    return { ...reviewing(world, [review(world, fileId)]), told: more };
  };
  const code = (args: ReturnType<typeof call>): string =>
    world.call(ann, 'review_and_tell', args).code;
  const before = world.stateHash();
  const long = 'x'.repeat(DEFAULT_LIMITS.noteLength + 1);
  assert.equal(code(call({ to: robot, text: long })), 'too_large');
  assert.equal(code(call({ to: 'f'.repeat(64), text: 'hi' })), 'no_such_member');
  assert.equal(code(call({ to: '', text: 'hi' })), 'bad_request');
  assert.equal(code(call({ to: robot, text: 'a' }, { to: robot, text: 'b' })), 'bad_request');
  const many = Array.from({ length: REVIEW_TOLD + 1 }, () => ({ to: robot, text: 'hi' }));
  assert.equal(code(call(...many)), 'too_many');
  assert.equal(world.stateHash(), before, 'nothing is decided');
  const good = call({ to: robot, text: 'Leave this line alone.' });
  const result = world.mustCall(ann, 'review_and_tell', good);
  assert.equal(result.inserted('op_outcome').length, 2);
  const notes = world.rows('note').map(({ kind, text }) => [kind, text]);
  assert.deepEqual(notes.at(-1), ['message', 'Leave this line alone.']);
  const [told] = world.mustCall(ann, 'review_and_tell', good).inserted('op_outcome');
  assert.equal(told!.outcome, 'duplicate');
  assert.equal(world.rows('note').length, notes.length);
  assertSameWorld(await restored(world, () => true), world);
});

test('only people decide, and only what is there to look at, as it is now', async () => {
  const { world, robot, ann, fileId } = await scene();
  const code = (who: string, more: object) =>
    world.call(who, 'review_files', reviewing(world, [review(world, fileId, more)])).code;
  assert.equal(code(ann, {}), 'already_resolved');
  world.edit(robot, fileId, 1, insert(0, 0, 'x'));
  assert.equal(code(robot, {}), 'forbidden');
  assert.equal(code(world.join('guest', { role: 'viewer', capabilities: [] }), {}), 'forbidden');
  assert.equal(code(world.join('far', { pathScope: ['src/**'] }), {}), 'out_of_scope');
  const other = world.createFile(world.owner, 'b.txt', 'b\n');
  assert.equal(code(ann, { seenSeq: other }), 'bad_range');
  assert.equal(code(ann, { seenSeq: 1 }), 'already_resolved', 'from before');
  assert.equal(code(ann, { does: 'toss' }), 'bad_request');
  assert.equal(code(ann, { lines: [{ firstLine: 3, lastLine: 2 }] }), 'bad_range');
  assert.equal(code(ann, { lines: [] }), 'bad_request');
  assert.equal(code(ann, { whole: ['painted'] }), 'bad_request');
  assert.equal(code(ann, { agent: 'robot' }), 'bad_request');
  assert.equal(code(ann, { upTo: other }), 'bad_range');
  assert.equal(code(ann, { words: 'x'.repeat(1001) }), 'too_large');
  assert.equal(code(ann, { fileId: 999_999, seenSeq: 1 }), 'no_such_file');
  const twice = [review(world, fileId), review(world, fileId)];
  assert.equal(world.call(ann, 'review_files', reviewing(world, twice)).code, 'bad_request');
  const many = Array.from({ length: REVIEW_FILES + 1 }, () => review(world, fileId));
  assert.equal(world.call(ann, 'review_files', reviewing(world, many)).code, 'too_many');
  const elsewhere = { kind: 'delete', fileId: other, expectedBaseVersion: 1 };
  const call = reviewing(world, [review(world, fileId, { does: 'take' })], elsewhere);
  assert.equal(world.call(ann, 'review_files', call).code, 'bad_request');
  const seenSeq = newestOf(world, fileId);
  assert.equal(code(ann, { lines: [{ firstLine: 1, lastLine: 1 }] }), 'ok');
  assert.equal(code(world.owner, { seenSeq }), 'head_moved', 'somebody decided meanwhile');
  assert.equal(code(world.owner, {}), 'ok');
});

test('a history in which a decision does not fit is refused', async () => {
  const { world, robot, ann, fileId } = await scene();
  world.edit(robot, fileId, 1, insert(0, 0, 'x'));
  const opened = newestOf(world, fileId);
  world.edit(robot, fileId, 2, insert(0, 0, 'x'));
  world.mustCall(ann, 'review_files', reviewing(world, [review(world, fileId, { upTo: opened })]));
  const decided = newestOf(world, fileId);
  const forge = (opSeq: number, from: string, to: string) =>
    forged(world, opSeq, (payload) => payload.replace(from, to));
  for (const call of [
    forge(opened, 'true', 'false'),
    forge(opened + 1, '', '{"unreviewed":true}'),
    forge(decided, `"upTo":${opened}`, `"upTo":${decided}`),
    forge(decided, `"upTo":${opened}`, `"upTo":1`),
    forge(decided, '"version":3', '"version":2'),
    forge(decided, `"seenSeq":${opened + 1}`, `"seenSeq":${decided}`),
    forge(decided, '[0,', '[9999999999,'),
    forge(decided, '"keep"', '"toss"'),
  ]) {
    const copy = await TestWorld.published();
    assert.equal(copy.call(copy.owner, 'import_log', call).code, 'bad_log');
  }
});

test('what an agent’s work is compared with is near at hand, whatever the file went through before', async () => {
  const { world, robot, ann, fileId } = await scene();
  const snapshots = (): readonly number[] =>
    world.rows('file_snapshot').flatMap((row) => (row.fileId === fileId ? [row.version] : []));
  const write = (who: string): void => {
    world.nowMicros += 1_000_000n;
    const { code } = world.edit(who, fileId, world.headOf(fileId).version, insert(0, 0, 'x'));
    assert.equal(code, 'ok');
  };
  for (let op = 0; op < 60; op++) write(ann);
  assert.deepEqual(snapshots(), [1], 'no snapshot is due for people');
  write(robot);
  assert.deepEqual(snapshots(), [1, 61]);
  const [row] = unreviewed(world);
  assert.equal(row!.sinceVersion, 61);
  for (let op = 0; op < 60; op++) write(robot);
  assert.deepEqual(snapshots(), [1, 61], 'nothing is compared with what comes between');
  assertSameWorld(await restored(world, () => true), world);
});

test('what an agent did to a whole file by deciding a ticket is to be looked at, too', async () => {
  const { world, robot, ann } = await scene();
  const file = () => world.createFile(world.owner, `${world.nextId()}.txt`, 'one\ntwo\n');
  const on = (fileId: number) => {
    return { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
  };
  const [moved, gone, shaped, whole] = [file(), file(), file(), file()];
  const fromPath = world.headOf(moved).path;
  const { content } = world.newFile('', 'whole\n');
  const shape = { eol: 'lf', bom: false };
  for (const fileId of [moved, gone, whole]) world.edit(ann, fileId, 1, insert(1, 0, 'ann '));
  world.mustCall(ann, 'rename_file', { ...on(moved), fromPath, path: 'ann.txt' });
  world.mustCall(ann, 'set_file_mode', { ...on(shaped), ...shape, mode: 'executable' });
  world.call(robot, 'rename_file', { ...on(moved), fromPath, path: 'robot.txt' });
  world.call(robot, 'delete_file', on(gone));
  world.call(robot, 'set_file_mode', { ...on(shaped), mode: 'regular', eol: 'crlf', bom: true });
  world.call(robot, 'replace_content', { ...on(whole), content });
  for (const ticket of world.rows('conflict_ticket')) {
    world.mustCall(robot, 'resolve_ticket', decisionOf(world, ticket, 'rebase'));
  }
  const changeOf = (fileId: number): unknown => {
    const head = fileHeadOf(world.headOf(fileId));
    return reviewOf(world, fileId, new Set([robot]))
      ?.hunks(head, {})
      .map((hunk) => hunk.tag === 'whole' && hunk.change);
  };
  assert.deepEqual(changeOf(moved), [{ kind: 'renamed', from: 'ann.txt', to: 'robot.txt' }]);
  assert.deepEqual(changeOf(gone), [{ kind: 'deleted', isDeleted: true }]);
  assert.deepEqual(changeOf(whole), [{ kind: 'content', beforeVersion: 2, isBuiltOn: false }]);
  const before = { ...shape, mode: 'executable' };
  assert.deepEqual(changeOf(shaped), [{ kind: 'mode', before, version: 1 }]);
  assertSameWorld(await restored(world, () => true), world);
});
