import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { mirrorWorldOf } from '../../src/mirror/mirror-world.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { systemRandomBytes, newUuid } from '../../src/world/uuid.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { untilTold } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

let live: LiveFolder;
let leg: WorldLeg;
let first: EditorWindow;
let second: EditorWindow;
let agent: AgentSession;

const both = (): readonly EditorWindow[] => [first, second];

before(async () => {
  live = await LiveFolder.start({
    files: {
      'half.md': 'abcd\nnext\n',
      'half-saved.md': 'abcd\nnext\n',
      'binary.md': 'one\ntwo\n',
      'up.txt': 'a\rb\nc\n',
      'typed-up.txt': 'a\rb\nc\n',
      'down.md': 'one\ntwo\n',
      'accents.md': 'café\ntwo\n',
      'plain.md': 'one\ntwo\n',
      'alone.md': 'one\ntwo\n',
      'typed.md': 'one\ntwo\n',
      'left.md': 'one\ntwo\n',
      'plan.ipynb': notebook('a = 1', 'b = 2'),
      'again.md': 'one\ntwo\n',
      'ends.md': 'one\ntwo\n',
      'mixed.md': 'one\r\ntwo\nthree\n',
      'others-ends.md': 'one\ntwo\n',
      'before.md': 'one\ntwo\nthree\n',
      'seen.md': 'one\ntwo\n',
      'macro.md': '',
      'paste.md': 'top\n\nbottom\n',
    },
    settings: { 'files.autoSave': 'off' },
  });
  leg = await startWorldLeg(live.home);
  agent = await live.joinAgent('mover');
  first = await live.openWindow();
  second = await live.openWindow(leg.env);
});

after(async () => {
  await leg.proxy.close();
  await live.dispose();
});

test('S5: half of a character that an extension inserts takes nothing with it, and is kept with its reason', async () => {
  for (const window of both()) await window.openFile('half.md');
  await live.settled();
  await insert(first, 'half.md', 0, 2, '\uD83D');
  await first.page.locator('.codelens-decoration', { hasText: 'Not applied' }).waitFor();
  for (const window of both()) await window.waitForText('half.md', 'abcd\nnext\n');
  await first.placeCursor(0, 2);
  await first.type('--', { keysPerSecond: 20 });
  for (const window of both()) await window.waitForText('half.md', 'ab--cd\nnext\n');
  assert.equal(await live.worldText('half.md'), 'ab--cd\nnext\n');
  await first.screenshot('half-a-character');
});

test('S5: half of a character that a formatter leaves in a save becomes nobody’s text, and leaves the disk again', async () => {
  for (const window of both()) await window.openFile('half-saved.md');
  await live.settled();
  await first.openFile('half-saved.md');
  await first.placeCursor(1, 4);
  await first.type('!', { keysPerSecond: 20 });
  await first.evaluate(async (vscode) => {
    const half = vscode.TextEdit.insert(new vscode.Position(0, 2), '\uD83D');
    const formatter = vscode.workspace.onWillSaveTextDocument((event) =>
      event.waitUntil(Promise.resolve([half])),
    );
    await vscode.window.activeTextEditor!.document.save();
    formatter.dispose();
  });
  const text = 'abcd\nlast!\n';
  await agent.read('half-saved.md');
  await agent.replace('half-saved.md', [{ search: 'next', replacement: 'last' }]);
  for (const window of both()) await window.waitForText('half-saved.md', text);
  await live.untilDisk('half-saved.md', text);
  const { fileId, version } = live.session.view.fileAt('half-saved.md')!;
  const ops = await readFileOps(await live.session.whenOnline(), fileId, 1, version);
  assert.ok(ops.every(({ changes }) => changes.every(({ text }) => !text.includes('\uFFFD'))));
});

