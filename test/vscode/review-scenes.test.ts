// Two people review what three agents do in five files: each in a window of their own, by mouse and keys.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import { MemoryRecord } from '../../src/agents/tools/agent-record.ts';
import { AgentTools } from '../../src/agents/tools/agent-tools.ts';
import { renderAnswer } from '../../src/agents/tools/render-answer.ts';
import {
  createFile,
  deleteFile,
  renameFile,
  replaceFile,
  shapeFile,
} from '../../src/world/change-file.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { formatInvite } from '../../src/world/invite.ts';
import { beginTurn, endTurn } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { FileHead } from '../../src/world/world-rows.ts';
import { focusByKey } from './harness/focus-by-key.ts';
import { LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import { chooseByKeys, chooseInMenu } from './harness/row-menu.ts';
import { clickRow, pressInRow } from './harness/row-press.ts';
import { explorerHover, untilMarked } from './harness/shown.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { told } from './harness/told.ts';
import { foldViews, viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

const LINES = Array.from({ length: 12 }, (_, line) => `line ${line + 1}`);
const TEXT = `${LINES.join('\n')}\n`;
const FILES = ['a.md', 'b.md', 'c.md', 'd.md', 'e.md'];
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 900, height: 620 };

let live: LiveFolder;
let leg: WorldLeg;
let ada: EditorWindow;
let grace: EditorWindow;
let ann: AgentSession;
let bob: AgentSession;
let cyd: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: {
      ...Object.fromEntries(FILES.map((file) => [file, TEXT])),
      'gone.md': 'gone\n',
      'old-name.md': 'named\n',
      'run.sh': 'true\n',
      'picture.bin': '\0\u0001\u0002',
    },
    // Whoever joins is called so; who is a member already keeps their name.
    settings: { 'files.autoSave': 'off', 'agentWorld.displayName': 'Grace' },
  });
  leg = await startWorldLeg(live.home);
  [ann, bob, cyd] = [
    await live.joinAgent('ann'),
    await live.joinAgent('bob'),
    await live.joinAgent('cyd'),
  ];
  [ada, grace] = await Promise.all([live.openWindow(), openForGrace()]);
  for (const window of [ada, grace]) await window.command('notifications.clearAll');
});

after(async () => {
  await leg.proxy.close();
  await live.dispose();
});

test('three agents work in five files while a person types: what each did is listed, and every row has words', async () => {
  await ada.openFile('a.md');
  await ada.placeCursor(11, 7);
  await Promise.all([
    ada.type(', typed by Ada all the while', { keysPerSecond: 40 }),
    change(ann, ['a.md', 'line 2', 'line two, by ann'], ['b.md', 'line 3', 'line three, by ann']),
    change(bob, ['c.md', 'line 4\n', ''], ['a.md', 'line 6', 'line six, by bob']),
    change(cyd, ['d.md', 'line 5\n', 'line 5\nmore, by cyd\n'], ['e.md', 'line 5', 'line by cyd']),
  ]);
  await live.until('what was typed is there', async () =>
    (await live.worldText('a.md')).includes('line 12, typed by Ada all the while\n'),
  );
  for (const window of [ada, grace]) await showRows(window);
  for (const name of ['ann', 'bob', 'cyd']) {
    await row(ada, name).waitFor();
    await untilWords(row(ada, name), `${name}, 2 changes · 2 files`);
  }
  await pictures(ada, 'review-three');
  for (const index of [1, 0]) await unfold(ada, 'a.md', index);
  await row(ada, 'Line 6 changed').waitFor();
  assert.equal(await words(row(ada, 'Line 6 changed')), 'Line 6 changed, line six, by bob');
});

test('one change is kept by keys, another taken back by mouse: what a person wrote in its middle stays', async () => {
  await ada.openFile('a.md');
  await ada.placeCursor(0, 0);
  await ada.page.keyboard.press('Control+Alt+Shift+N');
  await ada.waitForCursor(1, 0);
  await ada.page.keyboard.press('Control+Alt+Shift+N');
  await ada.waitForCursor(5, 0);
  await ada.page.keyboard.press('Control+Alt+Shift+B');
  await ada.waitForCursor(1, 0);
  await ada.page.keyboard.press('Control+Alt+Shift+K');
  await row(ada, 'Line 6 changed').waitFor();
  await gone(ada, 'Line 2 changed');
  await ada.placeCursor(5, 8);
  await ada.type(' and some words of Ada’s');
  await row(ada, 'others wrote in it').waitFor();
  await hoverOver(ada, 'line six');
  await hover(ada).getByText('bob: Line 6 changed').waitFor();
  await ada.screenshot('review-built-on');
  await hover(ada)
    .getByRole('link', { name: /Take Back$/ })
    .click();
  await live.until('bob’s words are gone', async () => {
    return !(await live.worldText('a.md')).includes('by bob');
  });
  const text = await live.worldText('a.md');
  assert.match(text, /^line 1\nline two, by ann\nline 3\n/);
  assert.match(text, /\nline 5\nline .*and some words of Ada’s.*\nline 7\n/);
});

