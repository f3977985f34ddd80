import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberBadge, memberLabel } from '../../../src/views/presence/member-label.ts';

const person = (name: string) => ({ name, kind: 'human' as const });
const agent = (name: string) => ({ name, kind: 'agent' as const });

test('a badge says in two characters who is in a file', () => {
  assert.equal(memberBadge([person('Ada Lovelace')]), 'AL');
  assert.equal(memberBadge([person('ada')]), 'AD');
  assert.equal(memberBadge([person('Éva')]), 'ÉV');
  assert.equal(memberBadge([person('名')]), '名');
  assert.equal(memberBadge([agent('formatter')]), '⚙F');
  assert.equal(memberBadge([agent('formatter'), person('Ada')]), '2');
  assert.equal(memberBadge(Array.from({ length: 12 }, () => person('Ada'))), '9+');
});

test('agents are marked as such', () => {
  assert.equal(memberLabel(agent('formatter')), '⚙ formatter');
  assert.equal(memberLabel(person('Ada')), 'Ada');
});
