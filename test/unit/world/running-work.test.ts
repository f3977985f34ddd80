import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../../src/core/change.ts';
import type { OpRecord } from '../../../src/core/op.ts';
import { nearby, runningWork } from '../../../src/world/running-work.ts';
import { linesRead, readingActivity } from '../../../src/world/reading-activity.ts';

const TURN = { turnId: 7, agent: 'bot', title: '', beganAtMs: 0 };

function op(turn: number | undefined, ...changes: readonly Change[]): OpRecord {
  const payload = turn === undefined ? '' : JSON.stringify({ turn });
  return { changes, payload } as unknown as OpRecord;
}

function at(startLine: number, endLine: number, text: string): Change {
  return { startLine, startCharacter: 0, endLine, endCharacter: 0, text };
}

test('the lines of a running turn move along with what others write above them', () => {
  const ops = [
    op(7, at(10, 11, 'ten\n')),
    op(undefined, at(0, 0, 'a\nb\n')),
    op(7, at(3, 4, 'x\n')),
  ];
  const [work, ...others] = runningWork(ops, [TURN]);
  assert.deepEqual(others, []);
  assert.equal(work?.agent, 'bot');
  assert.deepEqual(
    work?.lines.map(({ firstLine }) => firstLine),
    [3, 12],
  );
});

test('what was done in other turns, or in none, is nobody’s running work', () => {
  assert.deepEqual(runningWork([op(6, at(0, 1, 'x\n')), op(undefined, at(1, 1, 'y'))], [TURN]), []);
});

test('five lines apart is near, six is not, on either side', () => {
  const lines = [{ firstLine: 20, lastLine: 22 }];
  const line = (firstLine: number) => nearby(lines, { firstLine, lastLine: firstLine });
  assert.deepEqual(
    [14, 15, 27, 28].map((each) => line(each) !== undefined),
    [false, true, true, false],
  );
  assert.ok(nearby(lines, { firstLine: 0, lastLine: Number.MAX_SAFE_INTEGER }));
});

test('what a reader says of itself is understood, and nothing else', () => {
  assert.deepEqual(linesRead(readingActivity({ firstLine: 3, lastLine: 9 })), {
    firstLine: 2,
    lastLine: 8,
  });
  assert.equal(linesRead(readingActivity())?.firstLine, 0);
  for (const other of ['', 'editing', 'reading lines 3', 'reading about it']) {
    assert.equal(linesRead(other), undefined, other);
  }
});