test('S9: a file that a tool makes binary and then text again is live in every window', async () => {
  for (const window of both()) await window.openFile('binary.md');
  await live.settled();
  fs.writeFileSync(path.join(live.folder, 'binary.md'), Buffer.from([0, 1, 2, 0xff, 10]));
  await live.until('it is binary', () => live.session.view.fileAt('binary.md')?.kind === 'binary');
  live.write('binary.md', 'text again\n');
  await live.until('it is text', () => live.session.view.fileAt('binary.md')?.kind === 'text');
  for (const window of both()) await window.waitForText('binary.md', 'text again\n');
  await second.placeCursor(0, 4);
  await second.type('!', { keysPerSecond: 20 });
  for (const window of both()) await window.waitForText('binary.md', 'text! again\n');
  assert.equal(await live.worldText('binary.md'), 'text! again\n');
});

test('S6: bytes that a save makes a text are live from then on, in every window', async () => {
  for (const window of both()) await window.openFile('up.txt');
  await live.settled();
  assert.equal(live.session.view.fileAt('up.txt')?.kind, 'binary');
  await first.openFile('up.txt');
  await first.placeCursor(2, 1);
  await first.type('!', { keysPerSecond: 20 });
  await first.command('workbench.action.files.save');
  await live.until('it is text', () => live.session.view.fileAt('up.txt')?.kind === 'text');
  assert.equal(await live.worldText('up.txt'), 'a\nb\nc!\n');
  await agent.read('up.txt');
  const edited = await agent.replace('up.txt', [{ search: 'b', replacement: 'B' }]);
  assert.equal(edited.tag, 'applied');
  for (const window of both()) await window.waitForText('up.txt', 'a\nB\nc!\n');
  let top = 'a';
  for (const window of both()) {
    await window.openFile('up.txt');
    await window.placeCursor(0, 1);
    await window.type('+', { keysPerSecond: 20 });
    top += '+';
    for (const each of both()) await each.waitForText('up.txt', `${top}\nB\nc!\n`);
  }
  assert.equal(await live.worldText('up.txt'), 'a++\nB\nc!\n');
});

test('S6: what is typed on bytes stays where a tool makes them a text, and so does what the tool wrote', async () => {
  await first.openFile('typed-up.txt');
  await first.placeCursor(0, 1);
  await first.type(' mine', { keysPerSecond: 20 });
  live.write('typed-up.txt', 'a\nthe tool’s\nc\n');
  await live.untilText('typed-up.txt', 'a mine\nthe tool’s\nc\n');
  await first.waitForText('typed-up.txt', 'a mine\nthe tool’s\nc\n');
});

test('S6: a file that a tool makes bytes says that it is not live, and what is saved makes it a text again', async () => {
  for (const window of both()) await window.openFile('down.md');
  await live.settled();
  fs.appendFileSync(path.join(live.folder, 'down.md'), Buffer.from('\u00E9\n', 'latin1'));
  await live.until('it is bytes', () => live.session.view.fileAt('down.md')?.kind === 'binary');
  for (const window of both()) await untilTold(live, window, /^down\.md is no text/);
  await first.screenshot('no-text-any-more');
  await first.openFile('down.md');
  await first.waitForText('down.md', 'one\ntwo\n\uFFFD\n');
  for (const key of ['!', '?']) {
    await first.placeCursor(0, 3);
    await first.type(key, { keysPerSecond: 20 });
    await first.command('workbench.action.files.save');
  }
  await live.untilText('down.md', 'one?!\ntwo\n\uFFFD\n');
  for (const window of both()) await window.waitForText('down.md', 'one?!\ntwo\n\uFFFD\n');
  await second.openFile('down.md');
  await second.placeCursor(1, 3);
  await second.type('+', { keysPerSecond: 20 });
  for (const window of both()) await window.waitForText('down.md', 'one?!\ntwo+\n\uFFFD\n');
  assert.equal(await live.worldText('down.md'), 'one?!\ntwo+\n\uFFFD\n');
});