test('while a turn runs a change is refused at once or at its end, and the agent’s next answer has the words', async () => {
  const tools = new AgentTools({ agent: bob, record: new MemoryRecord() });
  await tools.readFile({ path: 'c.md' });
  await startTurn(bob, 'Reword c');
  await change(bob, ['c.md', 'line 8', 'line eight, by bob'], ['c.md', 'line 11', 'line eleven']);
  await row(ada, 'Reword c').waitFor();
  await untilWords(row(ada, 'Reword c'), 'Reword c, 2 changes · 1 file, still running');
  await unfold(ada, 'c.md');
  await row(ada, 'Line 7 changed').waitFor();
  await chooseInMenu(ada, row(ada, 'Line 7 changed'), 'Take Back and Say Why…');
  await answerWhy('Eight stays as it is.');
  await live.until('it is taken back', async () => {
    return (await live.worldText('c.md')).includes('line 8\n');
  });
  const now = renderAnswer(await tools.readFile({ path: 'c.md' }));
  assert.match(
    now,
    /took back what you did in c\.md \(line 7\)\. My words: Eight stays as it is\./,
  );
  await ada.openFile('c.md');
  await hoverOver(ada, 'line eleven');
  const later = hover(ada).getByRole('link', { name: 'Take Back When the Turn Ends…' });
  await later.waitFor();
  await ada.screenshot('review-hover-running');
  await later.click();
  await answerWhy('Nor eleven.');
  await row(ada, 'goes at the turn’s end').waitFor();
  assert.match(await live.worldText('c.md'), /line eleven/);
  await endTurn(bob.session, 'Reword c', systemRandomBytes);
  await live.until('it is taken back', async () => {
    return (await live.worldText('c.md')).includes('line 11\n');
  });
  const then = renderAnswer(await tools.readFile({ path: 'c.md' }));
  assert.match(then, /My words: Nor eleven\./);
});

test('two people review: what one decides is gone at the other’s, who is told when and by whom', async () => {
  await row(grace, 'd.md').waitFor();
  await pressInRow(row(ada, 'd.md'), 'Keep');
  await gone(grace, 'd.md');
  await grace.command('agentWorld.history.focus');
  const entry = viewRow(grace, 'History', 'kept what agents did').first();
  await entry.waitFor();
  assert.match(await words(entry), /Ada.*kept what agents did.*d\.md.*just now/);
  await grace.screenshot('review-history');
  await showRows(grace);
  await chooseInMenu(grace, row(grace, 'e.md'), 'Take Back and Say Why…');
  await grace.page.locator('.quick-input-widget input:focus').waitFor();
  await pressInRow(row(ada, 'e.md'), 'Keep');
  await gone(grace, 'e.md');
  await grace.type('Too late.');
  await grace.page.keyboard.press('Enter');
  await told(live, grace, /^1 change not decided: Ada kept it first, just now\.$/);
  await grace.screenshot('review-decided-first');
  await grace.command('notifications.clearAll');
  assert.match(await live.worldText('e.md'), /line by cyd/);
});

test('a turn is taken back whole after somebody renamed one of its files', async () => {
  await startTurn(ann, 'Tidy two files');
  await change(ann, ['b.md', 'line 9', 'line nine'], ['d.md', 'line 9', 'line nine']);
  await endTurn(ann.session, 'Tidy two files', systemRandomBytes);
  // Not in the Explorer: its box for a name closes where VS Code draws the rows anew because of what others changed.
  await grace.evaluate(async (vscode) => {
    const [folder] = vscode.workspace.workspaceFolders!;
    const [from, to] = ['b.md', 'renamed.md'].map((file) => vscode.Uri.joinPath(folder!.uri, file));
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(from!, to!);
    await vscode.workspace.applyEdit(edit);
  });
  await live.until('it is renamed', () => live.session.view.fileAt('renamed.md') !== undefined);
  await viewRow(ada, 'Agents’ Work', 'renamed.md').first().waitFor();
  await pressInRow(row(ada, 'Tidy two files'), 'Take Back');
  const dialog = ada.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Take back 2 changes · 2 files?' }).waitFor();
  await ada.screenshot('review-turn-question');
  await dialog.getByRole('button', { name: 'Take Back' }).click();
  await live.untilText('renamed.md', TEXT.replace('line 3', 'line three, by ann'));
  await live.untilText('d.md', TEXT.replace('line 5\n', 'line 5\nmore, by cyd\n'));
  await gone(ada, 'Tidy two files');
});

