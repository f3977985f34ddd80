import assert from 'node:assert/strict';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { WorldList, type KnownWorld } from '../../../src/world/world-list.ts';
import { temporaryFolder } from './temporary-folder.ts';

function world(database: string, folder = `/projects/${database}`): KnownWorld {
  const addedAt = '2026-01-01T00:00:00.000Z';
  return { server: 'embedded', database, name: database, folder, addedAt, isReady: true };
}

test('worlds are there for the next process', async (t) => {
  const home = await temporaryFolder(t);
  await new WorldList(home).put(world('a'));
  await new WorldList(home).put({ ...world('a'), name: 'renamed' });
  await new WorldList(home).put(world('b'));
  const names = (await new WorldList(home).all()).map(({ name }) => name);
  assert.deepEqual(names, ['renamed', 'b']);
});

test('changes made at the same time are all kept', async (t) => {
  const home = await temporaryFolder(t);
  const names = Array.from({ length: 8 }, (_, index) => `world-${index}`);
  await Promise.all(names.map((name) => new WorldList(home).put(world(name))));
  const kept = (await new WorldList(home).all()).map(({ database }) => database);
  assert.deepEqual(kept.toSorted(), names);
});

test('a folder inside of a world’s folder, or around it, gets no world of its own', async (t) => {
  const home = await temporaryFolder(t);
  const worlds = new WorldList(home);
  const inner = path.join(home, 'project');
  await mkdir(inner);
  await worlds.put(world('a', inner));
  for (const folder of [path.join(inner, 'src'), home]) {
    const opened = worlds.reserve(folder, () => world('b', folder));
    await assert.rejects(opened, { code: 'nested_folder' });
  }
  const beside = `${inner}-two`;
  assert.equal((await worlds.reserve(beside, () => world('c', beside))).database, 'c');
  await rm(inner, { recursive: true });
  assert.equal((await worlds.reserve(home, () => world('d', home))).database, 'd', 'it is gone');
});

test('two windows that open a folder at once get one world', async (t) => {
  const home = await temporaryFolder(t);
  const reserved = await Promise.all(
    ['x', 'y', 'z'].map((name) => new WorldList(home).reserve('/p', () => world(name, '/p'))),
  );
  assert.equal(new Set(reserved.map(({ database }) => database)).size, 1);
});

test('the last head that was seen never goes back', async (t) => {
  const list = new WorldList(await temporaryFolder(t));
  await list.put(world('a'));
  await list.rememberHead('embedded', 'a', { opSeq: 5, chainHash: '05' });
  await list.rememberHead('embedded', 'a', { opSeq: 3, chainHash: '03' });
  assert.deepEqual((await list.find('embedded', 'a'))?.lastHead, { opSeq: 5, chainHash: '05' });
});

test('a damaged list is told, not overwritten', async (t) => {
  const home = await temporaryFolder(t);
  await writeFile(path.join(home, 'worlds.json'), '{"worlds":');
  await assert.rejects(new WorldList(home).put(world('a')), { code: 'bad_home' });
  assert.equal((await stat(path.join(home, 'worlds.json'))).size, 10);
});