test('S10: a file that is opened in another encoding than its own stays as it is, and says so', async () => {
  await second.openFile('accents.md');
  await openAs(first, 'accents.md', 'shiftjis');
  await untilTold(live, first, /^accents\.md is open as shiftjis/);
  await first.screenshot('another-encoding');
  await agent.read('accents.md');
  await agent.replace('accents.md', [{ search: 'two', replacement: '2' }]);
  await second.waitForText('accents.md', 'café\n2\n');
  await live.untilDisk('accents.md', 'café\n2\n');
  // What the editor makes of these bytes.
  await first.waitForText('accents.md', 'cafﾃｩ\n2\n');
  await first.placeCursor(1, 1);
  await first.type('!', { keysPerSecond: 20 });
  await first.command('workbench.action.files.save');
  await live.untilText('accents.md', 'café\n2!\n');
  await second.waitForText('accents.md', 'café\n2!\n');
  await openAs(first, 'accents.md', 'utf8');
  await second.openFile('accents.md');
  await second.placeCursor(0, 4);
  await second.type('s', { keysPerSecond: 20 });
  await first.waitForText('accents.md', 'cafés\n2!\n');
});

test('S10: what another encoding writes as UTF-8 does is live in it, until a character comes that it does not', async () => {
  await second.openFile('plain.md');
  await openAs(first, 'plain.md', 'shiftjis');
  await live.settled();
  await first.placeCursor(0, 3);
  await first.type('!', { keysPerSecond: 20 });
  await live.untilText('plain.md', 'one!\ntwo\n');
  await first.command('workbench.action.files.save');
  await agent.read('plain.md');
  await agent.replace('plain.md', [{ search: 'two', replacement: 'é' }]);
  await untilTold(live, first, /^plain\.md is open as shiftjis/);
  await second.waitForText('plain.md', 'one!\né\n');
  await live.untilDisk('plain.md', 'one!\né\n');
  await live.settled();
  assert.equal(await live.worldText('plain.md'), 'one!\né\n');
});

test('S10: a character that another encoding writes otherwise reaches the disk of the only window with it', async () => {
  await openAs(first, 'alone.md', 'shiftjis');
  await live.settled();
  await agent.read('alone.md');
  await agent.replace('alone.md', [{ search: 'two', replacement: 'é' }]);
  await untilTold(live, first, /^alone\.md is open as shiftjis/);
  await live.untilDisk('alone.md', 'one\né\n');
  // What the editor makes of these bytes.
  await first.waitForText('alone.md', 'one\nﾃｩ\n');
  assert.equal(await live.worldText('alone.md'), 'one\né\n');
});

test('S10: such a character that is typed is the world’s, and a save as UTF-8 makes the file live again', async () => {
  await openAs(first, 'typed.md', 'shiftjis');
  await live.settled();
  await insert(first, 'typed.md', 0, 3, ' あ');
  await live.untilText('typed.md', 'one あ\ntwo\n');
  await untilTold(live, first, /^typed\.md is open as shiftjis/);
  await first.runFromPalette('Change File Encoding');
  await first.page.locator('.quick-input-list').getByText('Save with Encoding').waitFor();
  await first.type('Save with');
  await first.page.keyboard.press('Enter');
  // It begins at the encoding that the file has.
  await first.page.locator('.quick-input-list').getByText('gb18030', { exact: true }).waitFor();
  await first.type('utf8bom');
  const found = first.page.locator('.quick-input-list .monaco-list-row.focused');
  await found.filter({ hasText: 'UTF-8 with BOM' }).waitFor();
  await first.page.keyboard.press('Enter');
  await live.untilDisk('typed.md', '\uFEFFone あ\ntwo\n');
  await second.openFile('typed.md');
  await second.placeCursor(1, 3);
  await second.type('!', { keysPerSecond: 20 });
  await first.waitForText('typed.md', 'one あ\ntwo!\n');
});

test('S10: a document that is live no more takes nothing back by a save that others have written since', async () => {
  await openAs(first, 'left.md', 'shiftjis');
  await live.settled();
  await first.placeCursor(0, 3);
  await first.type('!', { keysPerSecond: 20 });
  await live.untilText('left.md', 'one!\ntwo\n');
  await agent.read('left.md');
  await agent.replace('left.md', [{ search: 'two', replacement: 'é' }]);
  await untilTold(live, first, /^left\.md is open as shiftjis/);
  await live.untilDisk('left.md', 'one!\né\n');
  await first.type('?', { keysPerSecond: 20 });
  await first.waitForText('left.md', 'one!?\ntwo\n');
  await first.command('workbench.action.files.save');
  await live.untilText('left.md', 'one!?\né\n');
  await live.untilDisk('left.md', 'one!?\né\n');
  assert.equal(await lastAuthor('left.md'), live.session.identity);
});

