import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAnswer } from '../../src/agents/tools/render-answer.ts';
import { bodyOf, ToolsLab } from './tools-lab.ts';

test('an agent lists, finds and reads files; what is cut says how to go on', async (t) => {
  const lab = await ToolsLab.open(t);
  const ada = await lab.join();
  for (const path of ['src/a.ts', 'src/b.ts', 'notes.md']) {
    await lab.file(ada, path, `first of ${path}\nsecond\nthird\n`);
  }
  const all = await ada.tools.listFiles({});
  assert.deepEqual(
    bodyOf(all, 'files').files.map(({ path }) => path),
    ['notes.md', 'src/a.ts', 'src/b.ts'],
  );
  const one = await ada.tools.listFiles({ glob: '*.ts', limit: 1 });
  assert.equal(bodyOf(one, 'files').after, 'src/a.ts');
  const rest = await ada.tools.listFiles({ glob: '*.ts', after: 'src/a.ts' });
  assert.deepEqual(
    bodyOf(rest, 'files').files.map(({ path }) => path),
    ['src/b.ts'],
  );
  const read = bodyOf(await ada.tools.readFile({ path: './src//a.ts' }), 'text');
  assert.equal(read.text, '1→first of src/a.ts\n2→second\n3→third');
  assert.deepEqual([read.version, read.totalLines, read.nextLine], [1, 3, 0]);
  const part = await ada.tools.readFile({ path: 'src/a.ts', firstLine: 2, lastLine: 2 });
  assert.equal(bodyOf(part, 'text').text, '2→second');
  assert.equal(bodyOf(part, 'text').nextLine, 3);
  assert.match(renderAnswer(part), /Read src\/a\.ts from line 3 to go on/);
  const far = await ada.tools.readFile({ path: 'src/a.ts', firstLine: 9 });
  assert.equal(far.code, 'bad_range');
  assert.equal((await ada.tools.readFile({ path: '../x' })).code, 'bad_path');
  assert.equal((await ada.tools.readFile({ path: 'none.md' })).code, 'no_such_file');
});

test('a search by text or by expression shows lines with context, and goes on where it was cut', async (t) => {
  const lab = await ToolsLab.open(t);
  const ada = await lab.join();
  await lab.file(ada, 'a.txt', 'one\nTwo\nthree\ntwo\n');
  await lab.file(ada, 'b.txt', 'two\n');
  const found = await ada.tools.search({ text: 'two', context: 1 });
  assert.deepEqual(bodyOf(found, 'matches').files, [
    { path: 'a.txt', version: 1, matches: [{ line: 4, text: '3 three\n4→two' }] },
    { path: 'b.txt', version: 1, matches: [{ line: 1, text: '1→two' }] },
  ]);
  const first = bodyOf(
    await ada.tools.search({ regex: '^t', ignoreCase: true, limit: 2 }),
    'matches',
  );
  assert.deepEqual(
    first.files[0]?.matches.map(({ line }) => line),
    [2, 3],
  );
  assert.equal(first.after, 'a.txt:3');
  const second = bodyOf(
    await ada.tools.search({ regex: '^t', ignoreCase: true, after: first.after }),
    'matches',
  );
  assert.deepEqual(
    second.files.map(({ path, matches }) => [path, matches.map(({ line }) => line)]),
    [
      ['a.txt', [4]],
      ['b.txt', [1]],
    ],
  );
  assert.equal((await ada.tools.search({ regex: '(' })).code, 'bad_pattern');
  assert.equal((await ada.tools.search({})).code, 'bad_request');
});

test('who reads lines of a file is seen there by others, and it makes no history', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\ntwo\nthree\n');
  const shown = new Promise<readonly number[]>((resolve) => {
    bob.session.view.onMovement(({ identity, selections: [selection] }) => {
      if (identity !== ada.session.identity || !selection) return;
      resolve([selection.anchorLine, selection.activeLine]);
    });
  });
  const before = (await bob.tools.listFiles({})).world?.headSeq;
  await ada.tools.readFile({ path: 'a.txt', firstLine: 2 });
  assert.deepEqual(await shown, [1, 2]);
  assert.equal((await bob.tools.listFiles({})).world?.headSeq, before);
});

test('of calls that follow each other at once others see the first place and the last', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\ntwo\nthree\nfour\n');
  const seen: number[] = [];
  const last = new Promise<void>((resolve) => {
    bob.session.view.onMovement(({ identity, selections: [selection] }) => {
      if (identity !== ada.session.identity || !selection) return;
      seen.push(selection.anchorLine);
      if (selection.anchorLine === 3) resolve();
    });
  });
  for (const line of [1, 2, 3, 4]) {
    await ada.tools.readFile({ path: 'a.txt', firstLine: line, lastLine: line });
  }
  await last;
  assert.deepEqual([seen[0], seen.length < 4], [0, true], seen.join());
});

test('a call that nobody waits for any more, or for a world that is gone, says so', async (t) => {
  const lab = await ToolsLab.open(t);
  const ada = await lab.join();
  ada.session.close();
  assert.equal((await ada.tools.listFiles({}, AbortSignal.abort())).code, 'cancelled');
  const gone = await ada.tools.listFiles({});
  assert.deepEqual([gone.code, gone.world], ['offline', undefined]);
});
