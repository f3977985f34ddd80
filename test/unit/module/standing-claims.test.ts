// A claim stops agents, whichever way they come, and nothing of a member who was removed stays behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packCaret } from '../../../src/core/packed-caret.ts';
import { identity, insert, TestWorld } from './test-world.ts';

const AGENT = { kind: 'agent' } as const;

test('an agent that decides its own conflict takes no claimed lines away', async () => {
  const world = await TestWorld.create();
  const agent = world.join('agent', AGENT);
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'x'));
  world.mustCall(world.owner, 'acquire_soft_lock', {
    requestId: world.nextId(),
    fileId,
    version: 2,
    firstLine: 1,
    lastLine: 1,
    reason: '',
    durationMs: 60_000,
  });
  const unseen = () => ({ opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 });
  world.mustCall(agent, 'delete_file', unseen());
  const { content } = world.newFile('', 'mine\n');
  world.mustCall(agent, 'replace_content', { ...unseen(), content });
  const binary = { ...content, kind: 'binary', text: '', bytes: new Uint8Array([0]) };
  const file = { ...world.newFile('a.txt', ''), content: binary };
  world.mustCall(agent, 'create_file', { author: '', file });
  const tickets = world.rows('conflict_ticket');
  assert.deepEqual(tickets.map(({ kind }) => kind).sort(), ['content', 'create', 'delete']);
  const decide = (who: string, ticketId: number) =>
    world.call(who, 'resolve_ticket', {
      opId: world.nextId(),
      ticketId,
      expectedHeadVersion: world.headOf(fileId).version,
      resolution: 'rebase',
      parts: [],
    });
  for (const { ticketId, kind } of tickets) {
    const { code, message } = decide(agent, ticketId);
    assert.equal(code, 'locked', kind);
    assert.match(message, /"holder":"[0-9a-f]{64}"/);
  }
  const { ticketId } = tickets.find(({ kind }) => kind === 'delete')!;
  assert.equal(
    decide(world.owner, ticketId).code,
    'ok',
    'people are warned by a claim, not stopped',
  );
});

test('a client of 0.1.0 is told of carets also after somebody else was removed', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  const [ann, old] = [world.join('ann'), world.join('old')];
  world.connect(world.owner, 1n);
  world.connect(ann, 2n);
  world.connect(old, 3n);
  world.mustCall(world.owner, 'take_place', {});
  world.callOver(2n, ann, 'take_place', {});
  const place = { fileId, version: 1, selections: [], typing: false, activity: '' };
  world.mustCall(world.owner, 'update_presence', place);
  world.mustCall(world.owner, 'remove_member', { identity: identity(ann) });
  assert.equal(world.rows('presence_place').length, 1, 'who was removed has no place');
  const caret = packCaret({ line: 0, character: 1, version: 1, typing: true }, 1)!;
  const moved = world.mustCall(world.owner, 'move_caret', { caret });
  assert.equal(moved.inserted('presence_event').length, 1);
});