test('S10: a notebook that is saved keeps what others changed meanwhile, and is its person’s', async () => {
  await openNotebook(first, 'plan.ipynb');
  await typeInCell(first, 0, ' # mine');
  await agent.read('plan.ipynb');
  await agent.replace('plan.ipynb', [{ search: 'b = 2', replacement: 'b = 22' }]);
  await live.untilDisk('plan.ipynb', notebook('a = 1', 'b = 22'));
  await first.command('workbench.action.files.save');
  await live.untilText('plan.ipynb', notebook('a = 1 # mine', 'b = 22'));
  await live.untilDisk('plan.ipynb', notebook('a = 1 # mine', 'b = 22'));
  assert.equal(await lastAuthor('plan.ipynb'), live.session.identity);
  await untilCells(first, ['a = 1 # mine', 'b = 22']);
  await first.screenshot('notebook');
});

test('S6: a notebook that is saved with a cell that others changed meanwhile is a ticket, and theirs stays', async () => {
  await untilCells(first, ['a = 1 # mine', 'b = 22']);
  await typeInCell(first, 1, ' # mine');
  live.write('plan.ipynb', notebook('a = 1 # mine', 'b = 3'));
  await live.untilText('plan.ipynb', notebook('a = 1 # mine', 'b = 3'));
  await first.command('workbench.action.files.save');
  await live.untilProposed(' # mine');
  await live.untilDisk('plan.ipynb', notebook('a = 1 # mine', 'b = 3'));
  assert.equal(await live.worldText('plan.ipynb'), notebook('a = 1 # mine', 'b = 3'));
  await untilCells(first, ['a = 1 # mine', 'b = 3']);
});

test('S9: a file that is deleted and made again under the same name is live in every window', async () => {
  for (const window of both()) await window.openFile('again.md');
  await live.settled();
  const { fileId } = live.session.view.fileAt('again.md')!;
  fs.rmSync(path.join(live.folder, 'again.md'));
  await live.until('it is deleted', () => live.session.view.fileAt('again.md') === undefined);
  live.write('again.md', 'another file\n');
  await live.until('it is there again', () => live.session.view.fileAt('again.md') !== undefined);
  for (const window of both()) await window.waitForText('again.md', 'another file\n');
  await second.openFile('again.md');
  await second.placeCursor(0, 7);
  await second.type('!', { keysPerSecond: 20 });
  for (const window of both()) await window.waitForText('again.md', 'another! file\n');
  assert.notEqual(live.session.view.fileAt('again.md')?.fileId, fileId);
  assert.equal(await live.worldText('again.md'), 'another! file\n');
});

test('line ends that the user exchanges are the world’s, and every window goes on', async () => {
  for (const window of both()) await window.openFile('ends.md');
  await live.settled();
  await first.openFile('ends.md');
  await first.evaluate((vscode) =>
    vscode.window.activeTextEditor!.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.CRLF)),
  );
  await first.command('workbench.action.files.save');
  await live.until('the world knows', () => live.session.view.fileAt('ends.md')?.eol === 'crlf');
  assert.equal(live.diskText('ends.md'), 'one\r\ntwo\r\n');
  await first.placeCursor(0, 3);
  await first.type('\nand', { keysPerSecond: 20 });
  await second.openFile('ends.md');
  await second.placeCursor(0, 0);
  await second.type('>', { keysPerSecond: 20 });
  const text = '>one\nand\ntwo\n';
  await live.until('the world has it', async () => (await live.worldText('ends.md')) === text);
  await live.settled();
  for (const window of both()) {
    assert.equal((await window.editorText('ends.md')).replaceAll('\r\n', '\n'), text);
  }
  await first.command('workbench.action.files.save');
  await live.until('the disk has it', () => live.diskText('ends.md') === '>one\r\nand\r\ntwo\r\n');
  assert.equal(live.session.view.fileAt('ends.md')?.eol, 'crlf');
});

