// What folders ask, in a person's window: an agent's clone where git puts old text back, and the person's own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { authorshipOfFile } from '../../src/core/authorship-fold.ts';
import { Text } from '../../src/core/text.ts';
import { removeMember } from '../../src/world/change-member.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { standingRestorations } from '../../src/world/restorations.ts';
import { SessionDesk } from '../../src/world/session-desk.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { GitLab } from '../harness/git-lab.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { LiveFolder, notifications, waitUntilBound } from './harness/live-folder.ts';
import { clickRow, pressInRow } from './harness/row-press.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { told } from './harness/told.ts';
import { viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';

const BEFORE = 'one\ntwo\nthree\nfour\nfive\n';
const AFTER = 'one, and what Ada has to say of it\ntwo\nthree\nfour\nfive\n';
const NOTICE = /git in bot’s folder “folder” puts back a file as it was before your work\./;
const CLEOS = 'Cleo wrote this line here before anybody else came to this file\n';
const ADAS = 'and now there is another line, which Ada wrote in the place of hers\n';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;
let cleo: AgentSession;
let person: AgentSession;
let scratch: string;
let clone: KeptFolder;
let hasClone = false;
let git: GitLab;
let own: GitLab;

before(async () => {
  live = await LiveFolder.start({
    files: { 'src/a.md': BEFORE, 'b.md': BEFORE, 'c.md': 'a line that came with the folder\n' },
    settings: { 'files.autoSave': 'off' },
    prepare: async (folder) => {
      const repository = await GitLab.init(folder);
      repository.commitAll();
    },
  });
  own = new GitLab(live.folder);
  agent = await live.joinAgent('bot');
  cleo = await live.joinAgent('Cleo');
  person = live.person();
  await replace(cleo, 'c.md', 'a line that came with the folder\n', CLEOS);
  window = await live.openWindow();
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-clone-')));
  await window.openFile('src/a.md');
  await window.placeCursor(0, 3);
  await window.type(', and what Ada has to say of it');
  await window.command('workbench.action.files.save');
  await live.untilText('src/a.md', AFTER);
  // What Cleo did before there was a window is put into the folder, and is no conflict.
  await live.untilDisk('c.md', CLEOS);
  assert.equal(live.session.view.tickets.size, 0);
});

after(async () => {
  await clone.close();
  await live.dispose();
  fs.rmSync(scratch, { recursive: true, force: true });
});

test('git in an agent’s clone puts old text back: Ada is asked, nothing changes, and she puts hers back', async () => {
  await cloneAsks();
  const notice = await told(live, window, NOTICE);
  await window.screenshot('restoration-notice');
  assert.equal(await live.worldText('src/a.md'), AFTER);
  await notice.getByRole('button', { name: 'Show', exact: true }).click();
  await question('git puts back a file').waitFor();
  assert.match(
    (await question('git puts back a file').getAttribute('aria-label')) ?? '',
    /^git in bot’s folder “folder” puts back a file as it was before your work, waits for an answer, just now/,
  );
  await question('a.md').waitFor();
  await window.command('notifications.clearAll');
  await pictureInEveryTheme(window, 'restorations');
  await pressInRow(question('git puts back a file'), 'Put Back What the World Has');
  await live.until('the clone has it', () => cloneText() === AFTER);
  await live.until('nothing is asked', () => standingRestorations(live.session.view).length === 0);
  // The view is there only while something is asked.
  await window.page
    .locator('.pane-header[aria-label^="Folders Ask"]')
    .waitFor({ state: 'detached' });
});

test('what she takes is in the world as the clone has it, and whose it was', async () => {
  await replace(person, 'c.md', CLEOS, ADAS);
  await newClone();
  git.git('checkout', '-q', '--', 'c.md');
  await clone.says('asked');
  await window.runFromPalette('Agent World: Answer What a Folder Asks…');
  await quickInput('git in bot’s folder “folder” puts back a file').waitFor();
  await window.screenshot('restoration-answers');
  await window.type('Take');
  await quickInput('What the folder has goes into the world').waitFor();
  await window.page.keyboard.press('Enter');
  await live.untilText('c.md', CLEOS);
  const { fileId, version } = live.session.view.fileAt('c.md')!;
  const ops = await readFileOps(await live.session.whenOnline(), fileId, 0, version);
  const lines = authorshipOfFile(ops, fileId)!.linesByAuthor(Text.of(CLEOS));
  assert.equal(lines[0]?.author, cleo.session.identity);
});

test('a window that is opened while a question waits tells of it once; a folder that is left as it is stays listed as paused, and is answered anew', async () => {
  await cloneAsks();
  await window.command('notifications.clearAll');
  await window.reload();
  await waitUntilBound(window);
  await told(live, window, NOTICE);
  const notices = await notifications(window);
  assert.equal(notices.filter((text) => NOTICE.test(text)).length, 1, notices.join(' | '));
  const notice = await told(live, window, NOTICE);
  await notice.getByRole('button', { name: 'Leave the Folder as It Is' }).click();
  await clone.says('left');
  await window.command('agentWorld.showFoldersAsk');
  await question('paused').waitFor();
  const row = question('git puts back a file');
  const leave = row.getByRole('button', { name: 'Leave the Folder as It Is', includeHidden: true });
  assert.equal(await leave.count(), 0);
  await pressInRow(row, 'Put Back What the World Has');
  await live.until('the clone has it', () => cloneText() === AFTER);
  await listIsGone();
});

test('git in one’s own folder: the file is marked, its editor and the status bar say that it waits', async () => {
  await replace(agent, 'b.md', 'two', 'two, and what the bot thinks of it');
  const theirs = BEFORE.replace('two', 'two, and what the bot thinks of it');
  await live.untilDisk('b.md', theirs);
  own.git('checkout', '-q', '--', 'b.md');
  await live.until('it is asked', () => standingRestorations(live.session.view).length === 1);
  await window.openFile('b.md');
  await window.waitForDecoration('the folder has other text, which waits for an answer');
  await window.command('workbench.view.explorer');
  const marked =
    '.explorer-item[aria-label*="/b.md • "][aria-label*="Waits for an answer: git put back older text"]';
  await window.page.locator(marked).waitFor();
  await window.waitForText('b.md', theirs);
  assert.equal(await live.worldText('b.md'), theirs);
  assert.equal(live.diskText('b.md'), BEFORE);
  await told(
    live,
    window,
    /git in your folder “project” puts back a file as it was before work of bot\./,
  );
  await window.screenshot('restoration-own-folder');
  await window.command('notifications.clearAll');
  await status('files waiting: 1').click();
  await clickRow(question('b.md'));
  await window.page
    .locator('.tab.active', { hasText: 'what the folder has ↔ what the world has' })
    .waitFor();
  await window.screenshot('restoration-compare');
  await clickRow(question('git puts back a file'));
  await quickInput('The world’s text goes into the folder').click();
  await live.untilDisk('b.md', theirs);
  await status('files waiting').waitFor({ state: 'hidden' });
  await listIsGone();
});

test('whose folder asked is removed: the question takes no answer any more, and is ended', async () => {
  const { fileId } = cleo.session.view.fileAt('c.md')!;
  const items = [{ fileId, path: 'c.md', what: 'changed' }] as const;
  const about = { cause: 'tool', folderName: 'site', items, fileCount: 1, owners: [] } as const;
  const desk = new SessionDesk(cleo.session, systemRandomBytes);
  await desk.ask(about, newUuid(Date.now(), systemRandomBytes));
  await told(live, window, /A tool in Cleo’s folder “site” puts back a file as it was before/);
  await removeMember(live.session, cleo.session.identity);
  await window.command('notifications.clearAll');
  await window.command('agentWorld.showFoldersAsk');
  await clickRow(question('A tool puts back a file'));
  await quickInput('Whose folder it is was removed.').click();
  await listIsGone();
});

async function listIsGone(): Promise<void> {
  const header = window.page.locator('.pane-header[aria-label^="Folders Ask"]');
  await header.waitFor({ state: 'detached' });
}

/** A clone of before Ada and the others wrote, brought up to now. A folder that has asked before waits longer. */
async function newClone(): Promise<void> {
  if (hasClone) await clone.close();
  hasClone = true;
  const place = fs.mkdtempSync(path.join(scratch, 'clone-'));
  git = await GitLab.init(path.join(place, 'folder'));
  await git.write({ 'src/a.md': BEFORE, 'b.md': BEFORE, 'c.md': CLEOS });
  git.commitAll();
  clone = await KeptFolder.keep(agent.session, place);
}

/** git takes Ada's text away in a new clone. */
async function cloneAsks(): Promise<void> {
  await newClone();
  assert.equal(cloneText(), AFTER);
  git.git('checkout', '-q', '--', 'src/a.md');
  await clone.says('asked');
}

async function replace(
  who: AgentSession,
  file: string,
  search: string,
  replacement: string,
): Promise<void> {
  await who.read(file);
  const edited = await who.replace(file, [{ search, replacement }]);
  assert.equal(edited.tag, 'applied');
}

function quickInput(text: string): Locator {
  return window.page.locator('.quick-input-widget').getByText(text);
}

function status(text: string): Locator {
  return window.page.locator('.statusbar-item', { hasText: text });
}

function cloneText(): string {
  return fs.readFileSync(path.join(clone.folder, 'src/a.md'), 'utf8');
}

function question(text: string): Locator {
  return viewRow(window, 'Folders Ask', text).first();
}
