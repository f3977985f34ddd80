import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CountedCache, detached, bytesOfString } from '../../../spacetimedb/src/counted-cache.ts';
import { RefusedCalls } from '../../../spacetimedb/src/refused-calls.ts';
import { bytesApart, bytesOfText } from '../../../spacetimedb/src/text-bytes.ts';
import { TextCache } from '../../../spacetimedb/src/text-cache.ts';
import type { Context } from '../../../spacetimedb/src/world.ts';
import { ALL_CACHES_BYTES, CACHE_BYTES, CACHE_COUNTS } from '../../../src/core/cache-sizes.ts';
import { ContentHasher } from '../../../src/core/content-hash.ts';
import { Text } from '../../../src/core/text.ts';
import { nativeHash } from '../../../src/world/native-hash.ts';
import { insert, personNamed } from './test-world.ts';

const MIB = 1024 * 1024;
const hasher = new ContentHasher(nativeHash);
const moduleFolder = fileURLToPath(new URL('../../../spacetimedb/src/', import.meta.url));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('all that a module keeps in memory stays below 256 MB together', () => {
  const names = Object.keys(CACHE_BYTES) as (keyof typeof CACHE_BYTES)[];
  const all = names.reduce((sum, name) => sum + CACHE_BYTES[name] * CACHE_COUNTS[name], 0);
  assert.ok(all < ALL_CACHES_BYTES, `${all} bytes`);
});

test('nothing of the module is kept from call to call in a map that nobody counts', () => {
  for (const file of readdirSync(moduleFolder).filter((name) => name.endsWith('.ts'))) {
    const source = readFileSync(path.join(moduleFolder, file), 'utf8');
    const found =
      /^(?:export )?(?:const|let) \w+(?:: [^=\n]+)? = new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\)/m.exec(
        source,
      );
    assert.equal(found?.[0], undefined, file);
  }
});

test('forty versions of a file of 2 MB, each with much that is new, stay within their bytes', () => {
  const cache = new TextCache(256, 128, 48 * MIB);
  const before = heapBytes();
  for (let version = 1; version <= 40; version++) {
    // A new half each time, on top of the half that stays.
    const text = Text.of(`${linesOf(MIB, 0)}\n${linesOf(MIB, version)}`);
    cache.put(1, version, hasher.text(text), text);
    assert.ok(cache.bytes <= 48 * MIB, `${cache.bytes} bytes are counted`);
  }
  const held = heapBytes() - before;
  assert.ok(held <= 48 * MIB, `${held} bytes are held`);
  assert.ok(cache.bytes > 24 * MIB, 'the room is used');
});

test('versions that differ by a key cost what they do not share: 128 of them are kept', () => {
  const cache = new TextCache(256, 128, CACHE_BYTES.texts);
  let text = Text.of(linesOf(4 * MIB, 0));
  const one = bytesOfText(text);
  const hashes: Uint8Array[] = [];
  for (let version = 1; version <= 200; version++) {
    text = text.apply(insert((version * 997) % text.lineCount, 3, 'x'));
    hashes[version] = hasher.text(text);
    cache.put(1, version, hashes[version]!, text);
  }
  assert.ok(cache.get(1, 200 - 127, hashes[200 - 127]!), 'the last 128 are there');
  assert.equal(cache.get(1, 200 - 128, hashes[200 - 128]!), undefined);
  assert.ok(cache.bytes < one + 128 * 128 * 1024, `${cache.bytes} bytes for ${one} and 127 keys`);
});

test('what is counted is that of the texts there, however they came and went', () => {
  const cache = new TextCache(4, 5, 256 * 1024);
  const texts = new Map<number, Text>();
  for (let turn = 0; turn < 400; turn++) {
    const file = (turn * 7) % 6;
    const base = texts.get(file) ?? Text.of(linesOf(8000, file));
    const text =
      turn % 11 === 0 ? Text.of(linesOf(9000, turn)) : base.apply(insert(turn % 40, 0, 'y\n'));
    texts.set(file, text);
    // Versions come again, as after a call that was rolled back.
    cache.put(file, turn % 8, hasher.text(text), text);
    assert.ok(cache.bytes <= 256 * 1024 && cache.bytes > 0);
  }
  for (let file = 10; file < 14; file++) {
    const text = Text.of('x');
    cache.put(file, 1, hasher.text(text), text);
  }
  assert.ok(cache.bytes < 8000, `${cache.bytes} bytes for four texts of one letter`);
});

test('what two texts do not share is the same from both sides', () => {
  const text = Text.of(linesOf(100_000, 1));
  const next = text.apply(insert(700, 0, 'new\nlines\n'));
  for (const version of [text, next]) hasher.text(version);
  const { own, other } = bytesApart(next, text);
  assert.equal(bytesOfText(next) - own, bytesOfText(text) - other);
  assert.ok(own < bytesOfText(text) / 2, 'an edit shares most');
});

test('a refusal keeps nothing of a large call that it was about', () => {
  const refused = new RefusedCalls();
  const before = heapBytes();
  const ctx = { sender: { __identity__: BigInt(`0x${personNamed('ann')}`) } } as unknown as Context;
  for (let call = 0; call < 40; call++) {
    const opId = `00000000-0000-7000-8000-${call.toString(16).padStart(12, '0')}`;
    const text = linesOf(MIB, call);
    refused.remember(ctx, { opId, text }, `head_moved: ${text.slice(0, 400_000)}`);
    assert.notEqual(refused.find(ctx, { opId, text }), undefined);
  }
  const held = heapBytes() - before;
  assert.ok(held < 2 * MIB, `${held} bytes are held for 40 refusals`);
});

test('a counted map drops what came first, and never holds more than it may', () => {
  const cache = new CountedCache<number, string>(10_000, (_, text) => bytesOfString(text));
  for (let key = 0; key < 100; key++) {
    cache.put(key, 'x'.repeat(500));
    assert.ok(cache.bytes <= 10_000);
  }
  assert.equal(cache.get(0), undefined);
  assert.equal(cache.get(99)?.length, 500);
  cache.put(100, 'x'.repeat(50_000));
  assert.equal(cache.get(100), undefined, 'what is larger than the room is not kept');
  assert.equal(cache.get(99)?.length, 500, 'and drives nothing out');
  assert.equal(detached('ä😀'), 'ä😀');
});

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Lines of different lengths, different for each seed. */
function linesOf(characters: number, seed: number): string {
  const lines: string[] = [];
  let [length, state] = [0, seed * 7919 + 17];
  while (length < characters) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const line = `${state.toString(36)} of ${seed} ${'-'.repeat(state % 50)}`;
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join('\n');
}
