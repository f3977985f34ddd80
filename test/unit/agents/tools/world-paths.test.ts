import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { WorldPaths } from '../../../../src/agents/tools/world-paths.ts';
import { WorldView } from '../../../../src/world/world-view.ts';

function viewOf(...paths: readonly string[]): WorldView {
  const view = new WorldView((error) => assert.fail(String(error)));
  paths.forEach((each, index) =>
    view.files.put({
      fileId: index + 1,
      path: each,
      version: 1,
      contentHash: new Uint8Array(32),
      byteLength: 0,
      lineCount: 1,
      eol: 'lf',
      otherEnds: '',
      bom: false,
      mode: 'regular',
      kind: 'text',
      deleted: false,
      snapshotVersion: 1,
      updatedBy: '',
      updatedAtMs: 0,
    }),
  );
  return view;
}

async function canonical(paths: WorldPaths, spelling: string): Promise<string> {
  const found = await paths.canonical(spelling);
  return found.tag === 'path' ? found.path : found.reply.code;
}

test('one path whatever the spelling', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-paths-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(path.join(folder, 'Src'));
  await writeFile(path.join(folder, 'Src', 'a.ts'), '');
  await symlink('Src', path.join(folder, 'linked'));
  await symlink(tmpdir(), path.join(folder, 'out'));
  await symlink(folder, `${folder}-link`);
  t.after(() => rm(`${folder}-link`));
  const paths = new WorldPaths(viewOf('Src/a.ts', 'README.md'), [folder]);
  const spellings = [
    'Src/a.ts',
    './Src/a.ts',
    'Src//a.ts',
    'Src/./x/../a.ts',
    'src/A.TS',
    'Src\\a.ts',
    'linked/a.ts',
    path.join(folder, 'Src', 'a.ts'),
    path.join(`${folder}-link`, 'Src', 'a.ts'),
    path.join(folder, 'linked', 'a.ts'),
  ];
  for (const spelling of spellings) {
    assert.equal(await canonical(paths, spelling), 'Src/a.ts', spelling);
  }
  assert.equal(await canonical(paths, 'src/new.ts'), 'Src/new.ts', 'a new file in a known folder');
  assert.equal(await canonical(paths, 'linked/new.ts'), 'Src/new.ts');
  for (const spelling of ['../x', '/etc/passwd', 'out/x', '', '.git/config', 'a\0b', 'a/../../b']) {
    assert.equal(await canonical(paths, spelling), 'bad_path', JSON.stringify(spelling));
  }
});
