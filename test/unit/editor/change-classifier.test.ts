import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeClassifier } from '../../../src/editor/change-classifier.ts';

/** Events as VS Code 1.139 was seen to send them. */
const typedKey = { isDirty: false, reason: undefined, changeCount: 1 };
const laterKey = { isDirty: true, reason: undefined, changeCount: 1 };
const becameDirty = { isDirty: true, reason: undefined, changeCount: 0 };
const becameClean = { isDirty: false, reason: undefined, changeCount: 0 };
const load = { isDirty: false, reason: undefined, changeCount: 1 };

test('the first key on a clean document is typing once the editor says dirty', () => {
  const classifier = new ChangeClassifier(false);
  assert.deepEqual(classifier.observe(typedKey), { held: undefined, own: 'undecided' });
  assert.deepEqual(classifier.observe(becameDirty), { held: 'edit', own: undefined });
  assert.deepEqual(classifier.observe(laterKey), { held: undefined, own: 'edit' });
});

test('a change of a clean document that nothing follows was a load from disk', () => {
  const classifier = new ChangeClassifier(false);
  classifier.observe(load);
  assert.equal(classifier.isHolding, true);
  assert.equal(classifier.settle(), 'disk');
  assert.equal(classifier.settle(), undefined);
});

test('a load from disk and a key right after it are told apart', () => {
  const classifier = new ChangeClassifier(false);
  classifier.observe(load);
  assert.deepEqual(classifier.observe(typedKey), { held: 'disk', own: 'undecided' });
  assert.deepEqual(classifier.observe(becameDirty), { held: 'edit', own: undefined });
});

test('a revert of a dirty document is a load from disk at once', () => {
  const classifier = new ChangeClassifier(false);
  classifier.observe(typedKey);
  classifier.observe(becameDirty);
  assert.deepEqual(classifier.observe(load), { held: undefined, own: 'disk' });
  assert.deepEqual(classifier.observe(becameClean), { held: undefined, own: undefined });
});

test('undo back to what was saved is an undo, although the document is clean after it', () => {
  const classifier = new ChangeClassifier(true);
  const undo = { isDirty: true, reason: 'undo' as const, changeCount: 1 };
  assert.equal(classifier.observe(undo).own, 'undo');
  classifier.observe(becameClean);
  assert.equal(classifier.observe({ ...undo, isDirty: false, reason: 'redo' }).own, 'redo');
});

test('after a save the next key is typing again', () => {
  const classifier = new ChangeClassifier(true);
  classifier.observe(laterKey);
  classifier.observe(becameClean);
  assert.equal(classifier.observe(typedKey).own, 'undecided');
  assert.equal(classifier.observe(becameDirty).held, 'edit');
});
