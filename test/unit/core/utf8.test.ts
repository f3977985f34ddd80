import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from '../../../src/core/byte-reader.ts';
import { ByteWriter } from '../../../src/core/byte-writer.ts';
import { decodeUtf8 } from '../../../src/core/utf8.ts';

const piece = fc.oneof(fc.constant('\ufeff'), fc.constant('a'), fc.string({ unit: 'grapheme' }));
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('').toWellFormed());

test('a text is read as it was written, whatever byte order marks are in it', () => {
  fc.assert(
    fc.property(text, (written) => {
      assert.equal(decodeUtf8(new TextEncoder().encode(written)), written);
      const writer = new ByteWriter();
      writer.text(written);
      assert.equal(new ByteReader(writer.written).text(), written);
    }),
  );
});

test('bytes that are not UTF-8 are refused, behind a mark too', () => {
  for (const bytes of [[0xff], [0xef, 0xbb], [0xef, 0xbb, 0xbf, 0xc3], [0xed, 0xa0, 0x80]]) {
    assert.throws(() => decodeUtf8(Uint8Array.from(bytes)), TypeError);
  }
});
