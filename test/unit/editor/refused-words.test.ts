// What was not applied is named for what it is: a deletion only where text was taken away and none put there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../../src/core/change.ts';
import { refusedOfDraft, refusedOfTicket } from '../../../src/editor/refused-words.ts';

const ADDED = change(1, 1, 'line\n');
const REMOVED = change(1, 2, '');

test('a line that was added is that line', () => {
  const added = { tag: 'text', text: 'line\n' };
  const part = { proposed: [ADDED], proposedText: 'line\n' };
  assert.deepEqual(refusedOfTicket(ticket('edit'), part), added);
  assert.deepEqual(refusedOfDraft([ADDED], [ADDED]), added);
});

test('it is that line also where nothing of it is left to be done', () => {
  assert.deepEqual(refusedOfDraft([], [ADDED]), { tag: 'text', text: 'line\n' });
});

test('it is that line also where it waits together with changes of other files', () => {
  const parts = [{ proposedText: '' }, { proposedText: 'line\n' }];
  assert.deepEqual(refusedOfTicket({ ...ticket('edit'), parts }, undefined), {
    tag: 'text',
    text: 'line\n',
  });
});

test('lines that were taken away are a deletion', () => {
  const deletion = { tag: 'deletion' };
  const part = { proposed: [REMOVED], proposedText: '' };
  assert.deepEqual(refusedOfTicket(ticket('edit'), part), deletion);
  assert.deepEqual(refusedOfDraft([REMOVED], [REMOVED]), deletion);
  assert.deepEqual(refusedOfDraft([], [REMOVED]), deletion);
});

test('what is no text is no deletion either', () => {
  assert.deepEqual(refusedOfTicket(ticket('content'), undefined), {
    tag: 'other',
    kind: 'content',
  });
  assert.deepEqual(refusedOfTicket(ticket('edit'), undefined), { tag: 'other', kind: 'edit' });
  const payload = JSON.stringify({ from: 'a.md', to: 'b.md' });
  assert.deepEqual(refusedOfTicket({ ...ticket('rename'), payload }, undefined), {
    tag: 'moves',
    moves: { files: 1, from: 'a.md', to: 'b.md' },
  });
});

function ticket(kind: string) {
  return { kind, payload: '', parts: [] };
}

function change(startLine: number, endLine: number, text: string): Change {
  return { startLine, startCharacter: 0, endLine, endCharacter: 0, text };
}
