import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { LiveFolder, notifications, waitUntilBound } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

/** How many files git switches at once. */
const MANY = process.env['AGENT_WORLD_SOAK'] ? 300 : 60;
const manyFile = (index: number): string => `many/${index}.md`;
const BOM = '\uFEFF';

let live: LiveFolder;
let leg: WorldLeg;
let first: EditorWindow;
let second: EditorWindow;
let agent: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: {
      'closed.md': 'one\ntwo\n',
      'written.md': 'one\ntwo\nthree\n',
      'open.md': 'one\ntwo\nthree\n',
      'moved.md': 'to be moved by a tool\n',
      'steps.md': 'one\ntwo\nthree\n',
      'old-name.md': 'one\ntwo\n',
      'gone.md': 'to be deleted by a tool\n',
      'windows.txt': `${BOM}one\r\ntwo\r\n`,
      'unsaved.md': 'start\n',
      'reload.md': 'start\n',
      'saved.md': 'start\n',
      'clash.md': 'start\n',
      ...Object.fromEntries(
        Array.from({ length: MANY }, (_, index) => [manyFile(index), 'first\nsecond\nthird\n']),
      ),
    },
  });
  leg = await startWorldLeg(live.home);
  agent = await live.joinAgent('indexer');
  first = await live.openWindow();
  second = await live.openWindow(leg.env);
});

after(async () => {
  // A window that waits for its host would keep the editor from ending.
  await leg.proxy.close();
  await live.dispose();
});

test('S10: what others do to files that no editor holds is on disk', async () => {
  await agent.read('closed.md');
  const edited = await agent.replace('closed.md', [{ search: 'two', replacement: 'zwei' }]);
  assert.equal(edited.tag, 'applied');
  await agent.create('made/by-agent.md', 'new\n');
  await live.until('the edit is on disk', () => live.diskText('closed.md') === 'one\nzwei\n');
  const made = path.join(live.folder, 'made/by-agent.md');
  await live.until('the new file is on disk', () => fs.existsSync(made));
  assert.equal(live.diskText('made/by-agent.md'), 'new\n');
});

test('S10: what a tool writes to files that no editor holds is in the world, as minimal changes', async () => {
  live.write('written.md', 'one\ntwo, changed on disk\nthree\n');
  live.write('new.md', 'made by a tool\n');
  fs.renameSync(path.join(live.folder, 'moved.md'), path.join(live.folder, 'moved-here.md'));
  fs.rmSync(path.join(live.folder, 'gone.md'));
  const { files } = live.session.view;
  const moved = live.session.view.fileAt('moved.md')?.fileId;
  await live.until(
    'the world has the change',
    async () => (await live.worldText('written.md')) === 'one\ntwo, changed on disk\nthree\n',
  );
  await live.until(
    'the world has the new file',
    () => live.session.view.fileAt('new.md') !== undefined,
  );
  await live.until('the world has the new name', () => {
    const file = moved === undefined ? undefined : files.get(moved);
    return file?.path === 'moved-here.md' && !file.deleted;
  });
  await live.until(
    'the world deleted the file',
    () => live.session.view.fileAt('gone.md') === undefined,
  );
});

test('S10: what a tool writes to an open file appears once, in every window', async () => {
  for (const window of [first, second]) await window.openFile('open.md');
  const withLine = 'one\ntwo\nthree\nappended by a tool\n';
  live.write('open.md', withLine);
  await live.until('the world has it', async () => (await live.worldText('open.md')) === withLine);
  await live.settled();
  for (const window of [first, second]) await window.waitForText('open.md', withLine);

  await first.placeCursor(0, 3);
  await first.type(' typed', { keysPerSecond: 20 });
  // Saves come when they come: a tool that wrote what it read before one would take text back.
  fs.appendFileSync(path.join(live.folder, 'open.md'), 'and again\n');
  const both = `one typed\ntwo\nthree\nappended by a tool\nand again\n`;
  await live.untilText('open.md', both);
  for (const window of [first, second]) await window.waitForText('open.md', both);
  await live.until('the disk has both', () => live.diskText('open.md') === both);
  await first.screenshot('folder-open-file');
});

