// What anybody may send to a world's routes, who has shown nothing of themselves yet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestWorld } from './test-world.ts';

test('a request to join that is too large is refused before it is read', async () => {
  const world = await TestWorld.create();
  const { status, body } = world.post('join', { invite: 'x'.repeat(17 * 1024) });
  assert.deepEqual([status, body.split(':')[0]], [413, 'too_large']);
});

test('beyond a rate nothing is looked at, and shortly after it is again', async () => {
  const world = await TestWorld.create();
  const tryJoin = () => world.post('join', { invite: 'nothing', identity: 'ab'.repeat(32) });
  const statuses = Array.from({ length: 150 }, () => atOnce(world, tryJoin).status);
  assert.equal(statuses.filter((status) => status === 403).length, 100);
  assert.equal(statuses.filter((status) => status === 429).length, 50);
  assert.match(atOnce(world, tryJoin).body, /^too_many: /);
  assert.equal(world.get('hello', 'identity=').status, 200, 'each route has its own');
  world.nowMicros += 1_000_000n;
  assert.equal(tryJoin().status, 403);
});

test('a flood of one route keeps nobody from the other', async () => {
  const world = await TestWorld.create();
  const ask = () => world.get('hello', 'identity=').status;
  for (let index = 0; index < 1000; index++) assert.equal(atOnce(world, ask), 200);
  assert.equal(atOnce(world, ask), 429);
  assert.equal(world.join('ann').length, 64);
});

/** Without the millisecond that a request takes in such a world. */
function atOnce<Answer>(world: TestWorld, ask: () => Answer): Answer {
  const { nowMicros } = world;
  const answer = ask();
  world.nowMicros = nowMicros;
  return answer;
}
