// What folders ask, in a person's window: an agent's clone where git puts old text back, and the person's own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { standingRestorations } from '../../src/world/restorations.ts';
import { GitLab } from '../harness/git-lab.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';

const BEFORE = 'one\ntwo\nthree\nfour\nfive\n';
const AFTER = 'one, and what Ada has to say of it\ntwo\nthree\nfour\nfive\n';
const NOTICE = 'git in bot’s folder “folder” puts back a file as it was before your work.';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;
let place: string;
let clone: KeptFolder;
let git: GitLab;

before(async () => {
  live = await LiveFolder.start({ files: { 'src/a.md': BEFORE, 'b.md': BEFORE } });
  agent = await live.joinAgent('bot');
  window = await live.openWindow();
  place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-clone-')));
  git = await GitLab.init(path.join(place, 'folder'));
  clone = await KeptFolder.keep(agent.session, place);
  git.commitAll();
  await window.openFile('src/a.md');
  await window.placeCursor(0, 3);
  await window.type(', and what Ada has to say of it');
  await live.untilText('src/a.md', AFTER);
});

after(async () => {
  clone.close();
  await live.dispose();
  fs.rmSync(place, { recursive: true, force: true });
});

test('git in an agent’s clone puts old text back: Ada is asked, nothing changes, and she puts hers back', async () => {
  await asksAgain();
  const notice = await notification(NOTICE);
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
  await question('git puts back a file').hover();
  await question('git puts back a file')
    .getByRole('button', { name: 'Put Back What the World Has' })
    .click();
  await live.until('the clone has it', () => cloneText() === AFTER);
  await live.until('nothing is asked', () => standingRestorations(live.session.view).length === 0);
  // The view is there only while something is asked.
  await window.page
    .locator('.pane-header[aria-label^="Folders Ask"]')
    .waitFor({ state: 'detached' });
});

/** What the clone has is put into its step, and git takes Ada's text away there. */
async function asksAgain(): Promise<void> {
  await clone.look();
  assert.equal(cloneText(), AFTER);
  git.git('checkout', '-q', '--', 'src/a.md');
  await clone.says('asked');
}

function cloneText(): string {
  return fs.readFileSync(path.join(clone.folder, 'src/a.md'), 'utf8');
}

/** Waits for a notification. With its smoke-test driver on, VS Code shows them in their list only. */
async function notification(text: string): Promise<Locator> {
  await window.command('notifications.showList');
  const shown = window.page.locator('.notifications-center .monaco-list-row', { hasText: text });
  await shown.waitFor();
  return shown;
}

function question(text: string): Locator {
  return viewRow(window, 'Folders Ask', text).first();
}
