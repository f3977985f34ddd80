import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { CHAIN_START, ChainHasher } from '../../../src/core/chain.ts';
import { ContentHasher } from '../../../src/core/content-hash.ts';
import { fromHex, type Hash, sameBytes, toHex } from '../../../src/core/hash.ts';
import type { OpRecord, SubmittedOp } from '../../../src/core/op.ts';
import { Text } from '../../../src/core/text.ts';
import { changesOf } from './arbitrary.ts';

const native: Hash = (data) => new Uint8Array(createHash('sha256').update(data).digest());

const OP: Omit<OpRecord, 'chainHash'> = {
  opSeq: 5,
  opId: '01890a5d-ac96-774b-bcce-b302099a8057',
  batchId: '01890a5d-ac96-774b-bcce-b302099a8058',
  fileId: 2,
  version: 3,
  kind: 'edit',
  actor: 'ab'.repeat(32),
  author: 'cd'.repeat(32),
  madeAtMicros: 1_700_000_000_000_000n,
  expectedBaseVersion: 2,
  carriedFrom: 1,
  intent: 'typing',
  changes: [{ startLine: 1, startCharacter: 2, endLine: 1, endCharacter: 4, text: 'naïve 𝒳' }],
  payload: '{"a":1}',
  overlaps: [3],
  overwrote: [4],
  firstLine: 1,
  lastLine: 1,
  lineDelta: 0,
  payloadHash: new Uint8Array(32).fill(1),
  beforeHash: new Uint8Array(32).fill(2),
  afterHash: new Uint8Array(32).fill(3),
};

/** For every column another value, so that leaving one out of the encoding fails a test. */
const OTHER: { readonly [K in keyof typeof OP]: (typeof OP)[K] } = {
  opSeq: 6,
  opId: '01890a5d-ac96-774b-bcce-b302099a8059',
  batchId: '01890a5d-ac96-774b-bcce-b302099a8060',
  fileId: 3,
  version: 4,
  kind: 'resolve',
  actor: 'ac'.repeat(32),
  author: 'ce'.repeat(32),
  madeAtMicros: 1_700_000_000_000_001n,
  expectedBaseVersion: 1,
  carriedFrom: 0,
  intent: 'patch',
  changes: [{ startLine: 1, startCharacter: 2, endLine: 1, endCharacter: 4, text: 'naive 𝒳' }],
  payload: '{"a":2}',
  overlaps: [],
  overwrote: [3, 4],
  firstLine: 0,
  lastLine: 2,
  lineDelta: -1,
  payloadHash: new Uint8Array(32).fill(9),
  beforeHash: new Uint8Array(32).fill(9),
  afterHash: new Uint8Array(32).fill(9),
};

test('the content hash depends on the text alone, not on its edits', () => {
  const lines = fc.array(
    fc.string({ maxLength: 80 }).map((line) => line.replaceAll('\n', '')),
    {
      minLength: 1,
      maxLength: 300,
    },
  );
  const edited = lines.chain((all) =>
    changesOf(all.slice(0, 20).join('\n')).map((changes) => ({ all, changes })),
  );
  const hasher = new ContentHasher(native);
  fc.assert(
    fc.property(edited, ({ all, changes }) => {
      const base = Text.ofLines(all);
      hasher.text(base);
      const text = base.apply(changes);
      assert.deepEqual(hasher.text(text), hasher.text(Text.of(text.toString())));
    }),
  );
});

test('a content hash is the same where texts are hashed as they are and where their bytes are', () => {
  const ofTexts = new ContentHasher(native, (text) => native(new TextEncoder().encode(text)));
  const ofBytes = new ContentHasher(native);
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 90 }), (lines) => {
      const content = lines.join('\n');
      assert.deepEqual(ofTexts.text(Text.of(content)), ofBytes.text(Text.of(content)));
    }),
  );
});

test('texts that differ anywhere have different content hashes', () => {
  const hasher = new ContentHasher(native);
  const texts = ['', '\n', '\n\n', 'a', 'a\n', '\na', 'b', 'a\nb', 'ab', 'é', 'e\u0301'];
  const hashes = texts.map((text) => toHex(hasher.text(Text.of(text))));
  assert.equal(new Set(hashes).size, texts.length);
});

test('a stored part can be checked on its own', () => {
  const text = Text.ofLines(Array.from({ length: 5000 }, (_, index) => `line ${index * 7919}`));
  assert.ok(text.groups.length > 3, 'the text has several groups');
  for (const group of text.groups) {
    const part = Text.of(group.chunks.map((chunk) => chunk.lines.join('\n')).join('\n'));
    assert.equal(part.groups.length, 1);
    const hasher = new ContentHasher(native);
    assert.deepEqual(hasher.group(part.groups[0]!), hasher.group(group));
  }
});

test('an edit computes few hashes, however long the text', () => {
  let hashed = 0;
  const counting: Hash = (data) => {
    hashed += data.length;
    return native(data);
  };
  const hasher = new ContentHasher(counting);
  const lines = Array.from({ length: 40_000 }, (_, index) => `const value${index} = ${index};`);
  const text = Text.ofLines(lines);
  hasher.text(text);
  const whole = hashed;
  hashed = 0;
  const change = { startLine: 20_000, startCharacter: 3, endLine: 20_000, endCharacter: 3 };
  hasher.text(text.apply([{ ...change, text: 'x' }]));
  assert.ok(whole > 1_000_000 && hashed < whole / 50, `${hashed} of ${whole} bytes`);
});

test('both hash functions give the same chain', () => {
  const a = new ChainHasher(native).link(CHAIN_START, OP);
  const b = new ChainHasher(sha256).link(CHAIN_START, OP);
  assert.deepEqual(toHex(a), toHex(b));
});

test('the chain format does not drift', () => {
  // Stored worlds depend on this value: a new encoding needs a new format number instead.
  assert.equal(
    toHex(new ChainHasher(native).link(CHAIN_START, OP)),
    'd1f8b174fc5ab4912e75bcadd1f1d6942bb970fbb7d622bcc46e51739b8290f1',
  );
});

test('every column of an op, and what came before, is in its chain hash', () => {
  const hasher = new ChainHasher(native);
  const original = hasher.link(CHAIN_START, OP);
  for (const column of Object.keys(OTHER) as (keyof typeof OTHER)[]) {
    const changed = hasher.link(CHAIN_START, { ...OP, [column]: OTHER[column] });
    assert.ok(!sameBytes(changed, original), column);
  }
  assert.ok(!sameBytes(hasher.link(original, OP), original), 'previous hash');
});

test('the payload hash tells a retry from a reused id', () => {
  const hasher = new ChainHasher(native);
  const sent: SubmittedOp = {
    opId: OP.opId,
    fileId: 2,
    expectedBaseVersion: 2,
    intent: 'typing',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: OP.changes,
  };
  const original = hasher.payload(sent);
  assert.deepEqual(hasher.payload({ ...sent }), original);
  const range = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 1 };
  const others: Partial<SubmittedOp>[] = [
    { fileId: 3 },
    { expectedBaseVersion: 1 },
    { intent: 'patch' },
    { changes: OTHER.changes },
    { rangeHashes: [{ ...range, hash: new Uint8Array(32) }] },
  ];
  for (const other of others) {
    assert.ok(!sameBytes(hasher.payload({ ...sent, ...other }), original), JSON.stringify(other));
  }
});

test('hexadecimal digits survive both ways and garbage is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(fromHex(toHex(bytes)), bytes)),
  );
  for (const garbage of ['a', 'zz', '0x']) assert.throws(() => fromHex(garbage), RangeError);
});
