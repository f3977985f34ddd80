import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { AddedAgents } from '../../../src/agents/clients/added-agents.ts';
import { lookAtFolders } from '../../../src/editor/folder-look.ts';
import { type KnownWorld, WorldList } from '../../../src/world/world-list.ts';

let scratch: string;
let home: string;
beforeEach(async () => {
  scratch = await realpath(await mkdtemp(path.join(tmpdir(), 'agent-world-look-')));
  home = path.join(scratch, 'home');
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

test('without a home there is no world, and none is made', async () => {
  assert.deepEqual(await lookAtFolders(home, [scratch]), { isInWorld: false, worlds: 0 });
  assert.deepEqual(await readdir(scratch), []);
});

test('a folder of a world is known, any other is not, whatever else this machine knows', async () => {
  const ours = await folder('ours');
  const other = await folder('other');
  await new WorldList(home).put(known({ database: 'one', folder: ours }));
  await new WorldList(home).put(known({ database: 'two', folder: other, isReady: false }));
  const look = (...folders: readonly string[]) => lookAtFolders(home, folders);
  assert.deepEqual(await look(ours), { isInWorld: true, worlds: 2 });
  assert.deepEqual(await look(scratch, ours), { isInWorld: true, worlds: 2 });
  assert.deepEqual(await look(other), { isInWorld: false, worlds: 2 });
  assert.deepEqual(await look(path.join(scratch, 'gone')), { isInWorld: false, worlds: 2 });
});

test('a folder inside an agent’s own folder is in a world', async () => {
  const own = await folder('own');
  await folder('own', 'src');
  const agents = new AddedAgents(home);
  await agents.alone(() =>
    agents.put({
      client: 'claude',
      name: 'Ada',
      database: 'one',
      worldName: 'One',
      folder: own,
      isOwnFolder: true,
      serverName: 'agent-world',
      entry: { command: 'agent-world', args: [] },
    }),
  );
  const look = await lookAtFolders(home, [path.join(own, 'src')]);
  assert.deepEqual(look, { isInWorld: true, worlds: 0 });
});

test('a damaged list is for whoever enters to tell of', async () => {
  await mkdir(home);
  await writeFile(path.join(home, 'worlds.json'), 'no list');
  assert.equal((await lookAtFolders(home, [scratch])).isInWorld, true);
});

async function folder(...names: readonly string[]): Promise<string> {
  const made = path.join(scratch, ...names);
  await mkdir(made);
  return made;
}

function known(world: Pick<KnownWorld, 'database' | 'folder'> & Partial<KnownWorld>): KnownWorld {
  return { server: 'embedded', name: 'One', addedAt: '', isReady: true, ...world };
}
