import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf, ToolsLab } from './tools-lab.ts';

test('an edit by quote is made on the text that the agent read, and moved along with what others did', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\ntwo\nthree\n');
  await Promise.all([ada.tools.readFile({ path: 'a.txt' }), bob.agent.read('a.txt')]);
  await bob.agent.replace('a.txt', [{ search: 'one', replacement: 'zero\none!' }]);
  await lab.caughtUp();
  const edited = await ada.tools.editFile({
    path: 'a.txt',
    edits: [{ search: 'three', replacement: '3' }],
  });
  assert.equal(edited.code, 'ok');
  const [file] = bodyOf(edited, 'changed').files;
  assert.ok(file?.rebased);
  assert.equal(file.around[0]?.text, '1→zero\n2→one!\n3→two\n4→3');
  assert.equal(await lab.text('a.txt'), 'zero\none!\ntwo\n3\n');
});

test('several words of one place that an edit changed are shown once, with the lines around', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  const more = 'more\n'.repeat(12);
  await lab.file(ada, 'a.txt', `one\nred and green and blue\nthree\n${more}end\n`);
  await Promise.all([ada.tools.readFile({ path: 'a.txt' }), bob.agent.read('a.txt')]);
  await bob.agent.replace('a.txt', [{ search: 'one\n', replacement: 'zero\none\n' }]);
  await lab.caughtUp();
  const edited = await ada.tools.editFile({
    path: 'a.txt',
    edits: [
      { search: 'red and green and blue', replacement: 'RED and GREEN and BLUE' },
      { search: 'end', replacement: 'END' },
    ],
  });
  const [file] = bodyOf(edited, 'changed').files;
  const spans = file?.around.map(({ firstLine, lastLine }) => [firstLine, lastLine]);
  assert.deepEqual(spans, [
    [1, 6],
    [14, 17],
  ]);
});

test('a quote that others changed becomes a ticket that says who, both texts and what to do', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\ntwo\n');
  await Promise.all([ada.tools.readFile({ path: 'a.txt' }), bob.agent.read('a.txt')]);
  await bob.agent.replace('a.txt', [{ search: 'two', replacement: 'two of bob' }]);
  await lab.caughtUp();
  const edited = await ada.tools.editFile({
    path: 'a.txt',
    edits: [{ search: 'two', replacement: 'two of ada' }],
  });
  assert.equal(edited.code, 'ticket');
  const { ticket } = bodyOf(edited, 'ticket');
  assert.deepEqual(ticket.others, ['Member 2']);
  const [part] = ticket.parts;
  assert.match(part!.proposedText, /of ada/);
  assert.match(part!.textNow, /of bob/);
  assert.ok(edited.next.length > 0);
  assert.equal(await lab.text('a.txt'), 'one\ntwo of bob\n');
});

test('a quote that fits twice names every place; one of several may be chosen', async (t) => {
  const lab = await ToolsLab.open(t);
  const ada = await lab.join();
  await lab.file(ada, 'a.txt', 'x = 1\ny\nx = 1\n');
  const twice = await ada.tools.editFile({
    path: 'a.txt',
    edits: [{ search: 'x = 1', replacement: 'x = 2' }],
  });
  assert.equal(twice.code, 'ambiguous');
  assert.match(twice.message, /2 times, at lines 1, 3/);
  const second = { search: 'x = 1', replacement: 'x = 2', occurrence: 2 };
  assert.equal((await ada.tools.editFile({ path: 'a.txt', edits: [second] })).code, 'ok');
  assert.equal(await lab.text('a.txt'), 'x = 1\ny\nx = 2\n');
});

test('an edit names the version that it was made on, also after others wrote', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\ntwo\n');
  await bob.agent.read('a.txt');
  await bob.agent.replace('a.txt', [{ search: 'one', replacement: 'two' }]);
  await lab.caughtUp();
  const edits = [{ search: 'two', replacement: '2' }];
  assert.equal((await ada.tools.editFile({ path: 'a.txt', edits })).code, 'ambiguous');
  const base = { path: 'a.txt', edits, baseVersion: 1 };
  assert.equal((await ada.tools.editFile(base)).code, 'ok');
  assert.equal(await lab.text('a.txt'), 'two\n2\n');
  const unknown = await ada.tools.editFile({ ...base, baseVersion: 99 });
  assert.equal(unknown.code, 'unknown_base');
});

test('claimed lines refuse an agent with the holder and what to do', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join()];
  await lab.file(ada, 'a.txt', 'one\ntwo\n');
  await bob.agent.read('a.txt');
  await bob.agent.claim('a.txt', { firstLine: 1, lastLine: 1 }, 'rewriting', 60_000);
  const edits = [{ search: 'two', replacement: '2' }];
  const refused = await ada.tools.editFile({ path: 'a.txt', edits });
  assert.equal(refused.code, 'locked');
  assert.match(refused.message, /Member 2 has claimed line 2 until .*The reason: rewriting\./);
  assert.match(refused.next.join(' '), /Member 2/);
});

test('an edit that is sent twice is made once, whether or not the first one was answered', async (t) => {
  const lab = await ToolsLab.open(t);
  const ada = await lab.join();
  await lab.file(ada, 'a.txt', 'one\n');
  await ada.tools.readFile({ path: 'a.txt' });
  const call = { path: 'a.txt', edits: [{ search: 'one\n', replacement: 'one\ntwo\n' }] };
  const answers = await Promise.all([ada.tools.editFile(call), ada.tools.editFile(call)]);
  assert.deepEqual(
    answers.map(({ code }) => code),
    ['ok', 'ok'],
  );
  const again = await ada.tools.editFile(call);
  assert.equal(again.code, 'no_change');
  assert.equal((await ada.tools.editFile(call)).code, 'no_change');
  assert.equal(await lab.text('a.txt'), 'one\ntwo\n');
  assert.equal((await ada.tools.editFile({ ...call, baseVersion: 2 })).code, 'ok');
  assert.equal(await lab.text('a.txt'), 'one\ntwo\ntwo\n');
});
