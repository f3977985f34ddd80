// git puts text of before into a person's own folder while VS Code has the files: a stash, and Discard Changes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { answerRestoration, standingRestorations } from '../../src/world/restorations.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { GitLab } from '../harness/git-lab.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { told } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';

const BEFORE = 'one\ntwo\nthree\nfour\nfive\n';
const OWN = BEFORE.replace('one', 'one, and what Ada has to say of it');
const THEIRS = BEFORE.replace('four', 'four, and what the bot thinks of it');
const UNSAVED = 'not saved yet';

/** What is in a file of the folder when git takes it away, and what VS Code has of it. */
interface Case {
  readonly file: string;
  readonly whose: 'own' | 'theirs';
  readonly editor: 'closed' | 'open' | 'unsaved';
}

const CASES: readonly Case[] = [
  { file: 'own-closed.md', whose: 'own', editor: 'closed' },
  { file: 'own-open.md', whose: 'own', editor: 'open' },
  { file: 'own-unsaved.md', whose: 'own', editor: 'unsaved' },
  { file: 'theirs-open.md', whose: 'theirs', editor: 'open' },
  { file: 'theirs-unsaved.md', whose: 'theirs', editor: 'unsaved' },
];
const OWN_FILES = CASES.filter(({ whose }) => whose === 'own');
const THEIR_FILES = CASES.filter(({ whose }) => whose === 'theirs');

/** What git's extension offers. */
interface GitExtension {
  getAPI(version: 1): { readonly repositories: readonly { status(): Promise<void> }[] };
}

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;
let lab: GitLab;
/** A commit with what is saved in the folder. */
let work: string;

before(async () => {
  live = await LiveFolder.start({
    files: Object.fromEntries(CASES.map(({ file }) => [file, BEFORE])),
    settings: { 'files.autoSave': 'off' },
    // Discard Changes is a command of git's extension.
    builtIns: 'all',
    prepare: async (folder) => void (await GitLab.init(folder)).commitAll(),
  });
  lab = new GitLab(live.folder);
  agent = await live.joinAgent('bot');
  window = await live.openWindow();
  for (const { file, whose } of CASES) {
    await window.openFile(file);
    if (whose === 'theirs') await write(file);
    else {
      await window.placeCursor(0, 3);
      await window.type(', and what Ada has to say of it');
      await window.command('workbench.action.files.save');
    }
    await live.untilDisk(file, saved(whose));
  }
  work = lab.git('stash', 'create');
  await openAsBefore();
});

after(() => live.dispose());

test('git stash takes away what Ada wrote, and git stash pop brings it back, whatever of it is in editors', async () => {
  lab.git('stash', '-q', '-u');
  await untilWorldHasOwn(BEFORE);
  await told(live, window, /git in your folder “project” puts back 2 files/);
  await live.settled();
  for (const { file, editor, whose } of CASES) {
    if (editor === 'open' && whose === 'own') await untilSaved(file);
  }
  assert.equal(lab.git('status', '--porcelain'), '', 'no editor has written over what git left');
  assert.deepEqual(asked(), [THEIR_FILES.map(({ file }) => file)]);
  for (const each of THEIR_FILES) assert.equal(await live.worldText(each.file), shown(each));
  lab.git('stash', 'pop', '-q');
  await untilWorldHasOwn(OWN);
  await live.until('the question is withdrawn', () => asked().length === 0);
  await everywhereAsBefore();
});

