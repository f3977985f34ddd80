// A backup of a world in which files were changed together, restored by 0.1.0: it reads every op.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstModule } from '../../harness/first-world.ts';
import { changing, filesOf, textContent } from './change-files-kit.ts';
import { logOf } from './imported-world.ts';
import { decisionOf } from './random-steps.ts';
import { change, insert, TestWorld } from './test-world.ts';

test('0.1.0 restores a world with calls of several steps, and with their tickets, open and decided', async (t) => {
  const world = await TestWorld.create();
  const [a, b, c] = ['a.txt', 'b.txt', 'c.txt'].map((name) =>
    world.createFile(world.owner, name, 'one\ntwo\nthree\n'),
  ) as [number, number, number];
  const ann = world.join('ann');
  const stepsOn = (name: string, version: number) =>
    changing(
      world,
      { kind: 'create', path: `new-${name}.txt`, content: textContent('n\n') },
      {
        kind: 'edit',
        fileId: a,
        expectedBaseVersion: version,
        changes: [change(0, 0, 0, 3, name)],
      },
      { kind: 'edit', fileId: a, changes: insert(0, 0, '> ') },
      { kind: 'mode', fileId: c, expectedBaseVersion: 1, mode: 'executable', bom: true },
    );
  world.mustCall(ann, 'change_files', stepsOn('ann', 1));
  world.mustCall(ann, 'change_files', stepsOn('two', 1));
  const [decided] = world.rows('conflict_ticket');
  world.mustCall(world.owner, 'resolve_ticket', decisionOf(world, decided!, 'rebase'));
  const gone = { kind: 'delete', fileId: b, expectedBaseVersion: 1 };
  world.edit(world.owner, b, 1, insert(0, 0, 'x'));
  const renamed = { fileId: c, expectedBaseVersion: 1, fromPath: 'c.txt', path: 'd.txt' };
  world.mustCall(ann, 'change_files', changing(world, gone, { kind: 'rename', ...renamed }));

  const old = TestWorld.ofFirstModule(await firstModule(t));
  old.nowMicros = world.nowMicros + 1_000_000n;
  const { expectedHead, ...log } = logOf(world);
  old.mustCall(old.owner, 'import_log', { ...log, expectedHead });
  assert.deepEqual(filesOf(old), filesOf(world));
  const tickets = (each: TestWorld) =>
    each
      .rows('conflict_ticket')
      .map(({ ticketId, kind, reason, status }) => [ticketId, kind, reason, status]);
  assert.deepEqual(tickets(old), tickets(world));
  assert.deepEqual(
    tickets(old).map((row) => row[3]),
    ['resolved', 'open'],
  );
});

test('0.1.0 restores a world with turns: every op has the hash that it had, and every file its text', async (t) => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  const robot = world.join('robot', { kind: 'agent' });
  world.connect(robot, 1n);
  world.mustCall(robot, 'take_session', { session: 's' });
  const names = { session: 's', name: 'turn', client: 'client', title: 'work' };
  const asked = { ...names, prompt: 'do it', salt: new Uint8Array(32) };
  const begun = world.mustCall(robot, 'begin_turn', { opId: world.nextId(), ...asked });
  const turnId = begun.inserted('op_outcome')[0]!.opSeq;
  world.edit(robot, fileId, 1, insert(0, 0, 'x'));
  const on = { author: '', fileId, expectedBaseVersion: 2 };
  const { content } = world.newFile('', 'whole\n');
  world.mustCall(robot, 'replace_content', { opId: world.nextId(), ...on, content });
  const moved = { ...on, opId: world.nextId(), fromPath: 'a.txt', path: 'b.txt' };
  world.mustCall(robot, 'rename_file', moved);
  world.mustCall(robot, 'create_file', { author: '', file: world.newFile('c.txt', 'new\n') });
  world.edit(world.owner, fileId, 3, [change(0, 0, 0, 5, 'WHOLE')]);
  world.edit(robot, fileId, 3, [change(0, 0, 0, 5, 'mine')]);
  const [ticket] = world.rows('conflict_ticket');
  world.mustCall(robot, 'resolve_ticket', decisionOf(world, ticket!, 'rebase'));
  world.mustCall(world.owner, 'erase_prompt', { opId: world.nextId(), turnId });
  world.mustCall(robot, 'end_turn', { opId: world.nextId(), session: 's' });

  const old = TestWorld.ofFirstModule(await firstModule(t));
  old.nowMicros = world.nowMicros + 1_000_000n;
  const { expectedHead, ...log } = logOf(world);
  old.mustCall(old.owner, 'import_log', { ...log, expectedHead });
  assert.deepEqual(filesOf(old), filesOf(world));
  const chain = (each: TestWorld) =>
    each.rows('file_op').map(({ opSeq, payload, chainHash }) => ({ opSeq, payload, chainHash }));
  assert.deepEqual(chain(old), chain(world));
});
