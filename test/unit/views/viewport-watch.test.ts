import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ViewportWatch } from '../../../src/views/presence/viewport-watch.ts';

const LATER = 10_000;

function at(topLine: number): ViewportWatch {
  const watch = new ViewportWatch();
  watch.movedByUs(0);
  assert.equal(watch.isScrolled(topLine, 1), false);
  return watch;
}

test('lines that move because the user scrolls are told from those moved by following', () => {
  const watch = at(100);
  assert.equal(watch.isScrolled(100, LATER), false);
  assert.equal(watch.isScrolled(103, LATER), true);
  watch.movedByUs(LATER);
  assert.equal(watch.isScrolled(40, LATER + 1), false, 'smooth scrolling is on its way');
  assert.equal(watch.isScrolled(60, LATER + 100), false, 'and arrives');
  assert.equal(watch.isScrolled(60, 2 * LATER), false);
  assert.equal(watch.isScrolled(58, 2 * LATER), true);
});

test('text that comes or goes above what is seen is no scrolling', () => {
  const watch = at(100);
  const place = { startLine: 3, startCharacter: 0, endLine: 3, endCharacter: 0 };
  watch.textChanged([{ ...place, text: 'a\nb\nc\n' }]);
  assert.equal(watch.isScrolled(103, LATER), false);
  watch.textChanged([{ ...place, endLine: 6, text: '' }]);
  assert.equal(watch.isScrolled(100, LATER), false);
  watch.textChanged([{ ...place, startLine: 200, endLine: 200, text: 'a\nb\n' }]);
  assert.equal(watch.isScrolled(100, LATER), false);
});

test('many small scrolls are one', () => {
  const watch = at(100);
  assert.equal(watch.isScrolled(101, LATER), false);
  assert.equal(watch.isScrolled(102, LATER), true);
});