test('Discard Changes takes back what Ada wrote, and asks about what others wrote, saved or not', async () => {
  await window.openFile('own-unsaved.md');
  await discard('git.clean', 'Discard File');
  await live.untilText('own-unsaved.md', BEFORE + UNSAVED);
  await discard('git.cleanAll', 'Discard All 4 Files');
  await untilWorldHasOwn(BEFORE);
  await live.until('it is asked', () => asked().length === 1);
  assert.deepEqual(asked(), [THEIR_FILES.map(({ file }) => file)]);
  await live.settled();
  for (const each of CASES) {
    const text = shown(each, each.whose === 'own' ? BEFORE : THEIRS);
    assert.equal(live.diskText(each.file), BEFORE, `${each.file} is as git left it`);
    assert.equal(await live.worldText(each.file), text, `${each.file} in the world`);
    if (each.editor !== 'closed') await window.waitForText(each.file, text);
  }
  const [question] = standingRestorations(live.session.view);
  const { session } = live;
  await answerRestoration(session, question!.restorationId, 'put_back', systemRandomBytes);
  await live.untilDisk('theirs-open.md', THEIRS);
  await live.until('the question is over', () => asked().length === 0);
  // What is unsaved is the user's to save, and VS Code asks then whether to overwrite what git left.
  assert.equal(live.diskText('theirs-unsaved.md'), BEFORE);
  await window.waitForText('theirs-unsaved.md', THEIRS + UNSAVED);
});

test('where VS Code saves by itself, it puts back others’ work over what git left, and nothing of one’s own', async () => {
  await window.evaluate((vscode) =>
    vscode.workspace.getConfiguration('files').update('autoSave', 'afterDelay', true),
  );
  await window.openFile('theirs-open.md');
  lab.git('checkout', '-q', '--', 'theirs-open.md');
  await live.untilDisk('theirs-open.md', THEIRS);
  await live.until('nothing is asked any more', () => asked().length === 0);
  assert.equal(await live.worldText('theirs-open.md'), THEIRS);
  await window.openFile('own-open.md');
  for (const [commit, text] of [
    [work, OWN],
    ['HEAD', BEFORE],
  ] as const) {
    lab.git('checkout', '-q', commit, '--', 'own-open.md');
    await live.untilText('own-open.md', text);
    await window.waitForText('own-open.md', text);
    await untilSaved('own-open.md');
    assert.equal(live.diskText('own-open.md'), text, 'as git left it');
  }
});

/** Runs a command of git's extension, which knows by then what has changed, and says yes to its question. */
async function discard(command: string, answer: string): Promise<void> {
  await window.evaluate(async (vscode) => {
    const git = vscode.extensions.getExtension('vscode.git')!.exports as GitExtension;
    for (const repository of git.getAPI(1).repositories) await repository.status();
  });
  const discarded = window.command(command);
  await window.page.locator('.monaco-dialog-box').getByRole('button', { name: answer }).click();
  await discarded;
}

async function untilWorldHasOwn(text: string): Promise<void> {
  for (const each of OWN_FILES) await live.untilText(each.file, shown(each, text));
}

/** Every text is what it was before git came: on disk, in the world and in the editor. */
async function everywhereAsBefore(): Promise<void> {
  await live.settled();
  for (const each of CASES) {
    assert.equal(live.diskText(each.file), saved(each.whose), `${each.file} on disk`);
    assert.equal(await live.worldText(each.file), shown(each), `${each.file} in the world`);
    if (each.editor !== 'closed') await window.waitForText(each.file, shown(each));
  }
}

async function untilSaved(file: string): Promise<void> {
  await window.waitFor(
    ({ workspace }, name) =>
      workspace.textDocuments.some(({ uri, isDirty }) => uri.path.endsWith(name) && !isDirty),
    file,
  );
}

/** Opens the files as the cases have them. */
async function openAsBefore(): Promise<void> {
  await window.closeAllEditors();
  for (const { file, editor } of CASES) {
    if (editor === 'closed') continue;
    await window.openFile(file);
    if (editor === 'open') continue;
    await window.placeCursor(5, 0);
    await window.type(UNSAVED);
  }
  await live.settled();
}

async function write(file: string): Promise<void> {
  await agent.read(file);
  const [search, replacement] = ['four', 'four, and what the bot thinks of it'];
  const edited = await agent.replace(file, [{ search, replacement }]);
  assert.equal(edited.tag, 'applied');
}

function saved(whose: Case['whose']): string {
  return whose === 'own' ? OWN : THEIRS;
}

function shown({ whose, editor }: Case, text = saved(whose)): string {
  return editor === 'unsaved' ? text + UNSAVED : text;
}

/** The files of each question that nobody has answered. */
function asked(): readonly (readonly string[])[] {
  return standingRestorations(live.session.view).map(({ items }) => items.map(({ path }) => path));
}