test('what was done to files as a whole is listed as such, opened, and taken back by keys', async () => {
  await ada.command('workbench.action.files.saveAll');
  await ada.closeAllEditors();
  const changer = { session: cyd.session, randomBytes: systemRandomBytes, author: '' };
  const content = { kind: 'text', text: '', eol: 'lf', bom: false } as const;
  const made = { ...content, text: 'made by cyd\n' };
  await createFile(changer, 'made.md', { content: made, mode: 'regular' });
  await deleteFile(changer, headOf('gone.md'));
  await renameFile(changer, headOf('old-name.md'), 'new-name.md');
  await shapeFile(changer, headOf('run.sh'), { content, mode: 'executable' });
  const { fileId, version } = headOf('picture.bin');
  const bytes = Uint8Array.of(0, 7, 8, 9);
  await replaceFile(changer, { fileId, version, content: { kind: 'binary', bytes } });
  await live.until('all are listed', async () => (await words(row(ada, 'cyd'))).includes('6'));
  const wholes = {
    'gone.md': 'File deleted',
    'made.md': 'File created',
    'new-name.md': 'Renamed from old-name.md',
    'picture.bin': 'Whole content replaced',
    'run.sh': 'Mode or line ends changed',
  };
  for (const [file, label] of Object.entries(wholes)) {
    await clickRow(row(ada, file));
    await ada.page.locator('.tab.active', { hasText: `${file} (agents’ work)` }).waitFor();
    await unfold(ada, file);
    await row(ada, label).waitFor();
    await ada.screenshot(`review-whole-${file}`);
    await ada.closeAllEditors();
  }
  await pictures(ada, 'review-wholes');
  await ada.command('agentWorld.review.focus');
  await clickRow(row(ada, 'cyd'));
  await row(ada, 'cyd').and(ada.page.locator('.focused')).waitFor();
  await ada.page.keyboard.press('Shift+F10');
  await chooseByKeys(ada, 'Take Back');
  const dialog = ada.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Take back 6 changes · 5 files?' }).waitFor();
  await ada.page.keyboard.press('Enter');
  await gone(ada, 'cyd');
  assert.deepEqual(
    ['made.md', 'gone.md', 'old-name.md', 'new-name.md'].filter((file) => {
      return live.session.view.fileAt(file) !== undefined;
    }),
    ['gone.md', 'old-name.md'],
  );
  assert.equal(live.session.view.fileAt('run.sh')?.mode, 'regular');
  const picture = live.session.view.fileAt('picture.bin')!;
  const now = await readFile(await live.session.whenOnline(), live.session.view, picture.fileId);
  assert.deepEqual(now.kind === 'binary' && [...now.bytes], [0, 1, 2]);
});

test('a mark has words and choices that keys reach, and so has the file in the Explorer', async () => {
  await ada.openFile('renamed.md');
  await ada.placeCursor(2, 0);
  await untilMarked(ada, 'line three, by ann');
  for (const _ of ['shows it', 'goes into it']) {
    await ada.page.keyboard.press('Control+k');
    await ada.page.keyboard.press('Control+i');
    await hover(ada).getByText('ann: Line 3 changed').waitFor();
  }
  const keep = hover(ada).getByRole('link', { name: 'Keep' });
  await focusByKey(keep);
  await ada.page.keyboard.press('Escape');
  await hover(ada).waitFor({ state: 'detached' });
  await ada.command('workbench.view.explorer');
  // The words of a hover are those of the moment in which it is asked for.
  const counted = '[aria-label*="renamed.md"][aria-label*="Work of agents to look at: 1 change"]';
  await ada.page.locator(`.explorer-item${counted}`).waitFor();
  assert.match(await explorerHover(ada, 'renamed.md'), /Work of agents to look at: 1 change/);
  await showRows(ada);
  await row(ada, 'ann').waitFor();
});

