import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  groupOf,
  type MemberEntry,
  MemberList,
  type MemberListChange,
} from '../../../src/views/members/member-list.ts';

const ADA: MemberEntry = {
  identity: 'aa',
  name: 'Ada',
  kind: 'human',
  role: 'owner',
  pathScope: [],
  paused: false,
  isSelf: false,
  isHere: true,
  path: '',
  line: undefined,
  activity: '',
  state: 'idle',
  unreviewed: undefined,
  conflicts: 0,
  claims: 0,
  color: 0,
  last: undefined,
  invitedBy: undefined,
};

const entries = fc.record({
  identity: fc.constantFrom('aa', 'bb', 'cc', 'dd', 'ee'),
  name: fc.constantFrom('Ada', 'Bo', 'Cy'),
  kind: fc.constantFrom('human', 'agent'),
  isHere: fc.boolean(),
  paused: fc.boolean(),
  path: fc.constantFrom('', 'a.md'),
});

test('oneself stands first, then people, then agents, each by name', () => {
  const list = new MemberList();
  list.put({ ...ADA, identity: '1', name: 'zoe' });
  list.put({ ...ADA, identity: '2', name: 'agent', kind: 'agent' });
  list.put({ ...ADA, identity: '3', name: 'me', isSelf: true });
  list.put({ ...ADA, identity: '4', name: 'abe' });
  list.put({ ...ADA, identity: '5', name: 'gone', isHere: false });
  const names = list.inGroup('here').map(({ name }) => name);
  assert.deepEqual(names, ['me', 'abe', 'zoe', 'agent']);
  assert.deepEqual(
    list.inGroup('away').map(({ name }) => name),
    ['gone'],
  );
});

test('owners are those who can act: not the paused', () => {
  const list = new MemberList();
  list.put(ADA);
  list.put({ ...ADA, identity: 'bb', paused: true });
  list.put({ ...ADA, identity: 'cc', role: 'editor' });
  assert.deepEqual(
    list.owners().map(({ identity }) => identity),
    ['aa'],
  );
});

test('whoever draws only what is told has what the list has, row for row', () => {
  fc.assert(
    fc.property(fc.array(fc.option(entries, { nil: undefined }), { maxLength: 40 }), (puts) => {
      const drawn = new Map<string, MemberEntry>();
      const groups = { here: [] as string[], away: [] as string[] };
      const draw = (change: MemberListChange): void => {
        if (change.tag === 'member') {
          drawn.set(change.identity, list.get(change.identity)!);
          return;
        }
        const shown = list.inGroup(change.group);
        groups[change.group] = shown.map(({ identity }) => identity);
        for (const entry of shown) drawn.set(entry.identity, entry);
      };
      const list: MemberList = new MemberList(draw);
      for (const [index, put] of puts.entries()) {
        if (put) list.put({ ...ADA, ...(put as Partial<MemberEntry>) });
        else list.remove(['aa', 'bb', 'cc'][index % 3]!);
        for (const group of ['here', 'away'] as const) {
          const now = list.inGroup(group);
          assert.deepEqual(
            groups[group],
            now.map(({ identity }) => identity),
          );
          for (const entry of now) assert.deepEqual(drawn.get(entry.identity), entry);
        }
      }
      list.clear();
      assert.deepEqual(groups, { here: [], away: [] });
    }),
  );
});

test('a row that stays where it is is told alone', () => {
  const told: MemberListChange[] = [];
  const list = new MemberList((change) => told.push(change));
  list.put(ADA);
  told.length = 0;
  list.put({ ...ADA, path: 'a.md', paused: true });
  assert.deepEqual(told, [{ tag: 'member', identity: 'aa' }]);
  assert.equal(groupOf(list.get('aa')!), 'here');
});