test('S10: a tool that empties a file and then writes it adds its change to what is typed, once', async () => {
  for (const window of [first, second]) await window.openFile('steps.md');
  await first.placeCursor(0, 3);
  await first.type(' typed', { keysPerSecond: 20 });
  live.write('steps.md', '');
  live.write('steps.md', 'one\ntwo\nthree\nby a tool\n');
  const both = 'one typed\ntwo\nthree\nby a tool\n';
  await live.until('the world has both', async () => (await live.worldText('steps.md')) === both);
  for (const window of [first, second]) await window.waitForText('steps.md', both);
});

test('S5: a file that is renamed in one window keeps what another window types in it meanwhile', async () => {
  for (const window of [first, second]) await window.openFile('old-name.md');
  await second.placeCursor(0, 3);
  const typed = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz';
  const { fileId } = live.session.view.fileAt('old-name.md')!;
  // What is typed into the old tab last is not in the world yet when the new one has the keyboard.
  leg.proxy.delayMs = 100;
  await Promise.all([
    second.type(typed, { keysPerSecond: 20 }),
    first.evaluate(
      async (vscode, [from, to]) => {
        const edit = new vscode.WorkspaceEdit();
        edit.renameFile(vscode.Uri.file(from!), vscode.Uri.file(to!));
        await vscode.workspace.applyEdit(edit);
      },
      ['old-name.md', 'new-name.md'].map((name) => path.join(live.folder, name)),
    ),
  ]);
  const text = `one${typed}\ntwo\n`;
  await live.until('the world has the new name', () => !live.session.view.fileAt('old-name.md'));
  await live.untilText('new-name.md', text);
  leg.proxy.delayMs = 0;
  // VS Code saves by itself what others' edits left unsaved under the old name, after the rename too.
  await first.evaluate(async (vscode) => {
    const isLeft = ({ uri }: { readonly uri: { readonly path: string } }): boolean =>
      uri.path.endsWith('/old-name.md');
    for (const left of vscode.workspace.textDocuments.filter(isLeft)) await left.save();
  });
  for (const window of [first, second]) await window.waitForText('new-name.md', text);
  await live.untilDisk('new-name.md', text);
  const old = path.join(live.folder, 'old-name.md');
  await live.until('nothing is left of the old name', () => !fs.existsSync(old));
  await live.settled();
  assert.equal(await live.worldText('new-name.md'), text);
  assert.equal(live.session.view.fileAt('new-name.md')?.fileId, fileId, 'with its history');
  assert.equal(live.session.view.fileAt('old-name.md'), undefined, 'it is one file');
});

test('line ends and byte order mark are put back as they were', async () => {
  await agent.read('windows.txt');
  await agent.replace('windows.txt', [{ search: 'two', replacement: 'zwei' }]);
  await live.until(
    'the closed file has the edit',
    () => live.diskText('windows.txt') === `${BOM}one\r\nzwei\r\n`,
  );
  await first.openFile('windows.txt');
  await first.placeCursor(0, 3);
  await first.type('\nand', { keysPerSecond: 20 });
  await live.until(
    'the world has line feeds only',
    async () => (await live.worldText('windows.txt')) === 'one\nand\nzwei\n',
  );
  await first.command('workbench.action.files.save');
  await live.until(
    'the disk has the line ends and the mark of before',
    () => live.diskText('windows.txt') === `${BOM}one\r\nand\r\nzwei\r\n`,
  );
});

test('closing without saving takes nothing back from the world', async () => {
  await first.openFile('unsaved.md');
  await first.placeCursor(1, 0);
  await first.type('typed');
  const text = 'start\ntyped';
  await live.until('it arrived', async () => (await live.worldText('unsaved.md')) === text);
  await first.command('workbench.action.revertAndCloseActiveEditor');
  await live.until('the disk has it', () => live.diskText('unsaved.md') === text);
  await first.openFile('unsaved.md');
  await first.waitForText('unsaved.md', text);
  assert.equal(await live.worldText('unsaved.md'), text);
});

