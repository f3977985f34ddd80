// Out of a world into git and in again, in a real window: by the palette, seen before it is made.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { exportRule } from '../../src/world/export-rule.ts';
import { decideTicket } from '../../src/world/decide-ticket.ts';
import { GitLab } from '../harness/git-lab.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { told } from './harness/told.ts';
import { viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

const TEXT = 'intro\nthe quick fox\noutro\n';

let live: LiveFolder;
let lab: GitLab;
let leg: WorldLeg;
let window: EditorWindow;
let agent: AgentSession;
let person: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: { 'fox.md': TEXT, 'notes.md': 'one\ntwo\n', 'src/index.js': '// index\n' },
    // Git's own view is to show what was made.
    builtIns: 'all',
    prepare: async (folder) => {
      const repository = await GitLab.init(folder);
      repository.commitAll('Begin');
    },
  });
  lab = new GitLab(live.folder);
  person = live.person();
  agent = await live.joinAgent('rewriter');
  leg = await startWorldLeg(live.home);
  window = await live.openWindow(leg.env);
});

after(async () => {
  await leg.proxy.close();
  await live.dispose();
});

test('where nothing has changed there is nothing to export', async () => {
  await startExport();
  await told(live, window, /Nothing to export/);
  assert.equal(lab.git('for-each-ref', 'refs/heads/world'), '');
});

test('an export is seen whole before it is made, and an open conflict holds it up', async () => {
  await window.command('notifications.clearAll');
  await agent.read('notes.md');
  await agent.replace('notes.md', [{ search: 'two', replacement: 'two\nthree' }]);
  await agent.create('made.md', 'made by an agent\n');
  await person.read('fox.md');
  await agent.read('fox.md');
  await person.replace('fox.md', [{ search: 'quick', replacement: 'slow' }]);
  await agent.replace('fox.md', [{ search: 'quick', replacement: 'sly' }]);
  await live.until('there is a conflict', () => live.session.view.tickets.size === 1);
  await live.settled();
  await startExport();
  await messageEditor().getByText('Change 3 files').first().waitFor();
  await window.page.locator('.multiDiffEntry', { hasText: 'fox.md' }).first().waitFor();
  await pictureInEveryTheme(window, 'git-export-preview');
  await canCommit();
  await window.page.keyboard.press('Control+Enter');
  const item = await told(live, window, /Not exported: one thing/);
  await item.getByRole('button', { name: 'Show Conflicts' }).waitFor();
  await window.screenshot('git-export-blocked');
  await window.command('notifications.clearAll');
  assert.equal(lab.git('for-each-ref', 'refs/heads/world'), '', 'nothing was made');
});

test('once it is settled the commit is what was shown, with the message as it was edited', async () => {
  const [ticket] = live.session.view.tickets.values();
  const { randomBytes } = live.surroundings;
  await decideTicket(live.session, ticket!, { resolution: 'accept_head' }, randomBytes);
  await live.until('it is decided', () => live.session.view.tickets.size === 0);
  // The window has heard of it, too.
  const badge = window.page.locator('.activitybar .badge-content', { hasText: '1' });
  await badge.waitFor({ state: 'detached' });
  await messageEditor().click();
  await window.page.keyboard.press('Control+Home');
  await window.type('Foxes: ');
  // Whoever has something else to do first finds what they wrote when they begin again.
  await live.until('the disk has it', () => {
    const [file] = fs.globSync('typed/*/*.json', { cwd: live.home });
    return (
      file !== undefined && fs.readFileSync(path.join(live.home, file), 'utf8').includes('Foxes: ')
    );
  });
  await window.page.keyboard.press('Control+s');
  await window.closeAllEditors();
  await startExport();
  await messageEditor().getByText('Foxes: Change 3 files').first().waitFor();
  await canCommit();
  await messageEditor().click();
  const before = [await lab.read('.git/HEAD'), lab.git('ls-files', '--stage')];
  await window.page.keyboard.press('Control+Enter');
  const item = await told(live, window, /world\/project is at [0-9a-f]{12}: 3 files changed/);
  assert.equal(
    lab.git('log', '-1', '--format=%s', 'world/project'),
    'Foxes: Change 3 files: fox.md, made.md, notes.md',
  );
  assert.equal(lab.git('show', 'world/project:fox.md'), 'intro\nthe slow fox\noutro');
  assert.match(
    lab.git('log', '-1', '--format=%B', 'world/project'),
    /^Co-authored-by: rewriter <.*>$/m,
  );
  assert.deepEqual([await lab.read('.git/HEAD'), lab.git('ls-files', '--stage')], before);
  await messageEditor().waitFor({ state: 'detached' });
  const tabs = await window.evaluate((vscode) =>
    vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label)),
  );
  assert.deepEqual(tabs, [], 'what was shown before is closed');
  await item.getByRole('button', { name: 'Show Commit' }).click();
  await window.page.locator('.tab', { hasText: 'world/project at' }).waitFor();
  await window.page.locator('.multiDiffEntry', { hasText: 'made.md' }).first().waitFor();
  await window.screenshot('git-export-commit');
  await window.command('notifications.clearAll');
  await window.command('workbench.view.scm');
  await window.page.locator('.sidebar .title-label', { hasText: 'Source Control' }).waitFor();
  // The view's list of changes holds nothing of the export: what is checked out is where it was.
  await window.page.locator('.scm-view .resource-group', { hasText: 'Changes' }).first().waitFor();
  // Its graph holds the commit once it is asked for all branches.
  const picking = window.command('workbench.scm.action.graph.pickHistoryItemRefs');
  const all = window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'All' });
  await all.first().click();
  await window.page.keyboard.press('Enter');
  await picking;
  const graph = window.page.locator('.scm-history-view .monaco-list-row');
  await graph.filter({ hasText: 'Foxes: Change 3 files' }).first().waitFor();
  await pictureInEveryTheme(window, 'git-export-graph');
});

