import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inviteId, type OwnInvite, OwnInvites } from '../../../src/world/own-invites.ts';

const WORLD = { server: 'embedded', database: 'notes-1' };

/** As VS Code's: every call takes a while. */
function secretStore() {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (key: string) => kept.get(key),
    store: async (key: string, value: string) => void kept.set(key, value),
    delete: async (key: string) => void kept.delete(key),
  };
}

function made(digit: string, expiresAtMs: number, world = WORLD): OwnInvite {
  const terms = { kind: 'human', role: 'editor', capabilities: [], pathScope: [] } as const;
  const invite = { ...world, secret: digit.repeat(64) };
  return { invite, terms: { ...terms, uses: 1, expiresAtMs }, madeAtMs: 0 };
}

test('invites are kept by world, the newest first, until their time is over', async () => {
  let nowMs = 0;
  const own = new OwnInvites(secretStore(), () => nowMs);
  const [first, second] = [made('a', 10), made('b', 20)];
  await own.add(first);
  await own.add(second);
  await own.add(made('c', 20, { ...WORLD, database: 'other' }));
  assert.deepEqual(await own.of(WORLD), [second, first]);
  nowMs = 15;
  assert.deepEqual(await own.of(WORLD), [second]);
});

test('changes that cross lose none', async () => {
  const own = new OwnInvites(secretStore(), () => 0);
  const all = ['a', 'b', 'c', 'd'].map((digit) => made(digit, 10));
  await Promise.all(all.map((each) => own.add(each)));
  assert.equal((await own.of(WORLD)).length, 4);
  await Promise.all([own.remove(all[0]!.invite), own.add(made('e', 10))]);
  const left = (await own.of(WORLD)).map(({ invite }) => invite.secret[0]);
  assert.deepEqual(
    left.toSorted((a, b) => (a! < b! ? -1 : 1)),
    ['b', 'c', 'd', 'e'],
  );
});

test('what has nothing in it is not kept, and an id gives no secret away', async () => {
  const store = secretStore();
  const own = new OwnInvites(store, () => 0);
  const one = made('a', 10);
  await own.add(one);
  assert.ok(!inviteId(one).includes('aaaa'));
  assert.ok(![...store.kept.keys()].join('').includes('aaaa'));
  await own.remove(one.invite);
  assert.deepEqual([...store.kept], []);
});
