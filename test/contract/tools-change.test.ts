import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, ToolsLab } from './tools-lab.ts';

test('files are made, moved, made executable and removed, and what is so already is told', async (t) => {
  const lab = await ToolsLab.open(t);
  const ada = await lab.join();
  const { tools, session } = ada;
  assert.equal((await tools.createFile({ path: 'src/a.sh', text: 'one\r\ntwo\r\n' })).code, 'ok');
  assert.equal(session.view.fileAt('src/a.sh')?.eol, 'crlf');
  assert.equal(await lab.text('src/a.sh'), 'one\ntwo\n');
  assert.equal(
    (await tools.createFile({ path: 'src/a.sh', text: 'one\ntwo\n' })).code,
    'no_change',
  );
  assert.equal((await tools.createFile({ path: 'src/a.sh', text: 'x' })).code, 'path_taken');
  assert.equal((await tools.createFile({ path: 'src', text: 'x' })).code, 'path_taken');
  assert.equal((await tools.createFile({ path: 'src/a.sh/b', text: 'x' })).code, 'path_taken');
  assert.equal((await tools.setMode({ path: 'src/a.sh', executable: true })).code, 'ok');
  assert.equal((await tools.setMode({ path: 'src/a.sh', executable: true })).code, 'no_change');
  const moved = await tools.renameFile({ path: 'src/a.sh', to: 'lib/b.sh' });
  assert.deepEqual(bodyOf(moved, 'changed').files[0]?.from, 'src/a.sh');
  // What the agent made it knows, also under its new name.
  const edited = await tools.writeFile({ path: 'lib/b.sh', text: 'one\n2\n' });
  assert.equal(edited.code, 'ok');
  assert.equal(session.view.fileAt('lib/b.sh')?.mode, 'executable');
  assert.equal((await tools.deleteFile({ path: 'lib/b.sh' })).code, 'ok');
  assert.equal(await lab.text('lib/b.sh'), 'no_such_file');
  assert.equal((await tools.renameFile({ path: 'none', to: 'x' })).code, 'no_such_file');
});

test('nobody replaces or removes all of a text that they have not seen', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.txt', 'one\ntwo\nthree\n');
  assert.equal((await ada.tools.writeFile({ path: 'a.txt', text: 'x\n' })).code, 'unread');
  assert.equal((await ada.tools.deleteFile({ path: 'a.txt' })).code, 'unread');
  await ada.tools.readFile({ path: 'a.txt', firstLine: 1, lastLine: 2 });
  assert.equal((await ada.tools.writeFile({ path: 'a.txt', text: 'x\n' })).code, 'partly_read');
  await ada.tools.readFile({ path: 'a.txt', firstLine: 3 });
  assert.equal((await ada.tools.writeFile({ path: 'a.txt', text: 'x\n' })).code, 'ok');
  assert.equal(await lab.text('a.txt'), 'x\n');
});

test('a whole file is written as what differs from the text that the agent had', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.txt', 'one\ntwo\nthree\nfour\n');
  await Promise.all([ada.tools.readFile({ path: 'a.txt' }), bob.agent.read('a.txt')]);
  await bob.agent.replace('a.txt', [{ search: 'four', replacement: 'four of bob\nfive of bob' }]);
  await lab.caughtUp();
  const written = await ada.tools.writeFile({ path: 'a.txt', text: 'ONE\ntwo\nthree\nfour\n' });
  assert.equal(written.code, 'ok');
  assert.equal(await lab.text('a.txt'), 'ONE\ntwo\nthree\nfour of bob\nfive of bob\n');
  // It has its own edit in mind, and not what Bob did: no version ever read so.
  const again = await ada.tools.writeFile({ path: 'a.txt', text: 'ONE\nTWO\nthree\nfour\n' });
  assert.equal(again.code, 'ok', again.message);
  assert.equal(await lab.text('a.txt'), 'ONE\nTWO\nthree\nfour of bob\nfive of bob\n');
  const over = await ada.tools.writeFile({ path: 'a.txt', text: 'ONE\nTWO\nthree\nFOUR\n' });
  assert.equal(over.code, 'stale_copy', 'Bob wrote there');
  assert.equal(await lab.text('a.txt'), 'ONE\nTWO\nthree\nfour of bob\nfive of bob\n');
});

