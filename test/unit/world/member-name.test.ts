import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNATTRIBUTED } from '../../../src/core/unattributed.ts';
import { LiveRows } from '../../../src/world/live-rows.ts';
import { formerName, memberName } from '../../../src/world/member-name.ts';
import type { Member } from '../../../src/world/world-rows.ts';

const ANN = 'a1'.repeat(32);
const BEN = 'b2'.repeat(32);
const CLEO = 'c3'.repeat(32);

test('a member is shown by name, and twins of an earlier world by their identities too', () => {
  const view = viewOf([ANN, 'Ada'], [BEN, 'Ben'], [CLEO, 'ADA']);
  assert.equal(memberName(view, BEN), 'Ben');
  assert.equal(memberName(view, ANN), 'Ada (a1a1a1a1)');
  assert.equal(memberName(view, CLEO), 'ADA (c3c3c3c3)');
});

test('marks of direction in an old name are not shown; who has no name is shown by identity', () => {
  const view = viewOf([ANN, '\u202eadA'], [BEN, ''], [CLEO, '\u200b']);
  assert.equal(memberName(view, ANN), 'adA');
  assert.equal(memberName(view, BEN), 'b2b2b2b2');
  assert.equal(memberName(view, CLEO), 'c3c3c3c3');
  assert.equal(memberName(view, 'd4'.repeat(32)), 'd4d4d4d4', 'a stranger');
  assert.equal(memberName(view, UNATTRIBUTED.identity), UNATTRIBUTED.name);
});

test('a present member keeps the plain name; a former one of that name is told apart', () => {
  const view = viewOf([ANN, 'Ada', true], [BEN, 'Ada'], [CLEO, 'Cleo', true]);
  assert.equal(memberName(view, BEN), 'Ada');
  assert.equal(memberName(view, ANN), 'Ada (a1a1a1a1)');
  assert.equal(memberName(view, CLEO), 'Cleo');
});

test('the history shows the name of then, and tells twins apart where it is still the name', () => {
  const view = viewOf([ANN, 'Ada'], [BEN, 'Ada']);
  assert.equal(formerName(view, ANN, 'Ada'), 'Ada (a1a1a1a1)');
  assert.equal(formerName(view, ANN, 'Anna'), 'Anna');
});

function viewOf(...members: readonly (readonly [string, string, boolean?])[]) {
  const rows = new LiveRows<string, Member>(
    ({ identity }) => identity,
    (error) => {
      throw error;
    },
  );
  rows.reset(
    members.map(([identity, displayName, removed = false]) => ({
      identity,
      kind: 'human',
      displayName,
      gitName: '',
      gitEmail: '',
      color: '',
      role: 'editor',
      capabilities: [],
      pathScope: [],
      paused: false,
      joinedAtMs: 0,
      removed,
    })),
  );
  return { members: rows };
}
