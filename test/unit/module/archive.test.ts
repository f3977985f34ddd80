import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, test } from 'node:test';
import { ByteReader } from '../../../src/core/byte-reader.ts';
import { ArchiveError, ArchiveReader, ArchiveVerifier } from '../../../src/core/log-archive.ts';
import { OpDecoder } from '../../../src/core/op-codec.ts';
import type { OpRecord } from '../../../src/core/op.ts';
import type { LogPart } from '../../../src/core/verify-log.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { archiveOf } from '../../harness/archive-of.ts';
import { livelyWorld } from './lively-world.ts';

const native = (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest());

let ops: OpRecord[];
let parts: Map<string, LogPart>;
let archive: Buffer;

before(async () => {
  const world = await livelyWorld();
  ops = world.rows('file_op').map(opRecordOf);
  parts = new Map(world.rows('content_chunk').map((row) => [row.hash, row]));
  archive = archiveOf(world);
});

test('an archive gives back every op with all its columns, and every part', () => {
  const decoder = new OpDecoder();
  const readParts = new Map<string, LogPart>();
  const readOps: unknown[] = [];
  const reader = new ArchiveReader();
  for (const entry of reader.push(archive)) {
    if (entry.tag === 'part') readParts.set(entry.key, entry.part);
    if (entry.tag !== 'op') continue;
    const op = decoder.read(new ByteReader(entry.op.bytes));
    readOps.push(plain({ ...op, chainHash: entry.op.chainHash }));
  }
  reader.finish();
  assert.deepEqual(readOps, ops.map(plain));
  assert.deepEqual([...readParts.keys()], [...parts.keys()]);
  for (const [key, part] of readParts) {
    assert.equal(part.text, parts.get(key)?.text);
    assert.deepEqual(
      part.bytes && [...part.bytes],
      parts.get(key)?.bytes && [...parts.get(key)!.bytes!],
    );
  }
});

test('an archive verifies in pieces of any size', () => {
  for (const pieceBytes of [1, 7, 100, archive.length]) {
    assert.equal(verify(archive, pieceBytes), undefined, `${pieceBytes} bytes at a time`);
  }
});

test('any one byte of an archive changed is found', () => {
  for (let at = 0; at < archive.length; at++) {
    const changed = Buffer.from(archive);
    changed[at]! ^= 1 << (at % 8);
    assert.ok(isFaulty(changed), `byte ${at}`);
  }
});

test('an archive that is cut off anywhere, or goes on after its end, is found', () => {
  for (let length = 0; length < archive.length; length++) {
    assert.throws(() => verify(archive.subarray(0, length)), ArchiveError, `${length} bytes`);
  }
  assert.throws(() => verify(Buffer.concat([archive, archive.subarray(8)])), ArchiveError);
});

function verify(bytes: Uint8Array, pieceBytes = bytes.length) {
  const verifier = new ArchiveVerifier(native);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const fault = verifier.push(bytes.subarray(at, at + pieceBytes));
    if (fault) return fault;
  }
  return verifier.finish();
}

function isFaulty(bytes: Uint8Array): boolean {
  try {
    return verify(bytes) !== undefined;
  } catch (error) {
    if (error instanceof ArchiveError) return true;
    throw error;
  }
}

/** Byte strings of whichever kind, comparable. */
function plain(op: OpRecord): object {
  return Object.fromEntries(
    Object.entries(op).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Uint8Array ? [...value] : value,
    ]),
  );
}
