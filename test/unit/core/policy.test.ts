import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Intent } from '../../../src/core/op.ts';
import { judge, POLICY_MODES, type PolicyMode } from '../../../src/core/policy.ts';
import { Text } from '../../../src/core/text.ts';
import { drawn } from './marked-text.ts';

/** For each meeting of a committed and a proposed change: what each policy does, by intent. */
const CELLS: readonly {
  name: string;
  committed: string;
  proposed: string;
  result: string;
  tickets: readonly `${PolicyMode}/${Intent}`[];
  overwrites?: boolean;
}[] = [
  {
    name: 'different lines',
    committed: '«a→x»\nb',
    proposed: 'a\n«b→y»',
    result: 'x\ny',
    tickets: ['strict/typing', 'strict/patch'],
  },
  {
    name: 'different words of one line',
    committed: '«a→x» b',
    proposed: 'a «b→y»',
    result: 'x y',
    tickets: ['strict/typing', 'strict/patch', 'line/typing', 'line/patch', 'auto/patch'],
  },
  {
    name: 'the same word',
    committed: 'a «b→x» c',
    proposed: 'a «b→y» c',
    result: 'a xy c',
    tickets: [
      'strict/typing',
      'strict/patch',
      'line/typing',
      'line/patch',
      'auto/typing',
      'auto/patch',
    ],
    overwrites: true,
  },
  {
    name: 'insertions at the same place',
    committed: 'a«→x»b',
    proposed: 'a«→y»b',
    result: 'axyb',
    tickets: ['strict/typing', 'strict/patch', 'line/typing', 'line/patch', 'auto/patch'],
  },
  {
    name: 'the same change',
    committed: 'a «b→x» c',
    proposed: 'a «b→x» c',
    result: 'a x c',
    tickets: ['strict/typing', 'strict/patch'],
  },
];

for (const cell of CELLS) {
  for (const policy of POLICY_MODES) {
    for (const intent of ['typing', 'patch'] as const) {
      test(`${policy}, ${intent}: ${cell.name}`, () => {
        const committed = drawn(cell.committed);
        const proposed = drawn(cell.proposed);
        const verdict = judge(
          { changes: [proposed.change], intent, declaredOverlaps: [] },
          [{ opSeq: 7, changes: [committed.change] }],
          policy,
        );
        const expectsTicket = cell.tickets.includes(`${policy}/${intent}`);
        assert.equal(verdict.tag, expectsTicket ? 'ticket' : 'apply');
        if (verdict.tag === 'ticket') assert.deepEqual(verdict.overlapping, [7]);
        else {
          const head = Text.of(committed.base).apply([committed.change]);
          assert.equal(head.apply(verdict.changes).toString(), cell.result);
          const overwrote = policy === 'last_write_wins' && cell.overwrites ? [7] : [];
          assert.deepEqual(verdict.overwrote, overwrote);
        }
      });
    }
  }
}

test('an op on the head is applied as it is, whatever the policy', () => {
  const { change } = drawn('«a→b»');
  for (const policy of POLICY_MODES) {
    const verdict = judge({ changes: [change], intent: 'patch', declaredOverlaps: [] }, [], policy);
    assert.deepEqual(verdict, { tag: 'apply', changes: [change], overwrote: [] });
  }
});

test('an overlap declared by the author is judged like one found here', () => {
  const { change } = drawn('«a→b»');
  const op = { changes: [change], intent: 'typing', declaredOverlaps: [3] } as const;
  assert.equal(judge(op, [], 'auto').tag, 'ticket');
  assert.deepEqual(judge(op, [], 'last_write_wins'), {
    tag: 'apply',
    changes: [change],
    overwrote: [3],
  });
});

test('ops in between are passed one by one, each in its own coordinates', () => {
  const first = drawn('«→new\n»one\ntwo');
  const second = drawn('new\none\n«two→2»');
  const mine = drawn('one\n«two→zwei»');
  const verdict = judge(
    { changes: [mine.change], intent: 'typing', declaredOverlaps: [] },
    [
      { opSeq: 1, changes: [first.change] },
      { opSeq: 2, changes: [second.change] },
    ],
    'auto',
  );
  assert.equal(verdict.tag, 'ticket');
  assert.deepEqual(verdict.tag === 'ticket' && verdict.overlapping, [2]);
});