test('a file with mixed line ends is live, and what a save makes of them is nobody’s edit', async () => {
  for (const window of both()) await window.openFile('mixed.md');
  await live.settled();
  assert.equal(live.session.view.fileAt('mixed.md')?.otherEnds, '0');
  await first.openFile('mixed.md');
  await first.placeCursor(1, 3);
  await first.type('!', { keysPerSecond: 20 });
  for (const window of both()) await window.waitForText('mixed.md', 'one\ntwo!\nthree\n');
  await first.command('workbench.action.files.save');
  const saved = 'one\r\ntwo!\nthree\n';
  await live.until('the disk has it', () => live.diskText('mixed.md') === saved);
  await second.openFile('mixed.md');
  await second.placeCursor(0, 3);
  await second.type('\nhalf', { keysPerSecond: 20 });
  await second.command('workbench.action.files.save');
  const split = 'one\r\nhalf\r\ntwo!\nthree\n';
  await live.until('the disk has the new line', () => live.diskText('mixed.md') === split);
  await live.settled();
  const { version, otherEnds } = live.session.view.fileAt('mixed.md')!;
  assert.equal(otherEnds, '0-1');
  for (const window of both()) {
    await window.waitForText('mixed.md', 'one\nhalf\ntwo!\nthree\n');
    await window.command('workbench.action.files.save');
  }
  await live.settled();
  await live.until('it comes to rest', () => live.diskText('mixed.md') === split);
  const head = live.session.view.fileAt('mixed.md')!;
  assert.deepEqual([head.version, head.otherEnds], [version, '0-1']);
  // Who chooses line ends chooses them for the whole file.
  await first.openFile('mixed.md');
  await first.evaluate((vscode) =>
    vscode.window.activeTextEditor!.edit((edit) => edit.setEndOfLine(vscode.EndOfLine.CRLF)),
  );
  await first.command('workbench.action.files.save');
  const all = split.replaceAll(/\r?\n/g, '\r\n');
  await live.until('the world knows', () => live.session.view.fileAt('mixed.md')?.otherEnds === '');
  assert.equal(live.session.view.fileAt('mixed.md')?.eol, 'crlf');
  await live.until('all are alike', () => live.diskText('mixed.md') === all);
});

test('S10: line ends that others change are those of every window that has the file open, and of the disk', async () => {
  for (const window of both()) await window.openFile('others-ends.md');
  await live.settled();
  const head = live.session.view.fileAt('others-ends.md')!;
  const world = mirrorWorldOf(live.session, newId, new AbortController().signal);
  const asCrlf = { mode: head.mode, eol: 'crlf', bom: false } as const;
  assert.equal((await world.setMode(head, asCrlf)).tag, 'applied');
  for (const window of both()) await window.waitForText('others-ends.md', 'one\r\ntwo\r\n');
  await live.until('the disk has them', () => live.diskText('others-ends.md') === 'one\r\ntwo\r\n');
  await second.placeCursor(1, 3);
  await second.type('!', { keysPerSecond: 20 });
  await second.command('workbench.action.files.save');
  const text = 'one\r\ntwo!\r\n';
  await live.until('it is on disk', () => live.diskText('others-ends.md') === text);
  assert.equal(live.session.view.fileAt('others-ends.md')?.eol, 'crlf');
});

test('S5: tabs follow a file that somebody else renames, with what is not saved, and there is no second file', async () => {
  for (const window of both()) await window.openFile('before.md');
  await live.settled();
  await second.placeCursor(1, 3);
  await second.type(' unsaved', { keysPerSecond: 20 });
  const head = live.session.view.fileAt('before.md')!;
  const world = mirrorWorldOf(live.session, newId, new AbortController().signal);
  assert.equal((await world.rename(head, 'moved/after.md')).tag, 'applied');
  for (const window of both()) {
    await window.waitFor(
      (vscode) => vscode.window.activeTextEditor?.document.uri.path.endsWith('/moved/after.md'),
      {},
    );
    await window.waitForText('moved/after.md', 'one\ntwo unsaved\nthree\n');
  }
  await second.page.locator('.tab.active', { hasText: 'after.md' }).waitFor();
  await second.page.locator('.tab', { hasText: 'before.md' }).waitFor({ state: 'detached' });
  await second.type(', and more', { keysPerSecond: 20 });
  const text = 'one\ntwo unsaved, and more\nthree\n';
  for (const window of both()) await window.waitForText('moved/after.md', text);
  await second.command('workbench.action.files.save');
  await live.until('it is on disk', () => live.diskText('moved/after.md') === text);
  await live.until('the old is gone', () => !fs.existsSync(path.join(live.folder, 'before.md')));
  assert.equal(live.session.view.fileAt('before.md'), undefined);
  assert.equal(live.session.view.fileAt('moved/after.md')?.fileId, head.fileId);
  await second.screenshot('tab-follows-rename');
});

