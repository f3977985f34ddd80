import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextCache } from '../../../spacetimedb/src/text-cache.ts';
import { Text } from '../../../src/core/text.ts';

const hashOf = (seed: number) => new Uint8Array(32).fill(seed);

test('a text is found under the hash that history gives its version, and no other', () => {
  const cache = new TextCache(8, 8, 10_000);
  const text = Text.of('of a call that was rolled back');
  cache.put(1, 2, hashOf(7), text);
  assert.equal(cache.get(1, 2, hashOf(7)), text);
  assert.equal(
    cache.get(1, 2, hashOf(8)),
    undefined,
    'what was committed instead has another hash',
  );
  assert.equal(cache.get(1, 3, hashOf(7)), undefined);
  assert.equal(cache.get(2, 2, hashOf(7)), undefined);
});

test('it is bounded in files, versions and bytes, and keeps what was used last', () => {
  const cache = new TextCache(2, 3, 8000);
  for (let version = 1; version <= 5; version++) {
    cache.put(1, version, hashOf(version), Text.of('x'));
  }
  assert.equal(cache.get(1, 2, hashOf(2)), undefined);
  assert.ok(cache.get(1, 3, hashOf(3)));
  cache.put(2, 1, hashOf(1), Text.of('y'));
  cache.put(3, 1, hashOf(1), Text.of('z'));
  assert.equal(cache.get(1, 5, hashOf(5)), undefined, 'the file used longest ago went');
  cache.put(4, 1, hashOf(1), Text.of('w'.repeat(3500)));
  assert.equal(cache.get(3, 1, hashOf(1)), undefined, 'a large one drives the others out');
  assert.ok(cache.get(4, 1, hashOf(1)), 'and is kept itself');
});