test('where the world asks for review the user is asked before what nobody looked at is exported', async () => {
  await window.runFromPalette('Agent World: Show or Change What an Export Needs…');
  const rows = window.page.locator('.quick-input-list .monaco-list-row');
  await rows.filter({ hasText: 'Exports Need No Review' }).getByText('in force').waitFor();
  await window.screenshot('git-export-rule');
  await rows.filter({ hasText: 'Exports Need Review' }).click();
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: 'Change for Everybody' }).click();
  await live.until('the world asks', () => exportRule(live.session) === 'reviewed');
  await agent.read('notes.md');
  await agent.replace('notes.md', [{ search: 'three', replacement: 'three\nfour' }]);
  await live.settled();
  await startExport();
  await dialog.getByText('asks for review before an export').waitFor();
  await dialog.getByText(/Nobody has looked at \d changes in \d files, made by rewriter/).waitFor();
  await dialog.getByText(/notes\.md · \d change/).waitFor();
  await pictureInEveryTheme(window, 'git-export-unreviewed');
  await dialog.getByRole('button', { name: 'Review Now' }).click();
  const header = window.page.locator('.pane-header[aria-label^="Agents’ Work"]');
  await header.getByText('export waits').waitFor();
  await viewRow(window, 'Agents’ Work', 'notes.md').first().waitFor();
  await window.screenshot('git-export-review-now');
  const before = lab.git('rev-parse', 'world/project');
  await startExport();
  await dialog.getByRole('button', { name: 'Export Unreviewed Work' }).click();
  await messageEditor().getByText('Unreviewed: ').first().waitFor();
  await canCommit();
  await messageEditor().click();
  await window.page.keyboard.press('Control+Enter');
  await told(live, window, /world\/project is at [0-9a-f]{12}: 1 files changed/);
  const message = lab.git('log', '-1', '--format=%B', 'world/project');
  assert.match(message, /^Unreviewed: \d changes in \d files \(rewriter\)$/m);
  assert.equal(lab.git('rev-parse', 'world/project~1'), before);
  await window.command('notifications.clearAll');
});

test('what others pushed comes in, and overlaps wait for a decision', async () => {
  const clone = new GitLab(path.join(live.folder, '..', 'clone'));
  lab.git('clone', '-q', '--branch', 'main', live.folder, clone.folder);
  await clone.write({
    'src/index.js': '// index\npushed();\n',
    'fox.md': TEXT.replace('quick', 'red'),
  });
  clone.commitAll('Pushed by others');
  clone.git('push', '-q', 'origin', 'HEAD:refs/heads/theirs');
  await window.runFromPalette('Agent World: Bring In Changes from Git');
  const row = window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'theirs' });
  await row.waitFor();
  await window.screenshot('git-bring-in');
  await row.click();
  await told(live, window, /stands on [0-9a-f]{12} now: 1 files changed, 1 conflicts/);
  await live.untilText('src/index.js', '// index\npushed();\n');
  await live.until('there is a conflict', () => live.session.view.tickets.size === 1);
  assert.equal(await live.worldText('fox.md'), 'intro\nthe slow fox\noutro\n');
});

async function startExport(): Promise<void> {
  await window.runFromPalette('Agent World: Export to Git');
  const row = window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'One Commit' });
  await row.first().waitFor();
  await row.first().click();
}

/** The message is there a moment before what its key does. */
async function canCommit(): Promise<void> {
  const actions = window.page.locator('.editor-actions');
  await actions.getByRole('button', { name: /^Commit This Export/ }).waitFor();
}

function messageEditor() {
  return window.page.locator('.editor-instance[data-uri], .editor-instance', {
    hasText: 'Agent-World-Epoch',
  });
}
