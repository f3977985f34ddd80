import assert from 'node:assert/strict';
import { test } from 'node:test';
import manifest from '../../../package.json' with { type: 'json' };
import { nextStepAfter } from '../../../src/views/error-advice.ts';
import { WorldError } from '../../../src/world/world-error.ts';

test('an expected failure comes with something to do', () => {
  assert.deepEqual(nextStepAfter(new WorldError('unreachable', '')), { tag: 'again' });
  assert.deepEqual(nextStepAfter(new WorldError('removed', '')), {
    tag: 'command',
    id: 'agentWorld.join',
  });
  const contributed = manifest.contributes.commands.map(({ command }) => command);
  for (const code of ['bad_invite', 'damaged', 'no_such_world'] as const) {
    const step = nextStepAfter(new WorldError(code, ''));
    assert.ok(step?.tag === 'command' && contributed.includes(step.id), code);
  }
});

test('nothing is told of what the user gave up, and nothing is made up for the unexpected', () => {
  assert.deepEqual(nextStepAfter(new WorldError('cancelled', '')), { tag: 'nothing' });
  assert.equal(nextStepAfter(new TypeError('oops')), undefined);
  assert.equal(nextStepAfter('oops'), undefined);
});