test('a delete in the Explorer over edits that its window has not seen is a question, not a loss', async () => {
  await live.settled();
  leg.proxy.delayMs = NEVER_MS;
  await agent.read('seen.md');
  const edited = await agent.replace('seen.md', [{ search: 'two', replacement: 'unseen' }]);
  assert.equal(edited.tag, 'applied');
  await live.until('the disk has it', () => live.diskText('seen.md') === 'one\nunseen\n');
  await second.evaluate(
    async (vscode, file) => {
      const edit = new vscode.WorkspaceEdit();
      edit.deleteFile(vscode.Uri.file(file));
      await vscode.workspace.applyEdit(edit);
    },
    path.join(live.folder, 'seen.md'),
  );
  leg.proxy.delayMs = 0;
  leg.proxy.disconnectAll();
  await live.until('there is a ticket', () =>
    [...live.session.view.tickets.values()].some(({ reason }) => reason === 'concurrent'),
  );
  const file = path.join(live.folder, 'seen.md');
  await live.until('the file is back', () => fs.existsSync(file));
  assert.equal(await live.worldText('seen.md'), 'one\nunseen\n');
});

/** VS Code itself takes a second of a processor for some hundred. */
const MACRO_KEYS = process.env['AGENT_WORLD_SOAK'] === '1' ? 5000 : 1000;

test('S5: thousands of keys of a macro, as fast as it can, are there once and in order', async () => {
  for (const window of both()) await window.openFile('macro.md');
  await live.settled();
  await first.openFile('macro.md');
  const keys = Array.from({ length: MACRO_KEYS }, (_, index) => KEYS[index % KEYS.length]!).join(
    '',
  );
  await first.evaluate(async (vscode, text) => {
    const typed: Thenable<unknown>[] = [];
    for (const key of text) typed.push(vscode.commands.executeCommand('type', { text: key }));
    await Promise.all(typed);
  }, keys);
  for (const window of both()) await window.waitForText('macro.md', keys);
  await live.untilText('macro.md', keys);
});

for (const [name, text] of [
  ['with carriage returns only', 'a\rb\rc'],
  ['with line ends of every kind', 'a\r\nb\nc\rd\r\n'],
  ['of 900 KB', `${'a line of text, and then some more of it\n'.repeat(22_500)}end`],
] as const) {
  test(`S5: a paste ${name} is there once, in every window`, async () => {
    for (const window of both()) await window.openFile('paste.md');
    await live.settled();
    const before = await live.worldText('paste.md');
    await first.openFile('paste.md');
    await first.placeCursor(1, 0);
    await first.evaluate(async (vscode, pasted) => {
      await vscode.commands.executeCommand('paste', { text: pasted, pasteOnNewLine: false });
    }, text);
    const expected = before.replace('top\n', `top\n${text.replaceAll(/\r\n?/g, '\n')}`);
    await live.untilText('paste.md', expected);
    for (const window of both()) await window.waitForText('paste.md', expected);
  });
}

test('S6: a paste beyond the size that a world keeps is a draft with its reason, and nothing is lost', async () => {
  await first.openFile('paste.md');
  await live.settled();
  const before = await live.worldText('paste.md');
  await insert(first, 'paste.md', 0, 3, 'x'.repeat(5 * 1024 * 1024));
  await first.waitForText('paste.md', before);
  assert.equal(await live.worldText('paste.md'), before);
  await first.placeCursor(0, 0);
  await first.page.locator('.codelens-decoration', { hasText: 'Not applied' }).waitFor();
});

