import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODULE_LEVEL } from '../../../src/core/module-level.ts';
import { UNATTRIBUTED } from '../../../src/core/unattributed.ts';
import { authorOnDisk } from '../../../src/mirror/brought-author.ts';
import { type BroughtBy, NO_GIT } from '../../../src/mirror/folder-git.ts';
import type { Member } from '../../../src/world/world-rows.ts';

const OWN = 'a'.repeat(64);
const ADA = 'b'.repeat(64);
const by = { name: 'Ada', email: 'Ada@example.org' };

const memberOf = (identity: string, gitName: string, more: Partial<Member> = {}): Member => ({
  identity,
  kind: 'human',
  displayName: gitName,
  gitName,
  gitEmail: `${gitName.toLowerCase()}@example.org`,
  color: '',
  role: 'editor',
  capabilities: ['edit'],
  pathScope: [],
  paused: false,
  joinedAtMs: 0,
  removed: false,
  ...more,
});

async function authorFor(
  brought: BroughtBy | undefined,
  own: Partial<Member>,
  ...others: readonly Member[]
): Promise<string> {
  return authorAtLevel(MODULE_LEVEL, brought, own, ...others);
}

async function authorAtLevel(
  moduleLevel: number,
  brought: BroughtBy | undefined,
  own: Partial<Member>,
  ...others: readonly Member[]
): Promise<string> {
  const members = new Map(
    [memberOf(OWN, 'Own', own), ...others].map((each) => [each.identity, each]),
  );
  const git = { ...NO_GIT, broughtBy: () => Promise.resolve(brought) };
  return authorOnDisk(git, 'a.txt', { identity: OWN, moduleLevel, members }, 'tools');
}

test('what git brings is its author’s, where the world knows them and one may say so', async () => {
  const attributing = { capabilities: ['edit', 'attribute'] };
  const ada = memberOf(ADA, 'Ada');
  assert.equal(await authorFor(undefined, attributing, ada), 'tools');
  assert.equal(await authorFor(by, attributing, ada), ADA);
  assert.equal(await authorFor(by, { role: 'owner' }, ada), ADA);
  assert.equal(await authorFor(by, {}, ada), UNATTRIBUTED.identity, 'without the right');
  assert.equal(await authorFor(by, attributing), UNATTRIBUTED.identity, 'nobody of that name');
  assert.equal(await authorFor('several', attributing, ada), UNATTRIBUTED.identity);
  const own = { ...attributing, gitName: 'Ada', gitEmail: 'ada@example.org' };
  assert.equal(await authorFor(by, own), '', 'one’s own commit');
  const twin = memberOf('c'.repeat(64), 'Ada');
  assert.equal(await authorFor(by, attributing, ada, twin), UNATTRIBUTED.identity, 'twins');
});

test('what an agent’s folder has is the agent’s, unless it may name the author', async () => {
  const ada = memberOf(ADA, 'Ada');
  assert.equal(await authorFor(by, { kind: 'agent' }, ada), '');
  assert.equal(await authorFor('several', { kind: 'agent' }, ada), '');
  const capabilities = ['edit', 'attribute'];
  const attributing = { kind: 'agent', capabilities } as const;
  assert.equal(await authorFor(by, attributing, ada), ADA);
  assert.equal(await authorFor(by, attributing), UNATTRIBUTED.identity, 'nobody of that name');
  assert.equal(await authorFor('several', attributing, ada), UNATTRIBUTED.identity);
  assert.equal(await authorFor(undefined, attributing, ada), 'tools', 'git brought nothing');
  assert.equal(await authorAtLevel(3, by, attributing), '', 'an older module takes no such word');
});
