import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import manifest from '../../../package.json' with { type: 'json' };
import { scanFolder } from '../../../src/world/folder-scan.ts';
import { SETTINGS_FILE } from '../../../src/world/folder-settings.ts';
import { TEMPORARY_NAMES } from '../../../src/world/temporary-names.ts';

const TEMPORARY = [
  '.n.md.swp',
  '.n.md.swo',
  '4913',
  '.#n.md',
  '#n.md#',
  'n.md~',
  'n.md___jb_tmp___',
  'n.md___jb_old___',
  'n.md.vsctmp',
  '.subl7ee.tmp',
  '.n.md.kate-swp',
  '.goutputstream-4XQ2K1',
  'n.md.tmp.4711.18c3f9a2b4d',
  'n.md.0a1b2c3d4e5f.tmp',
  'tmpclaude-0f3a-cwd',
  '.~lock.n.odt#',
  '.nfs000000000001',
  '.fuse_hidden0000001',
].filter((name) => process.platform !== 'win32' || !/[#~]$/.test(name));
const LASTING = [
  'n.md',
  'n.tmp',
  'a.tmp.md',
  'notes.swp',
  '49130',
  '#1.md',
  '.swift',
  'x.bed.tmp',
  'folder~/n.md',
  'style.tmp.css',
  'tmpclaude.md',
];

test('names that editors and agents’ clients give for a moment stay out, and their like do not', async (t) => {
  const folder = folderWith(t, [
    ...TEMPORARY,
    ...TEMPORARY.map((name) => `deep/${name}`),
    ...LASTING,
  ]);
  const { files, skipped } = await scanFolder(folder);
  assert.deepEqual(files.map((file) => file.path).toSorted(), LASTING.toSorted());
  assert.ok(skipped.every(({ why }) => why === 'temporary'));
  assert.equal(skipped.length, TEMPORARY.length * 2);
});

test('what git tracks and what the world has is not left out for its name', async (t) => {
  const folder = folderWith(t, ['4913', 'a~', 'b~', 'c~']);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  git('init', '-q');
  git('add', '-f', '4913', 'a~');
  const { files } = await scanFolder(folder, { isKnown: (name) => name === 'b~' });
  assert.deepEqual(
    files.map((file) => file.path),
    ['4913', 'a~', 'b~'],
  );
});

test('the list can be changed in the folder’s settings', async (t) => {
  const folder = folderWith(t, ['a~', 'a.mine']);
  fs.mkdirSync(path.join(folder, '.vscode'));
  const settings = { 'agentWorld.temporaryNames': ['*.mine'], 'agentWorld.exclude': ['/.vscode/'] };
  fs.writeFileSync(path.join(folder, ...SETTINGS_FILE.split('/')), JSON.stringify(settings));
  const { files } = await scanFolder(folder);
  assert.deepEqual(
    files.map((file) => file.path),
    ['a~'],
  );
});

test('the setting shows the names that are left out', () => {
  const { properties } = manifest.contributes.configuration;
  assert.deepEqual(properties['agentWorld.temporaryNames'].default, TEMPORARY_NAMES);
});

function folderWith(context: TestContext, names: readonly string[]): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-names-')));
  context.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  for (const name of names) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), 'text\n');
  }
  return folder;
}