test('the history of all that verifies', async () => {
  await live.settled();
  assert.equal((await live.verify()).tag, 'verified');
});

const KEYS = 'abcdefghijklmnopqrstuvwxyz0123456789 ';
/** Longer than any test: what is sent stays on its way. */
const NEVER_MS = 10 * 60_000;

function newId(): string {
  return newUuid(Date.now(), systemRandomBytes);
}

/** A notebook of cells with code, as VS Code writes it. */
function notebook(...cells: readonly string[]): string {
  const of = (source: string) => ({
    cell_type: 'code',
    execution_count: null,
    metadata: {},
    outputs: [],
    source: [source],
  });
  const metadata = { language_info: { name: 'python' } };
  const content = { cells: cells.map(of), metadata, nbformat: 4, nbformat_minor: 2 };
  return `${JSON.stringify(content, null, 1)}\n`;
}

async function openNotebook(window: EditorWindow, file: string): Promise<void> {
  await window.evaluate(
    async (vscode, fsPath) => {
      const opened = await vscode.workspace.openNotebookDocument(vscode.Uri.file(fsPath));
      await vscode.window.showNotebookDocument(opened, { preview: false });
    },
    path.join(live.folder, file),
  );
}

/**
 * At the end of the only line of the first or the last cell; resolves when it is told that the notebook has something
 * unsaved.
 */
async function typeInCell(window: EditorWindow, cell: 0 | 1, text: string): Promise<void> {
  await window.command(cell === 0 ? 'notebook.focusTop' : 'notebook.focusBottom');
  const row = window.page.locator('.notebookOverlay .code-cell-row.focused');
  await window.page.locator('.notebookOverlay .code-cell-row').nth(cell).and(row).waitFor();
  await window.command('notebook.cell.edit');
  await window.page.locator('.notebookOverlay .monaco-editor.focused').waitFor();
  await window.page.keyboard.press('End');
  await window.type(text, { keysPerSecond: 20 });
  await window.waitFor(
    (vscode, { cell, text }) => {
      const shown = vscode.window.activeNotebookEditor?.notebook;
      return shown?.isDirty === true && shown.cellAt(cell).document.getText().endsWith(text);
    },
    { cell, text },
  );
}

async function untilCells(window: EditorWindow, texts: readonly string[]): Promise<void> {
  await window.waitFor(
    (vscode, { texts }) => {
      const shown = vscode.window.activeNotebookEditor?.notebook;
      const cells = shown?.getCells().map(({ document }) => document.getText());
      return shown?.isDirty === false && JSON.stringify(cells) === JSON.stringify(texts);
    },
    { texts },
  );
}

/** Whose the newest version of a file is. */
async function lastAuthor(file: string): Promise<string | undefined> {
  const { fileId, version } = live.session.view.fileAt(file)!;
  const ops = await readFileOps(await live.session.whenOnline(), fileId, version - 1, version);
  return ops.find((op) => op.version === version && op.kind === 'edit')?.author;
}

/** As “Reopen with Encoding” does. */
async function openAs(window: EditorWindow, file: string, encoding: string): Promise<void> {
  await window.evaluate(
    async (vscode, { fsPath, encoding }) => {
      // Not in the declarations of the oldest editor.
      const open = vscode.workspace.openTextDocument as (
        uri: unknown,
        options: { encoding: string },
      ) => ReturnType<typeof vscode.workspace.openTextDocument>;
      const document = await open(vscode.Uri.file(fsPath), { encoding });
      await vscode.window.showTextDocument(document);
    },
    { fsPath: path.join(live.folder, file), encoding },
  );
}

async function insert(
  window: EditorWindow,
  file: string,
  line: number,
  character: number,
  text: string,
): Promise<void> {
  await window.evaluate(
    async (vscode, { fsPath, line, character, text }) => {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(vscode.Uri.file(fsPath), new vscode.Position(line, character), text);
      await vscode.workspace.applyEdit(edit);
    },
    { fsPath: path.join(live.folder, file), line, character, text },
  );
}
