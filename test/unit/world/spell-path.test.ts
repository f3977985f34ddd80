// Paths as people and agents spell them on a disk with links, and as the world has them.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { PathPlaces } from '../../../src/core/path-places.ts';
import { spellGlob, spellPath } from '../../../src/world/spell-path.ts';

test('a path through a link is the one behind it, be there a file yet or not', async (t) => {
  const place = await realpath(await mkdtemp(path.join(tmpdir(), 'agent-world-spell-')));
  t.after(() => rm(place, { recursive: true, force: true }));
  const folder = path.join(place, 'project');
  await mkdir(path.join(folder, 'src'), { recursive: true });
  await writeFile(path.join(folder, 'src', 'a.ts'), '');
  await symlink(folder, path.join(place, 'linked'));
  await symlink('src', path.join(folder, 'lib'));
  await symlink(place, path.join(folder, 'out'));
  const places = PathPlaces.of(['src/a.ts']);
  const view = { spelling: (each: string) => places.spelling(each) };
  for (const known of [folder, path.join(place, 'linked')]) {
    for (const [spelled, found] of [
      ['src/a.ts', 'src/a.ts'],
      ['./src//a.ts', 'src/a.ts'],
      ['SRC/A.ts', 'src/a.ts'],
      ['lib/a.ts', 'src/a.ts'],
      ['lib/new/b.ts', 'src/new/b.ts'],
      [path.join(folder, 'src/a.ts'), 'src/a.ts'],
      [path.join(place, 'linked', 'src/new.ts'), 'src/new.ts'],
      [path.join(place, 'linked', 'lib/a.ts'), 'src/a.ts'],
      [path.join(place, 'linked'), ''],
      ['out/project/src/a.ts', 'src/a.ts'],
    ] as const) {
      assert.deepEqual(
        await spellPath(view, spelled, known),
        { tag: 'path', path: found },
        spelled,
      );
    }
    for (const spelled of ['../other/a.ts', path.join(place, 'other.ts'), '/etc/passwd']) {
      assert.deepEqual(await spellPath(view, spelled, known), { tag: 'outside' }, spelled);
    }
    assert.equal(await spellGlob(view, path.join(folder, 'SRC/*.ts'), known), 'src/*.ts');
    assert.equal(await spellGlob(view, '../*.ts', known), undefined);
  }
  assert.deepEqual(await spellPath(view, 'SRC/a.ts'), { tag: 'path', path: 'src/a.ts' });
  assert.deepEqual(await spellPath(view, '/etc/passwd'), { tag: 'outside' });
});
