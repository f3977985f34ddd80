// A window with several folders, two of them in worlds: each is live, and views follow the file in front.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { directoryState } from '../../src/mirror/directory-mirror.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { openFolder, type OpenedFolder } from '../../src/world/open-folder.ts';
import { LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import { told } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';

let live: LiveFolder;
let second: OpenedFolder;
let window: EditorWindow;
const roots = { first: '', second: '', outside: '', broken: '' };
/** What stands where the window would keep what it knows of a folder. */
let obstacle: string;

before(async () => {
  live = await LiveFolder.start({
    files: { 'one.md': 'one\n' },
    settings: { 'files.autoSave': 'off' },
  });
  roots.first = live.folder;
  const scratch = path.dirname(live.folder);
  for (const name of ['second', 'outside', 'broken'] as const) {
    roots[name] = path.join(scratch, name);
    fs.mkdirSync(roots[name]);
    fs.writeFileSync(path.join(roots[name], `${name}.md`), `${name}\n`);
  }
  const { server } = live;
  const profile = { displayName: 'Ada', gitName: 'Ada', gitEmail: '', color: '' };
  second = await openFolder(live.surroundings, { folder: roots.second, server, profile });
  const broken = await openFolder(live.surroundings, { folder: roots.broken, server, profile });
  broken.session.close();
  obstacle = await directoryState(live.home, roots.broken, broken.world.database);
  fs.mkdirSync(path.dirname(obstacle), { recursive: true });
  fs.writeFileSync(obstacle, '');
  const workspace = path.join(scratch, 'all.code-workspace');
  const all = [roots.outside, roots.broken, roots.first, roots.second];
  const folders = all.map((folder) => ({ path: folder }));
  fs.writeFileSync(workspace, JSON.stringify({ folders }));
  window = await live.editor.openWindow(workspace);
  await waitUntilBound(window);
});

after(async () => {
  second.session.close();
  await live.dispose();
});

test('a folder that cannot start is told with the cause, stops no other, and is tried again', async () => {
  await window.openFile(path.join(roots.first, 'one.md'));
  await window.page
    .locator('.statusbar-item')
    .filter({ hasText: /project/ })
    .filter({ has: window.page.locator('.codicon-error') })
    .waitFor();
  const item = await told(live, window, /broken is not connected to its world: EEXIST/);
  await window.screenshot('folder-not-started');
  fs.rmSync(obstacle);
  await item.getByRole('button', { name: 'Try again' }).click();
  await window.openFile(path.join(roots.broken, 'broken.md'));
  await statusBar('broken').waitFor();
});

test('what is typed goes into the world of its folder, and the other way round', async () => {
  await window.openFile(path.join(roots.first, 'one.md'));
  await statusBar('project').waitFor();
  await window.type('1 ');
  await window.openFile(path.join(roots.second, 'second.md'));
  await statusBar('second').waitFor();
  await window.type('2 ');
  await live.until('both worlds have it', async () => {
    const texts = [await live.worldText('one.md'), await secondText()];
    return texts.join() === '1 one\n,2 second\n';
  });
  const agent = await live.joinAgent('rewriter');
  await agent.read('one.md');
  await agent.replace('one.md', [{ search: 'one', replacement: 'eins' }]);
  await window.waitFor(
    (vscode) => vscode.workspace.textDocuments.some((each) => each.getText() === '1 eins\n'),
    true,
  );
  await window.screenshot('several-folders');
});

test('a file that is in no world leaves the view where it is, and its folder can come into one', async () => {
  await window.openFile(path.join(roots.outside, 'outside.md'));
  await statusBar('second').waitFor();
  await window.runFromPalette('Agent World: Open This Folder in a World');
  await statusBar('outside').waitFor();
  assert.equal(fs.existsSync(path.join(roots.outside, 'outside.md')), true);
});

test('a file that is moved from one world to another takes along what is not saved', async () => {
  const [from, to] = [path.join(roots.first, 'moved.md'), path.join(roots.second, 'moved.md')];
  const agent = await live.joinAgent('maker');
  await agent.create('moved.md', 'saved\n');
  await live.until('it is on the disk', () => fs.existsSync(from));
  await window.openFile(from);
  await window.placeCursor(0, 0);
  await window.type('not ');
  await live.untilText('moved.md', 'not saved\n');
  await window.evaluate(
    async ({ Uri, WorkspaceEdit, workspace }, [old, made]) => {
      const edit = new WorkspaceEdit();
      edit.renameFile(Uri.file(old!), Uri.file(made!));
      await workspace.applyEdit(edit);
    },
    [from, to],
  );
  await window.openFile(to);
  await window.placeCursor(0, 4);
  await window.type('yet ');
  await live.until('the other world has all of it', async () => {
    return (await secondText('moved.md')) === 'not yet saved\n';
  });
  await live.until('the first has it no more', () => !live.session.view.fileAt('moved.md'));
  await window.command('workbench.action.files.save');
  await live.until('it is on the disk', () => {
    return fs.readFileSync(to, 'utf8') === 'not yet saved\n';
  });
  assert.equal(fs.existsSync(from), false);
  assert.equal([...live.session.view.tickets.values()].length, 0);
  assert.equal([...second.session.view.tickets.values()].length, 0);
});

test('leaving one world leaves the others live', async () => {
  await window.openFile(path.join(roots.second, 'second.md'));
  await statusBar('second').waitFor();
  await window.runFromPalette('Agent World: Leave This World…');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Leave the world “second”?' }).waitFor();
  await dialog.getByRole('button', { name: 'Leave' }).click();
  await statusBar('second').waitFor({ state: 'detached' });
  await window.openFile(path.join(roots.first, 'one.md'));
  await window.placeCursor(0, 0);
  await window.type('still ');
  await live.until('it is live', async () => (await live.worldText('one.md')).startsWith('still '));
});

async function secondText(file = 'second.md'): Promise<string> {
  const { session } = second;
  const head = session.view.fileAt(file);
  if (!head) return '';
  const content = await readFile(await session.whenOnline(), session.view, head.fileId);
  return content.kind === 'text' ? content.text.toString() : '';
}

function statusBar(world: string) {
  return window.page.locator('.statusbar-item').filter({ hasText: new RegExp(`^\\W*${world}\\W`) });
}
