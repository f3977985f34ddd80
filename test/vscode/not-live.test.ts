// What is not live says so: a mark in the Explorer, a word in the status bar, a page. Of each kind one file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import type { EditorWindow } from './harness/window.ts';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;

const MIXED = 'a\rb\nc\n';
const LATIN = Buffer.from('caf\u00e9\n', 'latin1');
const NOTEBOOK = `${JSON.stringify({
  cells: [
    { cell_type: 'code', execution_count: null, metadata: {}, outputs: [], source: ['a = 1'] },
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 2,
})}\n`;

before(async () => {
  live = await LiveFolder.start({
    files: {
      '.gitignore': '*.log\n',
      'changing.md': 'one\n',
      'mixed.txt': MIXED,
      'noise.log': 'noise\n',
      'plan.ipynb': NOTEBOOK,
      'text.md': 'caf\u00e9\n',
      'unsaved.txt': MIXED,
    },
    // As it is where several windows have the folder: VS Code itself keeps nobody from writing over newer bytes.
    settings: { 'files.autoSave': 'off', 'files.saveConflictResolution': 'overwriteFileOnDisk' },
    prepare: (folder) => {
      fs.writeFileSync(path.join(folder, 'data.bin'), Uint8Array.of(1, 0, 2, 0xff));
      fs.writeFileSync(path.join(folder, 'large.txt'), 'x'.repeat(4 * 1024 * 1024 + 1));
      fs.writeFileSync(path.join(folder, 'latin.txt'), LATIN);
      fs.symlinkSync('text.md', path.join(folder, 'link.md'));
      fs.writeFileSync(path.join(folder, '..', 'elsewhere.md'), 'elsewhere\n');
    },
  });
  agent = await live.joinAgent('helper');
  window = await live.openWindow();
  await window.command('workbench.view.explorer');
});

after(() => live.dispose());

for (const [file, word, reason] of [
  ['data.bin', 'binary', 'Not live: it is no text'],
  ['mixed.txt', 'mixed line ends', 'Not live: its line ends are of more than one kind'],
  ['latin.txt', 'another encoding', 'Not live: it is in another encoding than UTF-8'],
  ['large.txt', 'too large', 'Not in the world: it is larger than the world takes'],
  ['link.md', 'link', 'Not in the world: it is a link'],
  ['noise.log', 'left out by rules', 'Not in the world: the folder’s rules leave it out'],
] as const) {
  test(`${file} says in the Explorer and in the status bar that it is not live: ${word}`, async () => {
    await open(file);
    await says(word, reason).waitFor();
    await marked(file, reason).waitFor();
  });
}

test('a notebook that is open says so, beside who is in it; another file says nothing', async () => {
  await openNotebook('plan.ipynb');
  await says('notebook', 'Not live: others see what you save of a notebook').waitFor();
  const read = await agent.read('plan.ipynb');
  assert.ok(read.tag === 'text');
  const top = { line: 0, character: 0 };
  await agent.show(read, { start: top, end: top }, 'reading');
  await marked('plan.ipynb', 'Not live: others see').and(marked('plan.ipynb', 'Here: ')).waitFor();
  await window.openFile('text.md');
  await saysNothing();
  assert.equal(await marked('text.md', 'Not ').count(), 0);
});

test('pictures: the words, the marks, and what the status bar says more', async () => {
  await open('data.bin');
  const word = says('binary', 'Not live: it is no text');
  await word.waitFor();
  await pictureInEveryTheme(window, 'not-live');
  await word.hover();
  await window.page.locator('.monaco-hover', { hasText: 'that stays in the history' }).waitFor();
  await window.screenshot('not-live-more');
});

test('a file outside of the folder says so beside the name of the world, and is not marked', async () => {
  await open('../elsewhere.md');
  await says('outside the folder', 'Not in the world: it is in no folder of a world').waitFor();
});

test('the page opens at the section of the file in front, by the keyboard', async () => {
  await open('mixed.txt');
  await says('mixed line ends', '').waitFor();
  await window.runFromPalette('Agent World: Show What Is Live and What Is Not');
  const heading = await window.waitFor((vscode) => {
    const editor = vscode.window.activeTextEditor;
    const isPage = editor?.document.uri.scheme === 'agent-world-page';
    return isPage && editor.document.lineAt(editor.selection.active).text;
  }, {});
  assert.equal(heading, '## Mixed line ends');
  await saysNothing();
  await window.screenshot('not-live-page');
});

test('it is said at once of what becomes live, and of what stops to be', async () => {
  await window.openFile('mixed.txt');
  await says('mixed line ends', '').waitFor();
  await window.placeCursor(0, 1);
  await window.type('!', { keysPerSecond: 20 });
  await window.command('workbench.action.files.save');
  await saysNothing();
  await live.untilText('mixed.txt', 'a!\nb\nc\n');
  await window.openFile('changing.md');
  await live.settled();
  fs.writeFileSync(path.join(live.folder, 'changing.md'), LATIN);
  await says('another encoding', '').waitFor();
  live.write('changing.md', 'two\n');
  await saysNothing();
  await openAs('text.md', 'shiftjis');
  await says('another encoding', '').waitFor();
  await openAs('text.md', 'utf8');
  await saysNothing();
  await open('noise.log');
  await says('left out by rules', '').waitFor();
  live.write('.gitignore', '*.tmp\n');
  await saysNothing();
  await live.until('it is there', () => live.session.view.fileAt('noise.log') !== undefined);
});