test('an edit of a file that somebody renamed goes where the file is', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.txt', 'one\ntwo\n');
  await ada.tools.readFile({ path: 'a.txt' });
  await bob.tools.renameFile({ path: 'a.txt', to: 'b.txt' });
  await lab.caughtUp();
  const edits = [{ search: 'two', replacement: '2' }];
  const edited = await ada.tools.editFile({ path: 'a.txt', edits });
  assert.equal(bodyOf(edited, 'changed').files[0]?.path, 'b.txt');
  assert.equal(await lab.text('b.txt'), 'one\n2\n');
});

test('a path that another file has by now is not the file that was read', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.txt', 'one\ntwo\n');
  await ada.tools.readFile({ path: 'a.txt' });
  await bob.tools.renameFile({ path: 'a.txt', to: 'b.txt' });
  await lab.file(bob, 'a.txt', 'two\n');
  const edits = [{ search: 'two', replacement: '2' }];
  const other = await ada.tools.editFile({ path: 'a.txt', edits });
  assert.equal(other.code, 'unread');
  assert.match(other.next[0]!, /b\.txt/);
});

test('a file that somebody deleted under an edit keeps the edit in a ticket', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.txt', 'one\ntwo\n');
  await Promise.all([ada, bob].map(({ tools }) => tools.readFile({ path: 'a.txt' })));
  await bob.tools.deleteFile({ path: 'a.txt' });
  await lab.caughtUp();
  const edited = await ada.tools.editFile({
    path: 'a.txt',
    edits: [{ search: 'two', replacement: '2' }],
  });
  assert.equal(edited.code, 'ticket');
  assert.equal(bodyOf(edited, 'ticket').ticket.reason, 'deleted');
});

test('lines are edited by the range hash of a read, and patches by their text', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.txt', 'one\ntwo\nthree\n');
  await bob.agent.read('a.txt');
  const span = { firstLine: 2, lastLine: 2 };
  const { rangeHash } = bodyOf(await ada.tools.readFile({ path: 'a.txt', ...span }), 'text');
  await bob.agent.replace('a.txt', [{ search: 'one', replacement: 'zero\none' }]);
  await lab.caughtUp();
  const edit = { ...span, text: '2' };
  const unsure = await ada.tools.editLines({ path: 'a.txt', edits: [edit] });
  assert.equal(unsure.code, 'hash_needed');
  const edited = await ada.tools.editLines({ path: 'a.txt', edits: [{ ...edit, rangeHash }] });
  assert.equal(edited.code, 'ok');
  assert.equal(await lab.text('a.txt'), 'zero\none\n2\nthree\n');
  const patch = '*** Begin Patch\n*** Update File: a.txt\n@@\n 2\n-three\n+3\n*** End Patch\n';
  assert.equal((await ada.tools.applyPatch({ patch })).code, 'ok');
  assert.equal(await lab.text('a.txt'), 'zero\none\n2\n3\n');
  const misfit = await ada.tools.applyPatch({ patch });
  assert.equal(misfit.code, 'patch_misfit');
  assert.match(misfit.message, /nearest at lines 3 to 4/);
});

test('a quote that is not there names the nearest place and the difference', async (t) => {
  const lab = await ToolsLab.open(t);
  const ada = await lab.join();
  await lab.file(ada, 'a.ts', 'function f() {\n  return compute(1);\n}\n');
  const edits = [{ search: '  return compute(2);', replacement: '  return 3;' }];
  const answer = await ada.tools.editFile({ path: 'a.ts', edits });
  assert.equal(answer.code, 'not_found');
  const { places, difference } = bodyOf(answer, 'places');
  assert.equal(places[0]?.text, '1→function f() {\n2→  return compute(1);\n3→}');
  assert.match(difference, /^-  return compute\(2\);\n\+  return compute\(1\);$/m);
});

