// Names that begin with two dots are names like any other, wherever it is asked whether a file is in a folder.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { namedPlace } from '../../../src/acp/named-place.ts';
import { ownerOfFolder } from '../../../src/agents/clients/folder-owner.ts';
import { readOutside } from '../../../src/agents/tools/outside-file.ts';
import { demandNoWorlds } from '../../../src/cli/client-files.ts';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { pathInside } from '../../../src/world/path-inside.ts';

test('what is in a folder is told from what is beside it and above it', () => {
  const at = (file: string): string | undefined =>
    pathInside(here('a', 'b'), here(...file.split('/')));
  assert.equal(at('a/b'), '');
  assert.equal(at('a/b/c'), 'c');
  assert.equal(at('a/b/..c'), '..c');
  assert.equal(at('a/b/..c/d'), path.join('..c', 'd'));
  assert.equal(at('a/b/...'), '...');
  for (const outside of ['a', 'a/c', 'a/bb', 'a/..b', 'x']) assert.equal(at(outside), undefined);
});

test('a file with such a name is kept in step with its world', () => {
  assert.equal(new DiskFiles(here('p')).relative(here('p', '..notes', 'a.md')), '..notes/a.md');
});

test('a call of an agent’s tool about it has its path', () => {
  assert.equal(namedPlace(here('p'), '..notes/a.md').path, '..notes/a.md');
  assert.equal(namedPlace(here('p'), '../a.md').path, '');
});

test('an agent may look at it where it is not in the world', async (t) => {
  const folder = await scratch(t);
  await mkdir(path.join(folder, '..built'));
  await writeFile(path.join(folder, '..built', 'out.txt'), 'built\n');
  const whole = { firstLine: 1, lastLine: 1 };
  const reply = await readOutside(folder, '..built/out.txt', false, () => whole);
  assert.match(JSON.stringify(reply), /built/);
});

test('a folder in an agent’s own is the agent’s', async (t) => {
  const folder = await scratch(t);
  await mkdir(path.join(folder, '..part'));
  const agent = { isOwnFolder: true, folder } as Parameters<typeof ownerOfFolder>[1][number];
  assert.equal(await ownerOfFolder(path.join(folder, '..part'), [agent]), agent);
});

test('settings of a client in the folder of a world stay as they are', async (t) => {
  const folder = await scratch(t);
  const machine = {
    home: path.join(folder, 'home'),
    worlds: { all: async () => [{ folder }] },
  } as unknown as Parameters<typeof demandNoWorlds>[0];
  await assert.rejects(demandNoWorlds(machine, path.join(folder, '..client', 'settings.json')), {
    code: 'bad_home',
  });
});

test('everybody asks in this one way', async () => {
  const folder = path.join(projectRoot, 'src');
  const files = (await readdir(folder, { recursive: true })).filter((each) => each.endsWith('.ts'));
  const others: string[] = [];
  for (const file of files) {
    if (file === path.join('world', 'path-inside.ts')) continue;
    const source = await readFile(path.join(folder, file), 'utf8');
    if (/startsWith\(['"]\.\.['"]\)/.test(source)) others.push(file);
  }
  assert.deepEqual(others, []);
});

function here(...names: readonly string[]): string {
  return path.resolve(path.sep, ...names);
}

async function scratch(t: TestContext): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'agent-world-inside-')));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