test('where nobody keeps the folder in step it says so, and nothing of it once somebody does', async () => {
  await open('data.bin');
  await says('binary', '').waitFor();
  await keepFolder(false);
  await says('folder not kept', 'Not live: nobody is known to keep this folder').waitFor();
  await keepFolder(true);
  await says('binary', '').waitFor();
});

test('a file that is renamed to what no rule leaves out says nothing any more, and comes in', async () => {
  live.write('late.tmp', 'late\n');
  await open('late.tmp');
  await says('left out by rules', '').waitFor();
  await rename('late.tmp', 'late.md');
  await window.page.locator('.tab.active', { hasText: 'late.md' }).waitFor();
  await saysNothing();
  await live.until('it is there', () => live.session.view.fileAt('late.md') !== undefined);
});

test('S6: bytes that are saved in an editor over others’ newer ones are a ticket, and theirs stay', async () => {
  await window.openFile('unsaved.txt');
  await window.placeCursor(0, 1);
  await window.type(' mine', { keysPerSecond: 20 });
  const { version } = live.session.view.fileAt('unsaved.txt')!;
  live.write('unsaved.txt', 'a\rb\ntheirs\n');
  await live.until('theirs is in the world', () => {
    const head = live.session.view.fileAt('unsaved.txt');
    return head?.version === version + 1;
  });
  await window.command('workbench.action.files.save');
  await live.until('there is a ticket', () => live.session.view.tickets.size === 1);
  await live.untilDisk('unsaved.txt', 'a\rb\ntheirs\n');
  assert.equal(live.session.view.fileAt('unsaved.txt')?.version, version + 1);
});

test('while the folder is not kept in step a notebook says so, and what it is afterwards', async () => {
  await openNotebook('plan.ipynb');
  await says('notebook', '').waitFor();
  const away = `${live.folder}-away`;
  fs.mkdirSync(away);
  moveAll(live.folder, away);
  await says('folder paused', 'Not live: this folder is not kept in step now').waitFor();
  moveAll(away, live.folder);
  await says('notebook', '').waitFor();
});

test('nothing is said any more once the folder is in no world', async () => {
  await openNotebook('plan.ipynb');
  await says('notebook', '').waitFor();
  await window.runFromPalette('Agent World: Leave This World…');
  await window.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Leave' }).click();
  await saysNothing();
  await marked('data.bin', 'Not live').waitFor({ state: 'detached' });
});

/** What the status bar says of the file in front, as a screen reader has it. */
function says(word: string, reason: string): Locator {
  return window.page.getByRole('button', { name: `Not live: ${word}. ${reason}` });
}

async function saysNothing(): Promise<void> {
  const any = window.page.locator('.statusbar-item').filter({ hasText: 'Not live: ' });
  await any.waitFor({ state: 'detached' });
}

function marked(file: string, reason: string): Locator {
  return window.page.locator(`.explorer-item[aria-label*="/${file} • "][aria-label*="${reason}"]`);
}

/** As a click in the Explorer does, whatever shows it then. */
async function open(file: string): Promise<void> {
  await window.evaluate(
    async (vscode, fsPath) => {
      const options = { preview: false };
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(fsPath), options);
    },
    path.join(live.folder, file),
  );
}

async function openNotebook(file: string): Promise<void> {
  await window.evaluate(
    async (vscode, fsPath) => {
      const opened = await vscode.workspace.openNotebookDocument(vscode.Uri.file(fsPath));
      await vscode.window.showNotebookDocument(opened, { preview: false });
    },
    path.join(live.folder, file),
  );
}

/** As a user does who turns the setting off, or on again. */
async function keepFolder(is: boolean): Promise<void> {
  await window.evaluate(async (vscode, is) => {
    const settings = vscode.workspace.getConfiguration('agentWorld');
    await settings.update('mirror.enabled', is, vscode.ConfigurationTarget.Global);
  }, is);
}

/** As “Reopen with Encoding” does. */
async function openAs(file: string, encoding: string): Promise<void> {
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

/** As a disk does that is not there for a while. */
function moveAll(from: string, to: string): void {
  for (const name of fs.readdirSync(from))
    fs.renameSync(path.join(from, name), path.join(to, name));
}

async function rename(from: string, to: string): Promise<void> {
  await window.evaluate(
    async (vscode, { from, to }) => {
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(vscode.Uri.file(from), vscode.Uri.file(to));
      await vscode.workspace.applyEdit(edit);
    },
    { from: path.join(live.folder, from), to: path.join(live.folder, to) },
  );
}