test('several changes in one call are all made, or none, or wait together', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  for (const path of ['a.txt', 'b.txt', 'old/c.txt', 'old/d.txt'])
    await lab.file(bob, path, 'one\ntwo\n');
  for (const path of ['a.txt', 'b.txt']) await ada.tools.readFile({ path });
  const quote = { search: 'two', replacement: '2' };
  const misfit = await ada.tools.changeFiles({
    changes: [
      { kind: 'quotes', path: 'a.txt', edits: [quote] },
      { kind: 'quotes', path: 'b.txt', edits: [{ search: 'nine', replacement: '9' }] },
    ],
  });
  assert.equal(misfit.code, 'not_found');
  assert.equal(await lab.text('a.txt'), 'one\ntwo\n');
  const made = await ada.tools.changeFiles({
    changes: [
      { kind: 'quotes', path: 'a.txt', edits: [quote] },
      { kind: 'rename', path: 'a.txt', to: 'new/a.txt' },
      { kind: 'create', path: 'e.txt', text: 'e\n' },
      { kind: 'mode', path: 'b.txt', executable: true },
    ],
  });
  assert.equal(made.code, 'ok', made.message);
  assert.deepEqual(
    bodyOf(made, 'changed').files.map(({ path, what }) => [path, what]),
    [
      ['new/a.txt', 'edited'],
      ['new/a.txt', 'renamed'],
      ['e.txt', 'created'],
      ['b.txt', 'mode'],
    ],
  );
  assert.equal(await lab.text('new/a.txt'), 'one\n2\n');
  assert.equal((await ada.tools.writeFile({ path: 'e.txt', text: 'E\n' })).code, 'ok');
  assert.equal((await ada.tools.renameFile({ path: 'old', to: 'lib' })).code, 'ok');
  assert.equal(await lab.text('lib/d.txt'), 'one\ntwo\n');
  await bob.agent.read('b.txt');
  await bob.agent.replace('b.txt', [{ search: 'two', replacement: 'zwei' }]);
  const patch = [
    '*** Begin Patch',
    '*** Update File: lib/c.txt',
    '@@',
    '-one',
    '+1',
    '*** Update File: b.txt',
    '*** Move to: f.txt',
    '@@',
    '-two',
    '+2',
    '*** End Patch',
  ].join('\n');
  const waiting = await ada.tools.applyPatch({ patch });
  assert.equal(waiting.code, 'ticket');
  assert.deepEqual(bodyOf(waiting, 'ticket').ticket.others, ['Member 2']);
  assert.equal(await lab.text('lib/c.txt'), 'one\ntwo\n');
});

test('a whole text does not bring back what others deleted, until the agent knows that they did', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\n');
  await Promise.all([ada, bob].map(({ tools }) => tools.readFile({ path: 'a.txt' })));
  await bob.tools.deleteFile({ path: 'a.txt' });
  await lab.caughtUp();
  const write = { path: 'a.txt', text: 'two\n' };
  const refused = await ada.tools.writeFile(write);
  assert.equal(refused.code, 'no_such_file');
  assert.match(refused.message, /deleted by others/);
  assert.equal(await lab.text('a.txt'), 'no_such_file');
  assert.equal((await ada.tools.writeFile(write)).code, 'ok');
  assert.equal(await lab.text('a.txt'), 'two\n');
});

test('a whole text waits where others wrote into a line that it changes, or next to it', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  for (const [index, [line, into]] of (
    [
      ['two\n', 'two\nnew\n'],
      ['one\n', 'one\nnew\n'],
      ['two', 'two, too'],
    ] as const
  ).entries()) {
    const path = `${index}.txt`;
    await lab.file(ada, path, 'one\nis two\nthree\n');
    await Promise.all([ada, bob].map(({ tools }) => tools.readFile({ path })));
    await bob.tools.editFile({ path, edits: [{ search: line, replacement: into }] });
    await lab.caughtUp();
    const theirs = await lab.text(path);
    const text = 'one\nwas two\nthree\n';
    assert.equal((await ada.tools.writeFile({ path, text })).code, 'ticket', into);
    assert.equal(await lab.text(path), theirs);
  }
});
