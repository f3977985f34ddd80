import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PathClaims } from '../../../src/mirror/path-claims.ts';

test('a claim that is made again keeps its turn for longer; one that is not runs out', (context) => {
  context.mock.timers.enable({ apis: ['Date'] });
  const claims = new PathClaims();
  const claim = (claimId: string): void =>
    claims.apply({ tag: 'claim', path: 'a.md', claimId, pid: process.pid });
  claim('rename');
  claim('mirror');
  context.mock.timers.tick(2_000);
  claim('rename');
  context.mock.timers.tick(2_000);
  assert.equal(claims.waitMs('a.md', 'rename'), undefined);
  assert.equal(claims.waitMs('a.md', 'save'), 1_000);
  context.mock.timers.tick(1_500);
  assert.equal(claims.waitMs('a.md', 'save'), undefined, 'both have run out');
});
