// However somebody spells a path, the world has one for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PathPlaces } from '../../../src/core/path-places.ts';
import { readSpelledGlob, readSpelledPath } from '../../../src/core/spelled-path.ts';

const places = PathPlaces.of(['src/App.ts', 'Docs/guide.md']);
const place = {
  folders: ['/home/ada/project', '/mnt/disk/project/'],
  spelling: (path: string) => places.spelling(path),
};

test('every spelling of a path is the one that the world has', () => {
  for (const [spelled, path] of [
    ['src/App.ts', 'src/App.ts'],
    ['./src/App.ts', 'src/App.ts'],
    ['src//App.ts', 'src/App.ts'],
    ['src/./App.ts', 'src/App.ts'],
    ['docs/../src/App.ts', 'src/App.ts'],
    ['/home/ada/project/src/App.ts', 'src/App.ts'],
    ['/home/ada/./project//src/App.ts', 'src/App.ts'],
    ['/mnt/disk/project/src/App.ts', 'src/App.ts'],
    ['SRC/app.TS', 'src/App.ts'],
    ['SRC/new.ts', 'src/new.ts'],
    ['docs/new/a.md', 'Docs/new/a.md'],
    ['docs', 'Docs'],
    ['.', ''],
    ['/home/ada/project', ''],
    ['/home/ada/project/', ''],
  ] as const) {
    assert.deepEqual(readSpelledPath(spelled, place), { tag: 'path', path }, spelled);
  }
});

test('what leads out of the world, or can be no file there, is told', () => {
  for (const spelled of [
    '..',
    'src/../../x',
    '/home/ada/other/a.ts',
    '/home/ada/project2/a.ts',
    '/home/ada/project/../x',
    '/',
  ]) {
    assert.deepEqual(readSpelledPath(spelled, place), { tag: 'outside' }, spelled);
  }
  for (const [spelled, fault] of [
    ['.git/config', 'git_folder'],
    ['src/con', 'reserved_name'],
    ['a:b', 'forbidden_character'],
    ['a\\b', 'forbidden_character'],
  ] as const) {
    assert.deepEqual(readSpelledPath(spelled, place), { tag: 'unfit', fault }, spelled);
  }
  assert.deepEqual(readSpelledPath('/etc/passwd'), { tag: 'outside' });
});

test('on Windows parts are separated by backslashes, and drives have no case', () => {
  const windows = { ...place, isWindows: true, folders: ['C:\\Users\\Ada\\project'] };
  for (const spelled of ['src\\App.ts', 'c:\\users\\ada\\PROJECT\\src\\App.ts', '.\\SRC/app.ts']) {
    assert.deepEqual(readSpelledPath(spelled, windows), { tag: 'path', path: 'src/App.ts' });
  }
  assert.deepEqual(readSpelledPath('D:\\x', windows), { tag: 'outside' });
});

test('a glob is spelled as the world does up to its first wildcard', () => {
  for (const [spelled, glob] of [
    ['./SRC//*.ts', 'src/*.ts'],
    ['docs/**', 'Docs/**'],
    ['/home/ada/project/**/*.ts', '**/*.ts'],
    ['DOCS/{A,b}.md', 'Docs/{A,b}.md'],
    ['/home/ada/**', undefined],
    ['../**', undefined],
  ] as const) {
    assert.equal(readSpelledGlob(spelled, place), glob, spelled);
  }
});
