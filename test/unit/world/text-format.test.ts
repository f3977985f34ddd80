import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentBytes, detectContent } from '../../../src/world/text-format.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const BOM = [0xef, 0xbb, 0xbf];

const texts: readonly (readonly [name: string, bytes: Uint8Array, text: string, eol: string])[] = [
  ['an empty file', utf8(''), '', 'lf'],
  ['no line end at the end', utf8('a\nb'), 'a\nb', 'lf'],
  ['line feeds', utf8('a\nb\n'), 'a\nb\n', 'lf'],
  ['carriage return and line feed', utf8('a\r\nb\r\n'), 'a\nb\n', 'crlf'],
  ['letters beyond ASCII', utf8('é𝒳\n'), 'é𝒳\n', 'lf'],
];

for (const [name, bytes, text, eol] of texts) {
  test(`text: ${name}`, () => {
    assert.deepEqual(detectContent(bytes), { kind: 'text', text, eol, bom: false });
  });
}

test('text: each line has its own end', () => {
  const bytes = Uint8Array.from(utf8('a\r\nb\nc\nd\r\ne\n'));
  const content = {
    kind: 'text',
    text: 'a\nb\nc\nd\ne\n',
    eol: 'lf',
    otherEnds: '0,3',
    bom: false,
  };
  assert.deepEqual(detectContent(bytes), content);
});

test('text: a byte order mark at the start is kept apart', () => {
  const bytes = Uint8Array.from([...BOM, ...utf8('a\r\n')]);
  assert.deepEqual(detectContent(bytes), { kind: 'text', text: 'a\n', eol: 'crlf', bom: true });
});

const binaries: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['line ends that change too often', [...utf8('a\r\nb\n'.repeat(1_001))]],
  ['a lone carriage return', [...utf8('a\rb')]],
  ['a carriage return before one of a pair', [...utf8('a\r\r\n')]],
  ['NUL', [0x61, 0]],
  // No editor shows it, and some take it out.
  ['a byte order mark inside', [...utf8('a\u{feff}b')]],
  ['bytes that are not UTF-8', [0x61, 0xff]],
  ['half a letter at the end', [0xc3]],
  ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
  ['UTF-16 with its mark', [0xff, 0xfe, 0x61, 0]],
];

for (const [name, bytes] of binaries) {
  test(`binary: ${name}`, () => {
    assert.equal(detectContent(Uint8Array.from(bytes)).kind, 'binary');
  });
}

test('whatever the bytes, they come back exactly', () => {
  const piece = fc.constantFrom('a', '\r\n', '\n', '\r', '\0', 'é', '\u{feff}', '𝒳');
  const awkward = fc.array(piece).map((pieces) => utf8(pieces.join('')));
  fc.assert(
    fc.property(fc.oneof(awkward, fc.uint8Array()), (bytes) => {
      assert.deepEqual(Uint8Array.from(contentBytes(detectContent(bytes))), Uint8Array.from(bytes));
    }),
  );
});
