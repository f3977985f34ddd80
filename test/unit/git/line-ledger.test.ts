import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import { LineLedger } from '../../../src/git/line-ledger.ts';
import { change } from '../module/test-world.ts';

const AUTHORS = ['ann', 'ben', 'robot'];
const ALL = new Set(AUTHORS);

/** Where an edit begins and ends, as parts of what there is, what it puts there, and whose it is. */
const edits = fc.array(
  fc.record({
    author: fc.constantFrom(...AUTHORS),
    from: fc.nat(1000),
    lines: fc.nat(2),
    startCharacter: fc.nat(6),
    endCharacter: fc.nat(6),
    text: fc.constantFrom('', 'x', '\n', 'new\n', '\nnew', 'two\nlines\n', 'a'),
  }),
  { maxLength: 30 },
);

test('with everybody the text is what the edits made, with nobody what it was', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', '', 'long line'), { maxLength: 8 }),
      edits,
      (lines, steps) => {
        const base = lines.join('\n');
        const buffer = LineBuffer.of(base);
        const ledger = new LineLedger(base);
        for (const step of steps) {
          const text = buffer.toString().split('\n');
          const startLine = step.from % text.length;
          const endLine = Math.min(startLine + step.lines, text.length - 1);
          const startCharacter = Math.min(step.startCharacter, text[startLine]!.length);
          const least = startLine === endLine ? startCharacter : 0;
          const endCharacter = Math.min(Math.max(least, step.endCharacter), text[endLine]!.length);
          const changes = [change(startLine, startCharacter, endLine, endCharacter, step.text)];
          buffer.apply(changes);
          ledger.apply(changes, step.author);
          // Said of any lines, it changes neither what all made nor what was there before.
          if (step.from % 3 === 0) ledger.giveBack(startLine, startLine + step.lines);
        }
        assert.equal(ledger.textOf(ALL), buffer.toString());
        assert.equal(ledger.textOf(new Set()), base);
        const count = buffer.toString().split('\n').length;
        let next = 0;
        for (const { author, firstLine, lastLine } of ledger.authored()) {
          assert.ok(
            firstLine >= next && lastLine >= firstLine && lastLine < count && ALL.has(author),
          );
          next = lastLine + 1;
        }
      },
    ),
  );
});

test('who wrote a line keeps it until somebody changes it', () => {
  const ledger = new LineLedger('one\ntwo\nthree\n');
  ledger.apply([change(0, 0, 0, 0, 'zero\n')], 'ann');
  ledger.apply([change(2, 0, 2, 3, 'TWO')], 'robot');
  ledger.apply([change(3, 5, 3, 5, '\nfour')], 'ann');
  assert.deepEqual(ledger.authored(), [
    { author: 'ann', isUnattributed: false, firstLine: 0, lastLine: 0 },
    { author: 'robot', isUnattributed: false, firstLine: 2, lastLine: 2 },
    { author: 'ann', isUnattributed: false, firstLine: 4, lastLine: 4 },
  ]);
  assert.equal(ledger.textOf(new Set(['ann'])), 'zero\none\ntwo\nthree\nfour\n');
  assert.equal(ledger.textOf(new Set(['robot'])), 'one\nTWO\nthree\n');
});

test('a line that its author takes back was never there; what another takes back stays theirs to show', () => {
  const ledger = new LineLedger('one\n');
  ledger.apply([change(1, 0, 1, 0, 'mine\n')], 'ann');
  ledger.apply([change(1, 0, 2, 0, '')], 'ann');
  ledger.apply([change(1, 0, 1, 0, 'kept\n')], 'ann');
  ledger.apply([change(1, 0, 2, 0, '')], 'robot');
  assert.equal(ledger.textOf(new Set(['ann'])), 'one\nkept\n');
  assert.equal(ledger.textOf(ALL), 'one\n');
});

test('lines that came back are whose they were, and what nobody wrote is as if it had never gone', () => {
  const ledger = new LineLedger('one\ntwo\nthree\n');
  ledger.apply([change(1, 0, 1, 0, 'ann 1\nann 2\n')], 'ann');
  ledger.apply([change(0, 0, 4, 0, 'robot\n')], 'robot');
  ledger.apply([change(0, 0, 1, 0, 'one\nann 1\nann 2\ntwo\n')], 'ben');
  ledger.giveBack(0, 3);
  assert.deepEqual(ledger.authored(), [
    { author: 'ann', isUnattributed: false, firstLine: 1, lastLine: 2 },
  ]);
  assert.equal(ledger.textOf(new Set()), 'one\ntwo\nthree\n');
  assert.equal(ledger.textOf(new Set(['ann'])), 'one\nann 1\nann 2\ntwo\nthree\n');
  assert.equal(ledger.textOf(new Set(['robot'])), 'one\ntwo\nrobot\nthree\n');
  assert.equal(ledger.textOf(ALL), 'one\nann 1\nann 2\ntwo\nthree\n');
});
