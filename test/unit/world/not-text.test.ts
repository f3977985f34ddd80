import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlainlyBinary, whyNotText } from '../../../src/world/not-text.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16 = (text: string): Uint8Array => Buffer.from(`\uFEFF${text}`, 'utf16le');
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
/** “日本” as ISO-2022-JP and as Shift JIS have it. */
const JIS = Uint8Array.of(0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x1b, 0x28, 0x42, 0x0a);
const SHIFT_JIS = Uint8Array.of(0x93, 0xfa, 0x96, 0x7b, 0x0a);
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d);

for (const [what, bytes, why] of [
  ['a text', utf8('one\ntwo\n'), undefined],
  ['a text with a mark and CRLF', utf8('\uFEFFone\r\ntwo\r\n'), undefined],
  ['an empty file', utf8(''), undefined],
  ['line ends of two kinds', utf8('one\r\ntwo\nthree\n'), 'mixed_line_ends'],
  ['carriage returns alone', utf8('one\rtwo\r'), 'mixed_line_ends'],
  ['Latin 1', latin1('caf\u00e9\n'), 'other_encoding'],
  ['Shift JIS', SHIFT_JIS, 'other_encoding'],
  ['UTF-16 with its mark', utf16('one\ntwo\n'), 'other_encoding'],
  ['escapes of ISO-2022-JP, which are UTF-8', JIS, undefined],
  ['a picture', PNG, 'binary'],
  ['NUL behind much text', utf8(`${'text\n'.repeat(20_000)}\0`), 'binary'],
  ['a byte order mark within', utf8('one\n\uFEFFtwo\n'), 'binary'],
  ['control characters in no encoding', Uint8Array.of(0x01, 0x02, 0xff, 0x61), 'binary'],
] as const) {
  test(`${what}: ${why ?? 'a text of a world'}`, () => {
    assert.equal(whyNotText(bytes), why);
  });
}

test('the beginning says of what is plainly binary that it is, and of no text', () => {
  assert.equal(isPlainlyBinary(PNG), true);
  for (const bytes of [utf8('one\r\ntwo\n'), latin1('caf\u00e9'), utf16('one'), JIS, SHIFT_JIS]) {
    assert.equal(isPlainlyBinary(bytes), false);
  }
});
