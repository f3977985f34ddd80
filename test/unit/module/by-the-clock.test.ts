// What ends by time ends by the clock of each call: a server runs no schedule of a world that nobody has
// touched since it started, so whether maintenance came must make no difference to any answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionId, Timestamp } from 'spacetimedb';
import { insert, TestWorld } from './test-world.ts';

const SECOND = 1_000_000n;
const DAY = 86_400n * SECOND;

interface Case {
  readonly what: string;
  /** How the world was, and what is asked of it once the time is over: gives the codes of the answers. */
  readonly play: (world: TestWorld, pass: (micros: bigint) => void) => readonly string[];
  readonly codes: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: 'claims that are over do not count against the next ones',
    play: (world, pass) => {
      const ann = world.join('ann');
      const fileId = world.createFile(ann, 'a.txt', 'one\ntwo\nthree\n');
      for (const line of [0, 1]) claim(world, ann, fileId, line);
      const before = claim(world, ann, fileId, 2);
      pass(2n * SECOND);
      return [before, claim(world, ann, fileId, 2), claim(world, ann, fileId, 0)];
    },
    codes: ['too_many', 'ok', 'ok'],
  },
  {
    what: 'lines whose claim is over are free, for agents too',
    play: (world, pass) => {
      const ann = world.join('ann');
      const robot = world.join('robot', { kind: 'agent' });
      const fileId = world.createFile(ann, 'a.txt', 'one\ntwo\nthree\n');
      claim(world, ann, fileId, 0);
      const before = world.edit(robot, fileId, 1, insert(0, 0, 'x')).code;
      pass(2n * SECOND);
      return [
        before,
        claim(world, robot, fileId, 0),
        world.edit(robot, fileId, 1, insert(0, 0, 'x')).code,
        remove(world, robot, fileId),
      ];
    },
    codes: ['locked', 'ok', 'ok', 'ok'],
  },
  {
    what: 'a claim that is over cannot be given back, nor ended by an owner',
    play: (world, pass) => {
      const ann = world.join('ann');
      const fileId = world.createFile(ann, 'a.txt', 'one\ntwo\nthree\n');
      claim(world, ann, fileId, 0);
      const { lockId } = world.rows('soft_lock')[0]!;
      pass(2n * SECOND);
      return [ann, world.owner].map((who) => world.call(who, 'release_soft_lock', { lockId }).code);
    },
    codes: ['no_such_lock', 'no_such_lock'],
  },
  {
    what: 'the request of a claim that is over makes a new one, unless others claim there now',
    play: (world, pass) => {
      const ann = world.join('ann');
      const bob = world.join('bob');
      const fileId = world.createFile(ann, 'a.txt', 'one\ntwo\nthree\n');
      const requests = [world.nextId(), world.nextId()];
      for (const line of [0, 1]) claim(world, ann, fileId, line, requests[line]);
      pass(2n * SECOND);
      claim(world, bob, fileId, 0);
      return [0, 1].map((line) => claim(world, ann, fileId, line, requests[line]));
    },
    codes: ['locked', 'ok'],
  },
  {
    what: 'an invite that is over opens nothing, is not there to end, and makes room',
    play: (world, pass) => {
      const first = 'a'.repeat(64);
      const invite = (secretHash: string) =>
        world.call(world.owner, 'create_invite', {
          secretHash,
          role: 'viewer',
          kind: 'human',
          capabilities: [],
          pathScope: [],
          expiresAt: new Timestamp(world.nowMicros + SECOND),
          uses: 1,
        }).code;
      const made = [invite(first), invite('b'.repeat(64))];
      pass(2n * SECOND);
      return [
        ...made,
        world.call(world.owner, 'revoke_invite', { secretHash: first }).code,
        invite('c'.repeat(64)),
      ];
    },
    codes: ['ok', 'too_many', 'no_such_invite', 'ok'],
  },
  {
    what: 'places of connections that went without a word for a day do not count',
    play: (world, pass) => {
      const ann = world.join('ann');
      for (let place = 1; place <= 70; place++) {
        world.connect(ann, BigInt(place));
      }
      const before = world.rows('presence').length;
      pass(DAY + SECOND);
      world.connect(ann, 1000n);
      const isShown = world
        .rows('presence')
        .some(
          ({ connectionId }) =>
            connectionId.toHexString() === new ConnectionId(1000n).toHexString(),
        );
      return [String(before), isShown ? 'shown' : 'hidden'];
    },
    codes: ['64', 'shown'],
  },
];

for (const { what, play, codes } of CASES) {
  for (const maintained of [false, true]) {
    test(`${what}, maintenance ${maintained ? 'came' : 'did not come'}`, async () => {
      const world = await TestWorld.create({ limits: '{"locksPerMember":2,"openInvites":1}' });
      const pass = (micros: bigint): void => {
        world.nowMicros += micros;
        if (maintained) assert.equal(world.maintain().code, 'ok');
      };
      assert.deepEqual(play(world, pass), codes);
    });
  }
}

type Member = TestWorld['owner'];

function claim(
  world: TestWorld,
  who: Member,
  fileId: number,
  line: number,
  requestId = world.nextId(),
): string {
  const lines = { version: 1, firstLine: line, lastLine: line, reason: '' };
  return world.call(who, 'acquire_soft_lock', { requestId, fileId, ...lines, durationMs: 1000 })
    .code;
}

function remove(world: TestWorld, who: Member, fileId: number): string {
  // The robot's own claim is no hindrance, and nobody else has one.
  return world.call(who, 'delete_file', {
    opId: world.nextId(),
    author: '',
    fileId,
    expectedBaseVersion: 2,
  }).code;
}
