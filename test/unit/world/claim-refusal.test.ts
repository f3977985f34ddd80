import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalText } from '../../../src/world/claim-refusal.ts';
import type { WorldView } from '../../../src/world/world-view.ts';

const view = {
  members: new Map([['ada', { identity: 'ada', displayName: 'Ada', removed: false }]]),
} as never as WorldView;

test('a claim’s refusal names the holder, the lines and the end', () => {
  const details = {
    holder: 'ada',
    firstLine: 2,
    lastLine: 8,
    expiresAtMicros: `${Date.UTC(2026, 0, 2, 3, 4, 5)}000`,
  };
  const message = 'somebody holds a lock on these lines';
  assert.equal(
    refusalText(view, { code: 'locked', message, details }),
    'Ada has claimed lines 3 to 9 until 2026-01-02T03:04:05.000Z',
  );
  const { firstLine: _first, lastLine: _last, ...bare } = details;
  assert.equal(
    refusalText(view, { code: 'locked', message, details: bare }),
    'Ada has claimed these lines until 2026-01-02T03:04:05.000Z',
  );
});

test('any other refusal keeps its words', () => {
  const refusal = { code: 'paused', message: 'you are paused', details: {} };
  assert.equal(refusalText(view, refusal), 'you are paused');
});