test('S8: a window that is loaded again sends what it could not send before', async () => {
  await second.openFile('reload.md');
  await live.settled();
  leg.proxy.delayMs = NEVER_MS;
  await second.placeCursor(1, 0);
  await second.type('typed while cut off', { keysPerSecond: 30 });
  await second.waitForText('reload.md', 'start\ntyped while cut off');
  await agent.read('reload.md');
  await agent.replace('reload.md', [{ search: 'start', replacement: 'begin' }]);
  await second.reload();
  leg.proxy.delayMs = 0;
  leg.proxy.disconnectAll();
  await waitUntilBound(second);
  const both = 'begin\ntyped while cut off';
  await live.until('the world has both', async () => (await live.worldText('reload.md')) === both);
  // VS Code writes down which editors are open now and then: the reload may have come before.
  await second.openFile('reload.md');
  await second.waitForText('reload.md', both);
  await first.openFile('reload.md');
  await first.waitForText('reload.md', both);
  await second.screenshot('folder-after-reload');
});

test('S8: what a window that is loaded again sends and the world does not take is told', async () => {
  await second.openFile('clash.md');
  await live.settled();
  leg.proxy.delayMs = NEVER_MS;
  await second.placeCursor(0, 2);
  await second.type('mine', { keysPerSecond: 30 });
  await second.waitForText('clash.md', 'stmineart\n');
  await agent.read('clash.md');
  await agent.replace('clash.md', [{ search: 'start', replacement: 'begin' }]);
  await second.reload();
  leg.proxy.delayMs = 0;
  leg.proxy.disconnectAll();
  await waitUntilBound(second);
  // Whichever window has sent it: that one, or the one that lived meanwhile.
  await live.until('it is told', async () => {
    const told = [...(await notifications(first)), ...(await notifications(second))];
    return told.some((each) =>
      each.startsWith('What was not sent of clash.md when its window closed'),
    );
  });
  await live.settled();
  assert.equal(await live.worldText('clash.md'), 'begin\n');
});

test('S8: what was saved while cut off, and is sent after a reload, is in the world once', async () => {
  await second.openFile('saved.md');
  await live.settled();
  leg.proxy.delayMs = NEVER_MS;
  await second.placeCursor(1, 0);
  await second.type('saved while cut off', { keysPerSecond: 30 });
  await live.until(
    'it is on disk',
    () => live.diskText('saved.md') === 'start\nsaved while cut off',
  );
  await agent.read('saved.md');
  await agent.replace('saved.md', [{ search: 'start', replacement: 'begin' }]);
  await second.reload();
  leg.proxy.delayMs = 0;
  leg.proxy.disconnectAll();
  await waitUntilBound(second);
  const both = 'begin\nsaved while cut off';
  await live.until('the world has both', async () => (await live.worldText('saved.md')) === both);
  await live.until('so has the disk', () => live.diskText('saved.md') === both);
  await live.settled();
  assert.equal(await live.worldText('saved.md'), both);
});

test(`S10: git switches ${MANY} files while an agent edits one of them`, async () => {
  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
    execFileSync('git', [...who, ...args], { cwd: live.folder, stdio: 'ignore' });
  };
  git('init', '-b', 'main');
  git('add', 'many');
  git('commit', '-m', 'before');
  git('checkout', '-b', 'other');
  for (let index = 0; index < MANY; index++) live.write(manyFile(index), 'first\nsecond\nother\n');
  git('commit', '-am', 'other');
  const areAll = async (last: string): Promise<boolean> => {
    for (let index = 1; index < MANY; index++) {
      if ((await live.worldText(manyFile(index))) !== `first\nsecond\n${last}\n`) return false;
    }
    return true;
  };
  await live.until('the world has the branch', () => areAll('other'));
  await agent.read(manyFile(0));
  git('checkout', 'main');
  await agent.replace(manyFile(0), [{ search: 'first', replacement: 'first, by an agent' }]);
  await live.until('the world has what git put there', () => areAll('third'));
  const both = 'first, by an agent\nsecond\nthird\n';
  await live.until(
    'and the agent’s edit',
    async () => (await live.worldText(manyFile(0))) === both,
  );
  await live.until('so has the disk', () => live.diskText(manyFile(0)) === both);
});

test('what Agent World wrote into the folder for its own sake is not in the world', async () => {
  assert.ok(fs.existsSync(path.join(live.folder, '.vscode', 'settings.json')));
  assert.equal(live.session.view.fileAt('.vscode/settings.json'), undefined);
});

test('the history of all that verifies', async () => {
  assert.equal((await live.verify()).tag, 'verified');
});

/** Longer than any test: what is sent stays on its way. */
const NEVER_MS = 10 * 60_000;
