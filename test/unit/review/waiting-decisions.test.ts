import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingDecisions } from '../../../src/review/waiting-decisions.ts';

const TURNS = [{ agent: 'bot', turn: 7 }];
const STEP = { tag: 'remove', text: 'a', by: { opSeq: 8 }, at: 0 };
const TEXT = { tag: 'text', fileId: 1, whose: {}, plan: { steps: [STEP] } };
const WHOLE = { tag: 'whole', fileId: 2, whose: {}, change: { kind: 'created' } };

function sizeOf(kept: unknown): number {
  type Options = ConstructorParameters<typeof WaitingDecisions>[0];
  const shelf = { read: () => kept, write: () => {} };
  return new WaitingDecisions({ shelf } as unknown as Options).size;
}

test('what waits is read again; what was kept in another form is left out', () => {
  const wishes = [TEXT, WHOLE].map((hunk) => ({ hunk, turns: TURNS, words: '' }));
  assert.equal(sizeOf(wishes), 2);
  const [text] = wishes;
  const others = [
    undefined,
    null,
    { hunk: TEXT, turns: TURNS },
    { ...text, turns: [null] },
    { ...text, hunk: { ...TEXT, plan: undefined } },
    { ...text, hunk: { ...TEXT, plan: { steps: [{ ...STEP, by: undefined }] } } },
    { ...text, hunk: { ...TEXT, plan: { steps: [{ ...STEP, at: undefined }] } } },
    { ...text, hunk: { ...TEXT, whose: undefined } },
  ];
  for (const other of others) assert.equal(sizeOf([other, ...wishes]), 2, JSON.stringify(other));
  assert.equal(sizeOf({}), 0);
});