test('where people wrote over all that was to be looked at the view goes, and comes back with more', async () => {
  await showRows(ada);
  await pressInRow(row(ada, 'bob'), 'Keep');
  await pressInRow(row(ada, 'ann'), 'Keep');
  await header(ada).waitFor({ state: 'detached' });
  await change(bob, ['c.md', 'line 1\n', 'line 1\nby bob\n']);
  await row(ada, 'c.md').waitFor();
  await ada.openFile('c.md');
  // What is listed may be on its way into the text.
  await ada.page.locator('.view-line', { hasText: /^by.bob$/ }).waitFor();
  await ada.placeCursor(1, 0);
  await ada.page.keyboard.press('Control+Shift+K');
  await header(ada).waitFor({ state: 'detached' });
  await change(bob, ['c.md', 'line 2\n', 'line 2\nagain by bob\n']);
  await row(ada, 'c.md').waitFor();
});

/** A window of another person's: with a home, a folder and an identity of her own. */
async function openForGrace(): Promise<EditorWindow> {
  const scratch = path.dirname(live.folder);
  const folder = path.join(scratch, 'grace');
  fs.mkdirSync(folder);
  const env = { ...leg.env, AGENT_WORLD_HOME: path.join(scratch, 'grace-home') };
  const window = await live.editor.openWindow(folder, { env });
  await window.command('agentWorld.join', formatInvite(await live.invite()));
  await waitUntilBound(window);
  return window;
}

/** Lets an agent replace a piece in one file after the other. */
async function change(
  agent: AgentSession,
  ...edits: readonly (readonly [file: string, search: string, replacement: string])[]
): Promise<void> {
  for (const [file, search, replacement] of edits) {
    await agent.read(file);
    const { tag } = await agent.replace(file, [{ search, replacement }]);
    assert.equal(tag, 'applied', file);
  }
}

async function showRows(window: EditorWindow): Promise<void> {
  await window.command('workbench.view.extension.agentWorld');
  await header(window).waitFor();
  await foldViews(window, ['Conflicts', 'Members', 'Claims', 'Messages']);
}

function row(window: EditorWindow, text: string): Locator {
  return viewRow(window, 'Agents’ Work', text).first();
}

/** What a screen reader says of a row. */
async function words(where: Locator): Promise<string> {
  return (await where.getAttribute('aria-label')) ?? '';
}

function header({ page }: EditorWindow): Locator {
  return page.locator('.pane-header[aria-label^="Agents’ Work"]');
}

/** Waits until a view has no such row any more. */
async function gone(window: EditorWindow, text: string): Promise<void> {
  await viewRow(window, 'Agents’ Work', text).first().waitFor({ state: 'detached' });
}

function hover({ page }: EditorWindow): Locator {
  return page.locator('.monaco-hover:visible');
}

/** Over a line that is marked. */
async function hoverOver(window: EditorWindow, text: string): Promise<void> {
  await untilMarked(window, text);
  const { page } = window;
  const line = page.locator('.editor-group-container.active .view-line', { hasText: text }).first();
  await line.hover({ position: { x: 30, y: 8 } });
}

/** Types what an agent shall be told. */
async function answerWhy(text: string): Promise<void> {
  await ada.page.locator('.quick-input-widget input:focus').waitFor();
  await ada.type(text);
  await ada.page.keyboard.press('Enter');
}

async function startTurn(agent: AgentSession, title: string): Promise<void> {
  await new SessionTaker(agent.session).take(title);
  const asked = { session: title, name: '', client: 'a-client', title };
  await beginTurn(agent.session, asked, systemRandomBytes);
}

function headOf(file: string): FileHead {
  return cyd.session.view.fileAt(file)!;
}

/** What rows say of what is below them is told a moment later. */
async function untilWords(where: Locator, text: string): Promise<void> {
  await live.until(text, async () => (await words(where)) === text);
}

/** Opens the n-th row of a file that is closed. */
async function unfold(window: EditorWindow, file: string, index = 0): Promise<void> {
  await clickRow(viewRow(window, 'Agents’ Work', file).nth(index).locator('.monaco-tl-twistie'));
}

/** In every theme, in a window of usual size and in a small one. */
async function pictures({ page }: EditorWindow, name: string, window = ada): Promise<void> {
  await pictureInEveryTheme(window, name);
  await page.setViewportSize(NARROW);
  await pictureInEveryTheme(window, `${name}-narrow`);
  await page.setViewportSize(WIDE);
}
