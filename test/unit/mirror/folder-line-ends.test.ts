import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { openFolderGit } from '../../../src/git/folder-state.ts';
import type { FolderGit } from '../../../src/mirror/folder-git.ts';
import { silentLog } from '../../../src/world/log.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

test('line ends that git makes in one folder reach nobody, and edits go both ways', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\ntwo\nthree\n');
  const ops = world.ops;
  ada.write('a.md', 'one\r\ntwo\r\nthree\r\n');
  await lookAtAll(ada, bob);
  assert.deepEqual(
    [ada.text('a.md'), bob.text('a.md')],
    [crlf(bob.text('a.md')), 'one\ntwo\nthree\n'],
  );
  assert.equal(world.ops, ops);
  bob.write('a.md', 'one, by bob\ntwo\nthree\n');
  await lookAtAll(bob, ada);
  assert.equal(ada.text('a.md'), 'one, by bob\r\ntwo\r\nthree\r\n');
  ada.write('a.md', 'one, by bob\r\ntwo\r\nthree, by ada\r\n');
  await lookAtAll(ada, bob);
  assert.equal(bob.text('a.md'), 'one, by bob\ntwo\nthree, by ada\n');
  await ada.restart();
  await lookAtAll(ada, bob);
  assert.equal(ada.text('a.md'), 'one, by bob\r\ntwo\r\nthree, by ada\r\n');
  assert.equal(world.ops, ops + 2);
  assert.deepEqual([world.file(1)?.eol, world.tickets, ada.events], ['lf', [], []]);
});

test('text that comes with line ends of git’s is that text', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\ntwo\n');
  ada.write('a.md', 'one\r\ntwo\r\nthree\r\n');
  ada.write('new.md', 'new\r\n');
  await lookAtAll(ada, bob);
  assert.deepEqual([bob.text('a.md'), bob.text('new.md')], ['one\ntwo\nthree\n', 'new\n']);
  assert.deepEqual([ada.text('a.md'), ada.text('new.md')], ['one\r\ntwo\r\nthree\r\n', 'new\r\n']);
  assert.deepEqual([world.file(1)?.eol, world.file(2)?.eol], ['lf', 'lf']);
});

test('a mark that is changed together with line ends of git’s reaches others, the line ends do not', async (context) => {
  const { ada, bob } = await twoFolders(context, 'one\ntwo\n');
  ada.write('a.md', '\uFEFFone\r\ntwo\r\n');
  await lookAtAll(ada, bob);
  assert.deepEqual(
    [ada.text('a.md'), bob.text('a.md')],
    ['\uFEFFone\r\ntwo\r\n', '\uFEFFone\ntwo\n'],
  );
});

test('a folder whose git gives CRLF keeps it where the mirror finds it', async (context) => {
  const world = new ModelWorld();
  world.createNow('a.md', 'one\ntwo\n');
  const ada = await MirrorLab.open(context, world, gitThatGives('true'));
  ada.write('a.md', 'one\r\ntwo\r\n');
  await ada.lookAtAll();
  assert.equal(ada.text('a.md'), 'one\r\ntwo\r\n');
  world.insertNow(1, 'zero\n');
  await ada.lookAtAll();
  assert.equal(ada.text('a.md'), 'zero\r\none\r\ntwo\r\n');
});

test('who changes line ends to what git does not write changes them for everybody', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\r\ntwo\r\n');
  ada.write('a.md', 'one\ntwo\n');
  await lookAtAll(ada, bob);
  assert.equal(bob.text('a.md'), 'one\ntwo\n');
  bob.write('a.md', 'one\r\ntwo\r\n');
  await lookAtAll(bob, ada);
  assert.equal(ada.text('a.md'), 'one\r\ntwo\r\n');
  assert.equal(world.file(1)?.eol, 'crlf');
});

/** Ada's folder has a git that gives CRLF, Bob's one that converts nothing. */
async function twoFolders(context: TestContext, text: string) {
  const world = new ModelWorld();
  const ada = await MirrorLab.open(context, world, gitThatGives('true'));
  const bob = await MirrorLab.open(context, world, gitThatGives('false'));
  bob.write('a.md', text);
  await lookAtAll(bob, ada);
  assert.equal(ada.text('a.md'), text);
  return { world, ada, bob };
}

function gitThatGives(autocrlf: string): (folder: string) => FolderGit {
  return (folder) => {
    execFileSync('git', ['init', '-q'], { cwd: folder });
    execFileSync('git', ['config', 'core.autocrlf', autocrlf], { cwd: folder });
    return openFolderGit(folder, silentLog);
  };
}

async function lookAtAll(...labs: readonly MirrorLab[]): Promise<void> {
  for (const lab of labs) await lab.lookAtAll();
}

function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}
