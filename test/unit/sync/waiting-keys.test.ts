import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replace } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import type { Circumstances } from '../../../src/sync/crossing.ts';
import { type DocumentState, openedState } from '../../../src/sync/document-state.ts';
import { changeLocally } from '../../../src/sync/local-change.ts';
import { startSending } from '../../../src/sync/sending.ts';

let ids = 0;

function circumstances(waitingKeys: Circumstances['waitingKeys']): Circumstances {
  return { policy: 'auto', nowMs: 0, waitingKeys, newId: () => `id ${++ids}` };
}

/** Keys typed one after the other into an empty document, none of them sent. */
function typed(text: string, now: Circumstances): DocumentState {
  let state = openedState({ version: 1, text: Text.of('') });
  for (let index = 0; index < text.length; index++) {
    const at = { line: 0, character: index };
    state = changeLocally(state, [replace(at, at, text[index]!)], 'typing', now);
  }
  return state;
}

function sentTexts(text: string, waitingKeys: Circumstances['waitingKeys']): string[] {
  const now = circumstances(waitingKeys);
  const { inFlight } = startSending(typed(text, now), 1, now);
  return inFlight!.batch.ops.map((op) => op.changes.map((change) => change.text).join());
}

test('keys that wait together leave as one op', () => {
  assert.deepEqual(sentTexts('keys', 'together'), ['keys']);
});

test('keys that wait apart leave as an op each, in order and in one batch', () => {
  assert.deepEqual(sentTexts('keys', 'apart'), ['k', 'e', 'y', 's']);
});

test('a batch takes no more than its bound, and what is left keeps waiting', () => {
  const now = circumstances('apart');
  const state = startSending(typed('x'.repeat(300), now), 1, now);
  assert.equal(state.inFlight!.batch.ops.length, 128);
  assert.equal(state.pending.length, 172);
});
