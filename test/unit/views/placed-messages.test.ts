// Which messages are about lines, and which belong to one thread.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { placeIn, textAtPlace, topicsIn } from '../../../src/views/notes/placed-messages.ts';
import type { Note } from '../../../src/world/world-rows.ts';

const FILES = ['src/a.ts', 'my notes (old).md', 'b.md'];
const isFile = (path: string): boolean => FILES.includes(path);

test('what is written at lines is found at them again, whatever the file is called', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FILES),
      fc.nat(9_999_998),
      fc.nat(200),
      fc.string({ unit: 'grapheme' }),
      (path, firstLine, more, text) => {
        const lines = { firstLine, lastLine: Math.min(firstLine + more, 9_999_998) };
        const written = textAtPlace({ path, lines }, text);
        assert.deepEqual(placeIn(written, isFile), { path, lines, rest: text, isLeading: true });
      },
    ),
  );
});

test('a message is about the first lines that it names, and about none where it names no file of the world', () => {
  const lines = (text: string): unknown => {
    const { path, lines: named, isLeading } = placeIn(text, isFile) ?? {};
    return named && [path, named.firstLine, named.lastLine, isLeading];
  };
  assert.deepEqual(lines('Could you release src/a.ts:3–7, or b.md:1?'), ['src/a.ts', 2, 6, false]);
  assert.deepEqual(lines('look\nat b.md:12'), ['b.md', 11, 11, false]);
  assert.deepEqual(lines('b.md:7-3: backwards'), ['b.md', 6, 6, true]);
  assert.equal(lines('at 14:05: in src/gone.ts:3'), undefined);
  assert.equal(lines('b.md:0: lines begin with 1'), undefined);
  assert.equal(lines(`${'far down '.repeat(300)}b.md:1`), undefined);
});

test('between two members what names no place goes on with what was spoken of; to everybody it does not', () => {
  const said = [
    note(1, 'hello'),
    note(2, 'b.md:3: why?'),
    note(3, 'because'),
    note(4, 'and src/a.ts:1?'),
    note(5, 'later'),
    note(6, 'b.md:3: now I see'),
  ];
  const found = (key: 'all' | 'a b'): unknown =>
    topicsIn(key, said, ({ text }) => {
      const place = placeIn(text, isFile);
      return place && { fileId: FILES.indexOf(place.path), lines: place.lines };
    }).map(({ fileId, saidAt, messages }) => [
      FILES[fileId],
      saidAt,
      messages.map(({ noteId }) => noteId),
    ]);
  assert.deepEqual(found('a b'), [
    ['b.md', 2, [2, 3, 6]],
    ['src/a.ts', 4, [4, 5]],
  ]);
  assert.deepEqual(found('all'), [
    ['b.md', 2, [2, 6]],
    ['src/a.ts', 4, [4]],
  ]);
});

function note(noteId: number, text: string): Note {
  return { noteId, kind: 'message', author: 'a', to: 'b', text, madeAtMs: 0 };
}
