import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldPath, PATH_TABLES } from '../../../src/core/path-folding.ts';

/** What 0.1.0 did, with the tables of the runtime. */
function byRuntime(path: string): string {
  const shown = path.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return shown.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

const [ZERO, NEWEST] = [PATH_TABLES.first, PATH_TABLES.newest];
const isSameUnicode = process.versions['unicode'] === '17.0';
const skip = !isSameUnicode && `the runtime has Unicode ${process.versions['unicode']}`;

test('the newest table folds every code point as a runtime of Unicode 17 does', { skip }, () => {
  for (const letter of everyLetter()) {
    assert.equal(foldPath(letter, NEWEST), byRuntime(letter), spelled(letter));
  }
});

test('it folds letters beside letters and marks as that does', { skip }, () => {
  const folding = [...everyLetter()].filter((letter) => byRuntime(letter) !== letter);
  const marks = [...everyLetter()].filter((letter) => /\p{M}/u.test(letter));
  const some = fc.oneof(
    fc.constantFrom(...folding),
    fc.constantFrom(...marks),
    fc.constantFrom(...'aZ1.:’ΣσςʼΑᾳ가각\u0301\u0345\u0327\u00ad'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(some, { maxLength: 12 }), (letters) => {
      const text = letters.join('');
      assert.equal(foldPath(text, NEWEST), byRuntime(text), spelled(text));
    }),
    { numRuns: 20_000 },
  );
});

test('tables are the same in every runtime, and stay as they are', () => {
  const hashes = [ZERO, NEWEST].map((table) => {
    const hash = createHash('sha256');
    for (const letter of everyLetter()) hash.update(`${foldPath(letter, table)}\n`);
    return hash.digest('hex');
  });
  assert.deepEqual(hashes, HASHES);
});

test('folding asks nothing of the runtime’s Unicode', (t) => {
  const refuse = (): never => assert.fail('the runtime was asked');
  for (const name of ['normalize', 'toUpperCase', 'toLowerCase'] as const) {
    t.mock.method(String.prototype, name, refuse);
  }
  const folded = foldPath('ΟΔΟΣ/Straße/Å\u0301.TXT', NEWEST);
  t.mock.restoreAll();
  assert.equal(folded, 'οδος/strasse/ǻ.txt');
});

test('the table of 0.1.0 differs only in what Unicode added since', () => {
  const differing = [...everyLetter()].filter(
    (letter) => foldPath(letter, ZERO) !== foldPath(letter, NEWEST),
  );
  assert.ok(differing.length > 50 && differing.length < 150, `${differing.length}`);
  for (const letter of differing) assert.equal(foldPath(letter, ZERO), letter, spelled(letter));
  // A letter of old whose capital is new folds as before.
  assert.equal(foldPath('\u0264', ZERO), '\u0264');
  assert.equal(foldPath('\ua7cb', ZERO), '\ua7cb');
  assert.equal(foldPath('\ua7cb', NEWEST), '\u0264');
});

function* everyLetter(): Generator<string> {
  for (let point = 0x20; point <= 0x10ffff; point++) {
    if (point < 0xd800 || point > 0xdfff) yield String.fromCodePoint(point);
  }
}

function spelled(text: string): string {
  return Array.from(text, (letter) => letter.codePointAt(0)!.toString(16)).join(' ');
}

const HASHES: readonly string[] = [
  'f2494dbd57757dcf03c5e552627fc17abc8bca0ee81e891a961b5a66b6555b65',
  '20b2b984865ed82adf5bc619841450bdff837a4b2d7f8785cd479759141a4e7b',
];
