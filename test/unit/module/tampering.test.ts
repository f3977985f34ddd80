import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, test } from 'node:test';
import type { OpRecord } from '../../../src/core/op.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import { type LogPart, LogVerifier, verifyLog } from '../../../src/core/verify-log.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { livelyWorld } from './lively-world.ts';
import { decodeRow, type TestWorld } from './test-world.ts';

const native = (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest());

let world: TestWorld;
let ops: OpRecord[];
let parts: Map<string, LogPart>;

before(async () => {
  world = await livelyWorld();
  ops = world.rows('file_op').map(opRecordOf);
  parts = new Map(world.rows('content_chunk').map((row) => [row.hash, row]));
});

test('a log that nobody touched is found right, up to its head', () => {
  const [head] = world.rows('log_head');
  assert.equal(verify(ops, head), undefined);
});

test('the log replayed elsewhere gives the same versions, content and hashes', () => {
  const verifier = new LogVerifier(native, (key) => parts.get(key));
  for (const op of ops) assert.equal(verifier.add(op), undefined);
  assert.equal(verifier.finish(), undefined);
  const files = [...verifier.files()];
  assert.equal(files.length, world.rows('file_head').length);
  for (const file of files) {
    const head = world.headOf(file.fileId);
    assert.equal(file.version, head.version);
    assert.deepEqual(file.contentHash, head.contentHash);
    const { path, mode, eol, bom, deleted } = head;
    const place = [file.path, file.mode, file.eol, file.bom, file.deleted];
    assert.deepEqual(place, [path, mode, eol, bom, deleted]);
    if (file.content instanceof LineBuffer) assert.equal(file.content.lineCount, head.lineCount);
  }
});

test('any one byte of the log changed is found, at the op that it belongs to', () => {
  const stored = world.runtime.datastore.table('file_op')!.allRows();
  const kinds = new Set(ops.map((op) => op.kind));
  assert.ok(kinds.size >= 10, `the log has ops of many kinds: ${[...kinds].join()}`);
  let flips = 0;
  for (const [index, row] of stored.entries()) {
    for (let at = 0; at < row.bytes.length; at++) {
      const bytes = Buffer.from(row.bytes);
      bytes[at]! ^= 1 << (at % 8);
      const changed = decoded(bytes);
      if (!changed) continue;
      const fault = verify([...ops.slice(0, index), changed, ...ops.slice(index + 1)]);
      assert.ok(fault, `byte ${at} of op ${index + 1} (${ops[index]!.kind})`);
      const isThere = fault.opSeq === index + 1 || fault.opSeq === changed.opSeq;
      assert.ok(isThere, `byte ${at} of op ${index + 1} is blamed on op ${fault.opSeq}`);
      flips++;
    }
  }
  assert.ok(flips > 3000, `${flips} bytes could be read at all`);
});

test('any one byte of a stored part changed is found', () => {
  for (const [key, part] of parts) {
    const bytes = part.bytes ? Buffer.from(part.bytes) : Buffer.from(part.text ?? '');
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1;
      const other = part.bytes ? { bytes: flipped } : { text: flipped.toString() };
      const fault = verifyLog(ops, (each) => (each === key ? other : parts.get(each)), native);
      assert.ok(fault, `byte ${at} of part ${key}`);
    }
  }
});

test('a dropped, doubled or exchanged op is found, and a part that is missing', () => {
  for (let index = 0; index < ops.length - 1; index++) {
    const without = [...ops.slice(0, index), ...ops.slice(index + 1)];
    assert.ok(verify(without), `op ${index + 1} dropped`);
    const doubled = [...ops.slice(0, index + 1), ...ops.slice(index)];
    assert.ok(verify(doubled), `op ${index + 1} doubled`);
    const [one, two] = [ops[index]!, ops[index + 1]!];
    const swapped = [...ops.slice(0, index), two, one, ...ops.slice(index + 2)];
    assert.ok(verify(swapped), `ops ${index + 1} and ${index + 2} exchanged`);
  }
  for (const key of parts.keys()) {
    assert.ok(
      verifyLog(ops, (each) => (each === key ? undefined : parts.get(each)), native),
      key,
    );
  }
});

test('a log cut short is found by the head that was kept elsewhere', () => {
  const last = ops.at(-1)!;
  const head = { opSeq: last.opSeq, chainHash: last.chainHash };
  assert.equal(verify(ops.slice(0, -1)), undefined, 'the chain alone cannot tell');
  assert.deepEqual(verify(ops.slice(0, -1), head), { opSeq: last.opSeq - 1, kind: 'head' });
});

function verify(log: readonly OpRecord[], head?: { opSeq: number; chainHash: Uint8Array }) {
  return verifyLog(log, (key) => parts.get(key), native, head);
}

function decoded(bytes: Buffer): OpRecord | undefined {
  try {
    return opRecordOf(decodeRow('file_op', bytes));
  } catch (error) {
    // Lengths that point out of the row: whoever reads it finds that at once.
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}
