import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { retryDelayMs } from '../../../src/world/backoff.ts';
import { LiveRows, type RowChange } from '../../../src/world/live-rows.ts';
import { PROTOCOL_VERSION } from '../../../src/world/hello.ts';
import { checkWorld } from '../../../src/world/self-check.ts';
import { WorldError } from '../../../src/world/world-error.ts';
import type { Member, Workspace } from '../../../src/world/world-rows.ts';

const workspace: Workspace = {
  name: 'Lab',
  protocolVersion: PROTOCOL_VERSION,
  chainFormat: 1,
  worldEpoch: 'e'.repeat(64),
  policyMode: 'auto',
  lockPolicy: 'enforce',
  limits: '',
  baseCommit: undefined,
};

const self = { identity: 'c2', removed: false } as Member;

function found(workspaces: readonly Workspace[], member: Member | undefined = self): string {
  const result = checkWorld({ database: 'lab', workspaces, self: member });
  return result instanceof WorldError ? result.code : result.name;
}

test('a world in order is taken', () => {
  assert.equal(found([workspace]), 'Lab');
});

test('a world of the protocol before is taken, others are told as such', () => {
  const speaking = (protocolVersion: number): string => found([{ ...workspace, protocolVersion }]);
  assert.equal(speaking(PROTOCOL_VERSION - 1), 'Lab');
  assert.equal(speaking(PROTOCOL_VERSION + 1), 'protocol_mismatch');
  assert.equal(speaking(PROTOCOL_VERSION - 2), 'protocol_mismatch');
});

test('an empty world is never taken for one', () => {
  assert.equal(found([]), 'not_a_world');
  assert.equal(found([workspace, workspace]), 'not_a_world');
  assert.equal(
    checkWorld({ database: 'lab', workspaces: [workspace], self: undefined }) instanceof WorldError,
    true,
  );
});

test('who was removed is told so', () => {
  assert.equal(found([workspace], { ...self, removed: true }), 'removed');
});

test('waits between attempts grow, stay bounded, and are scattered', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(60), random, (failures, value) => {
      const delayMs = retryDelayMs(failures, () => value);
      assert.ok(delayMs >= 50 && delayMs <= 15_000);
      assert.ok(delayMs <= 100 * 2 ** failures);
    }),
  );
  assert.notEqual(
    retryDelayMs(3, () => 0),
    retryDelayMs(3, () => 0.9),
  );
});

interface Row {
  readonly key: number;
  readonly value: string;
}

function watched(): { readonly rows: LiveRows<number, Row>; readonly changes: RowChange<Row>[] } {
  const rows = new LiveRows<number, Row>(
    (row) => row.key,
    (error) => assert.fail(String(error)),
  );
  const changes: RowChange<Row>[] = [];
  rows.onChange((change) => void changes.push(change));
  return { rows, changes };
}

test('the same row again is no change', () => {
  const { rows, changes } = watched();
  rows.put({ key: 1, value: 'a' });
  rows.put({ key: 1, value: 'a' });
  assert.equal(changes.length, 1);
});

test('after a reconnect only what differs is told', () => {
  const { rows, changes } = watched();
  rows.reset([
    { key: 1, value: 'a' },
    { key: 2, value: 'b' },
    { key: 3, value: 'c' },
  ]);
  changes.length = 0;
  rows.reset([
    { key: 1, value: 'a' },
    { key: 2, value: 'B' },
    { key: 4, value: 'd' },
  ]);
  assert.deepEqual(changes, [
    { before: { key: 3, value: 'c' }, after: undefined },
    { before: { key: 2, value: 'b' }, after: { key: 2, value: 'B' } },
    { before: undefined, after: { key: 4, value: 'd' } },
  ]);
});

test('a listener that fails does not keep others from hearing', () => {
  const errors: unknown[] = [];
  const rows = new LiveRows<number, Row>(
    (row) => row.key,
    (error) => errors.push(error),
  );
  const heard: Row[] = [];
  rows.onChange(() => {
    throw new Error('no');
  });
  rows.onChange(({ after }) => after && heard.push(after));
  rows.put({ key: 1, value: 'a' });
  assert.deepEqual([heard.length, errors.length], [1, 1]);
});
