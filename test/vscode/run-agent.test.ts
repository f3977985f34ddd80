// Running an agent from the editor: set up, started in a terminal in its own folder, and there again after a reload;
// and in a panel, where a scripted client speaks the Agent Client Protocol.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import type { OpRecord } from '../../src/core/op.ts';
import { historyOfSession } from '../../src/world/world-history.ts';
import { PastRuns } from '../../src/acp/past-runs.ts';
import { AddedAgents } from '../../src/agents/clients/added-agents.ts';
import type { AgentStep, AgentWay } from '../harness/acp-agent.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { told } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';

/** Says where it was started, and appends what is typed to a file of its folder, as an agent's own tools would. */
const CLIENT = `#!/bin/sh
if [ "$1" = --acp ]; then
  echo $$ > "$HOME/agent-process"
  ACP_AGENT="$(cat "$HOME/way")" exec '${process.execPath}' '${path.join(projectRoot, 'test/harness/acp-agent.ts')}'
fi
printf '%s\\n%s\\n' "$PWD" "$AGENT_WORLD_HOME" > "$HOME/started"
echo 'What shall I write?'
while read -r line; do printf '%s\\n' "$line" >> a.txt; echo "Written: $line"; done
`;

let scratch: string;
/** The user's home, as clients know it. */
let user: string;
let env: Record<string, string>;
let live: LiveFolder;
let window: EditorWindow;
let own: string;

before(async () => {
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-run-')));
  user = path.join(scratch, 'user');
  const bin = path.join(scratch, 'bin');
  for (const folder of [user, bin]) fs.mkdirSync(folder);
  fs.writeFileSync(path.join(bin, 'gemini'), CLIENT, { mode: 0o755 });
  agentIs({});
  env = { HOME: user, PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
  live = await LiveFolder.start({
    files: { 'a.txt': 'one\n', 'b.txt': 'other\n' },
    settings: { 'terminal.integrated.env.linux': env },
  });
  own = `${live.folder}-gemini`;
  // A mirror ends soon where nobody needs it, instead of after ten minutes.
  window = await live.openWindow({ ...env, AGENT_WORLD_TEST_UNUSED_MS: '500' });
  // VS Code misses extensions that tests leave out, and says so.
  await window.command('notifications.clearAll');
});

after(async () => {
  await live.dispose();
  fs.rmSync(scratch, { recursive: true, force: true });
});

test('an agent is set up and started by keys, in its folder; what it writes there is in the world as its work', async () => {
  await window.runFromPalette('Agent World: Run an Agent…');
  await rows('npm install --global @qwen-code/qwen-code').waitFor();
  await window.screenshot('run-agent-pick');
  await window.type('gemini');
  await focused('Gemini CLI').waitFor();
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('Its name among the members').waitFor();
  await window.page.keyboard.press('Enter');
  await focused(own).waitFor();
  await window.page.keyboard.press('Enter');
  await focused('Edit and claim').waitFor();
  await window.page.keyboard.press('Enter');
  await chooseByKeys('In a terminal');
  const done = await told(live, window, /Gemini CLI runs in a terminal/);
  assert.match(await done.innerText(), /only in a folder that you trust/);
  await window.command('notifications.clearAll');
  const started = path.join(user, 'started');
  await live.until('the client is started', () => fs.existsSync(started));
  assert.equal(fs.readFileSync(started, 'utf8'), `${own}\n${live.home}\n`);
  await typeToAgent('by the agent');
  await live.untilText('a.txt', 'one\nby the agent\n');
  assert.equal(await lastAuthor(), 'Gemini CLI');
  await window.screenshot('run-agent-terminal');
});

test('the agent comes first, and running it again brings its terminal up', async () => {
  await window.command('workbench.action.closePanel');
  await window.runFromPalette('Agent World: Run an Agent…');
  await focused('in a terminal of this window').waitFor();
  await window.screenshot('run-agent-again');
  await window.page.keyboard.press('Enter');
  await inTerminal().waitFor();
  assert.equal(await window.evaluate(({ window: { terminals } }) => terminals.length), 1);
});

test('in a folder without a world the agents of this machine are offered; one that runs in another window is not run twice', async () => {
  const other = await live.editor.openWindow(user, { env });
  await other.runFromPalette('Agent World: Run an Agent…');
  const box = other.page.locator('.quick-input-widget .monaco-list-row');
  await box.filter({ hasText: own }).waitFor();
  await box.filter({ hasText: 'Open this folder in a world' }).waitFor();
  await other.screenshot('run-agent-no-world');
  await box.filter({ hasText: 'in another window' }).waitFor();
  await other.page.keyboard.press('Enter');
  const refused = await told(live, other, /Gemini CLI runs in a terminal of another window/);
  await refused.getByRole('button', { name: 'Run Another Agent…' }).click();
  await box.filter({ hasText: own }).waitFor();
  await other.close();
});

// VS Code keeps which terminals there are half a second after one was opened: other scenes lie between.
test('a window that is loaded again finds the terminal, and its folder is kept in step on', async () => {
  await window.reload();
  await typeToAgent('after the reload');
  await live.untilText('a.txt', 'one\nby the agent\nafter the reload\n');
  assert.equal(await lastAuthor(), 'Gemini CLI');
  // A mirror that nobody holds would be gone by now.
  await live.until('the folder is still held', () => isKept());
});

test('in a panel the agent is written to, its answer, plan and changes are seen, and what it asks is answered by keys', async () => {
  await window.openFile('a.txt');
  await window.evaluate(({ commands }) => {
    const agent = { client: 'gemini', name: 'Gemini CLI', place: 'panel' };
    void commands.executeCommand('agentWorld.runAgent', agent);
  });
  const refused = await told(live, window, /Gemini CLI runs in a terminal of this window/);
  await window.screenshot('run-agent-held');
  await refused.getByRole('button', { name: 'End It There and Run It in a Panel' }).click();
  await closeNotices();
  await state('waits for you').waitFor();
  await page().locator('#prompt:focus').waitFor();
  await window.type('Say this');
  await window.page.keyboard.press('Shift+Enter');
  await window.type('and this');
  await window.page.keyboard.press('Enter');
  await entry('answer', 'Say this\nand this').waitFor();
  await entry('end', 'Done').waitFor();
  const file = path.join(own, 'a.txt');
  const oldText = fs.readFileSync(file, 'utf8');
  const newText = oldText.replace('one\n', 'one\ntwo\n');
  const toolCall = {
    toolCallId: 'edit-1',
    title: 'Edit a.txt',
    kind: 'edit',
    status: 'pending',
    locations: [{ path: file, line: 2 }],
    content: [{ type: 'diff', path: file, oldText, newText }],
  };
  await ask([
    {
      update: {
        sessionUpdate: 'plan',
        entries: [
          { content: 'Read the file', priority: 'high', status: 'completed' },
          { content: 'Write a line', priority: 'high', status: 'in_progress' },
        ],
      },
    },
    { update: { sessionUpdate: 'tool_call', ...toolCall } },
    { say: 'I put a line in. It reads:\n\n```\n<b>two</b>\n```\n\nMay I?' },
    {
      ask: {
        toolCall,
        options: [
          { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
          { optionId: 'no', name: 'Reject', kind: 'reject_once' },
        ],
      },
    },
    { disk: { path: file, content: newText } },
  ]);
  await state('waits for your answer').waitFor();
  await page().locator('#ask ins', { hasText: '+two' }).waitFor();
  await entry('plan', 'Plan: 1 of 2 done').waitFor();
  // What it says is text, whatever it looks like.
  await page().locator('article.answer pre', { hasText: '<b>two</b>' }).waitFor();
  assert.match(
    (await page().locator('#urgent').textContent()) ?? '',
    /Gemini CLI asks: Edit a\.txt\. Alt\+1: Allow\. Alt\+2: Reject/,
  );
  await window.screenshot('agent-panel');
  await window.page.keyboard.press('Alt+1');
  await entry('permission', 'Your answer: Allow').waitFor();
  await live.untilText('a.txt', newText);
  assert.equal(await lastAuthor(), 'Gemini CLI');
  await state('waits for you').waitFor();
  await entry('tool', 'Edit a.txt').getByRole('button', { name: 'Open the diff: a.txt' }).click();
  await window.page.locator('.tab.active', { hasText: 'what Gemini CLI does' }).waitFor();
  await entry('tool', 'Edit a.txt').getByRole('button', { name: 'a.txt, line 2' }).click();
  // The diff's cursor stands in that line, too: what has the keyboard tells the two apart.
  await keyboardIn('a.txt');
  await window.waitForCursor(1, 0);
  assert.equal(await window.editorText(), newText);
});

test('its commands and files are offered while a prompt is written, chosen by keys, and go along with it', async () => {
  // Beside the panel, whichever of the two has the keyboard.
  await window.evaluate(
    async ({ window: { showTextDocument }, Uri, Range, ViewColumn }, file) => {
      const selection = new Range(0, 0, 1, 0);
      await showTextDocument(Uri.file(file), { viewColumn: ViewColumn.One, selection });
    },
    path.join(live.folder, 'a.txt'),
  );
  await window.waitFor(({ window: { activeTextEditor } }) => {
    return activeTextEditor?.selection.isEmpty === false;
  }, '');
  await keyboardIn('a.txt');
  await page().locator('#prompt').click();
  await page().locator('#prompt:focus').waitFor();
  const availableCommands = [
    { name: 'plan', description: 'Thinks before it works' },
    { name: 'review', description: 'Looks at changes', input: { hint: 'which of them' } },
    { name: 'report', description: 'Says what it has done' },
  ];
  await ask([{ update: { sessionUpdate: 'available_commands_update', availableCommands } }]);
  await state('waits for you').waitFor();
  await window.type('/re');
  await choice('/review').waitFor();
  assert.match((await page().locator('#say').textContent()) ?? '', /2 to choose from/);
  await window.page.keyboard.press('ArrowDown');
  await page().locator('#choices [aria-selected=true]', { hasText: '/report' }).waitFor();
  const named = await page().locator('#prompt').getAttribute('aria-activedescendant');
  assert.equal(await page().locator(`#${named}`).textContent(), '/reportSays what it has done');
  await window.screenshot('agent-panel-commands');
  await window.page.keyboard.press('ArrowUp');
  await window.page.keyboard.press('Tab');
  await page().locator('#commandHint', { hasText: '/review: which of them' }).waitFor();
  await window.type('@');
  await choice('What is selected').filter({ hasText: 'a.txt, line 1' }).waitFor();
  await window.page.keyboard.press('Enter');
  await attached('a.txt, line 1').waitFor();
  await window.type('in @b.t');
  await choice('b.txt').waitFor();
  // The list closes, and nothing is cancelled or lost.
  await window.page.keyboard.press('Escape');
  await page().locator('#choices').waitFor({ state: 'hidden' });
  await window.type('x');
  await window.page.keyboard.press('Backspace');
  await page().locator('#choices').waitFor({ state: 'hidden' });
  await window.page.keyboard.press('Control+A');
  await window.type('Look at @b');
  await choice('b.txt').waitFor();
  await window.page.keyboard.press('Enter');
  await attached('b.txt').waitFor();
  await window.screenshot('agent-panel-along');
  await page().getByRole('button', { name: 'Leave out: b.txt' }).focus();
  await window.page.keyboard.press('Enter');
  await attached('b.txt').waitFor({ state: 'detached' });
  await page().locator('#prompt:focus').waitFor();
  await page().getByRole('button', { name: 'Add Files…' }).click();
  await chooseByKeysAmongMany('b.txt');
  await attached('b.txt').waitFor();
  await page().locator('#prompt').click();
  await page().locator('#prompt:focus').waitFor();
  await window.page.keyboard.press('Enter');
  await entry('prompt', 'Look at @b.txt').getByRole('button', { name: 'b.txt' }).waitFor();
  await entry('prompt', 'Look at @b.txt').getByRole('button', { name: 'a.txt, line 1' }).waitFor();
  await page().locator('.attached').first().waitFor({ state: 'detached' });
  const heard = fs.readFileSync(path.join(user, 'heard.json'), 'utf8');
  const [, first, second] = JSON.parse(heard) as readonly {
    readonly resource: { readonly text: string };
  }[];
  assert.equal(first?.resource.text, 'one');
  assert.equal(second?.resource.text, 'other\n');
});

test('Escape cancels; an agent that is killed while nobody looks is told of, and goes on by one key', async () => {
  await page().locator('#prompt').click();
  await ask([{ hang: true }]);
  await state('at work').waitFor();
  await window.page.keyboard.press('Escape');
  await entry('end', 'Cancelled').waitFor();
  await state('waits for you').waitFor();
  await ask([{ hang: true }]);
  await state('at work').waitFor();
  await openOverPanel('b.txt');
  process.kill(agentProcess(), 'SIGKILL');
  const notice = await told(live, window, /Gemini CLI: .* ended/);
  await notice.getByRole('button', { name: 'Show' }).click();
  await closeNotices();
  await page().locator('#fault', { hasText: 'client_died' }).waitFor();
  await window.screenshot('agent-panel-fault');
  await page().getByRole('button', { name: 'Go On' }).focus();
  await window.page.keyboard.press('Enter');
  await state('waits for you').waitFor();
  await entry('answer', 'You asked: Say this').waitFor();
});

test('whoever closes the panel of an agent at work is asked; with its window it is cut off, and the next says so and goes on, with the prompt that was begun', async () => {
  await ask([{ hang: true }]);
  await state('at work').waitFor();
  await page().locator('#prompt:focus').waitFor();
  await window.type('and then');
  await live.until('the disk has it', () => {
    const [file] = fs.globSync('typed/*/*.json', { cwd: live.home });
    return (
      file !== undefined && fs.readFileSync(path.join(live.home, file), 'utf8').includes('and then')
    );
  });
  await window.command('workbench.action.closeActiveEditor');
  await told(live, window, /Gemini CLI goes on working/);
  assert.ok(isAlive(agentProcess()));
  await cutOffAndGoOn();
  const prompt = page().locator('#prompt');
  assert.equal(await prompt.inputValue(), 'and then');
  await prompt.fill('');
  await prompt.focus();
});

test('a window that is loaded again says it too where the panel lies behind another tab, and has one panel for it', async () => {
  await ask([{ hang: true }]);
  await state('at work').waitFor();
  await openOverPanel('b.txt');
  await cutOffAndGoOn();
  assert.equal(await window.page.getByRole('tab', { name: 'Gemini CLI' }).count(), 1);
});

test('a window that is loaded again has the panel, and goes on by one key', async () => {
  const before = agentProcess();
  await window.reloadByCommand();
  await state('has ended').waitFor();
  await live.until('its program has ended', () => !isAlive(before));
  await page().getByRole('button', { name: 'Go On' }).focus();
  await window.page.keyboard.press('Enter');
  await state('waits for you').waitFor();
  await entry('answer', 'You asked: Say this').waitFor();
  await page().getByRole('button', { name: 'Stop' }).click();
  await state('has ended').waitFor();
  await live.until('its program has ended', () => !isAlive(agentProcess()));
});

test('several agents that were cut off are told of at once, and chosen from', async () => {
  const added = new AddedAgents(live.home);
  const first = await added.find('gemini', 'Gemini CLI');
  assert.ok(first);
  const past = new PastRuns(live.home);
  for (const [at, name] of ['Second', 'Third'].entries()) {
    const folder = path.join(scratch, name);
    fs.mkdirSync(folder);
    await added.put({ ...first, name, folder });
    const { client, database } = first;
    const of = { client, name, database, folder, session: name, title: `The work of ${name}` };
    const times = { startedMs: 1, lastMs: 2 };
    await past.put({ ...of, ...times, ending: 'cut-off', wasWorking: at === 0, resume: 'load' });
  }
  await window.reload();
  const notice = await told(live, window, /2 agents were cut off: (Second, Third|Third, Second)/);
  await notice.getByRole('button', { name: 'Choose…' }).click();
  await rows('was cut off in the middle of its work · The work of Second').waitFor();
  await quickInput().getByText('1 Selected').waitFor();
  await window.screenshot('agents-cut-off');
  await window.page.keyboard.press('Escape');
  await closeNotices();
  for (const name of ['Second', 'Third']) {
    const agent = await added.find('gemini', name);
    if (agent) await added.remove(agent);
  }
});

test('an agent that wants you to sign in is run in a terminal by one key', async () => {
  agentIs({ refuses: 'sign-in' });
  await page().getByRole('button', { name: 'Begin Anew' }).focus();
  await window.page.keyboard.press('Enter');
  await page().locator('#fault', { hasText: 'sign_in' }).waitFor();
  await window.screenshot('agent-panel-sign-in');
  await page().getByRole('button', { name: 'Run It in a Terminal' }).focus();
  await window.page.keyboard.press('Enter');
  await inTerminal().waitFor();
  await window.command('workbench.action.terminal.killAll');
});

test('a folder that is gone is told of, with what to do, and nothing is started', async () => {
  await live.until('nobody keeps the folder', () => !isKept());
  fs.rmSync(own, { recursive: true });
  await window.runFromPalette('Agent World: Run an Agent…');
  await focused(own).waitFor();
  await window.page.keyboard.press('Enter');
  await chooseByKeys('In a terminal');
  await told(live, window, /The folder of Gemini CLI is gone/);
  assert.equal(await window.evaluate(({ window: { terminals } }) => terminals.length), 0);
  assert.match(await live.worldText('a.txt'), /^one\n(two\n)?by the agent\nafter the reload\n$/);
});

/** The window is loaded again; the next one tells of the agent that worked, and has it go on. */
async function cutOffAndGoOn(): Promise<void> {
  const before = agentProcess();
  await window.reloadByCommand();
  const notice = await told(live, window, /Gemini CLI was cut off in the middle of its work/);
  assert.equal(isAlive(before), false);
  await notice.getByRole('button', { name: 'Go On' }).click();
  await closeNotices();
  await state('waits for you').waitFor();
  await entry('answer', 'You asked: Say this').waitFor();
}

/** They would lie over the panel. */
async function closeNotices(): Promise<void> {
  await window.command('notifications.clearAll');
  await window.command('notifications.hideList');
}

/** How the scripted client is from its next start on. */
function agentIs(way: AgentWay): void {
  const memory = path.join(user, 'memory.json');
  const hears = path.join(user, 'heard.json');
  const usual = { resume: 'load', memory, hears, embeds: true };
  fs.writeFileSync(path.join(user, 'way'), JSON.stringify({ ...usual, ...way }));
}

/** In the list that is open. */
async function chooseByKeys(label: string): Promise<void> {
  await rows(label).waitFor();
  await window.type(label);
  await focused(label).waitFor();
  await window.page.keyboard.press('Enter');
}

/** In the list that is open, of which several can be chosen. */
async function chooseByKeysAmongMany(label: string): Promise<void> {
  await rows(label).waitFor();
  await window.type(label);
  await rows('a.txt').waitFor({ state: 'detached' });
  await window.page.keyboard.press('ArrowDown');
  await window.page.keyboard.press('Space');
  await quickInput().getByText('1 Selected').waitFor();
  await window.page.keyboard.press('Enter');
}

function choice(text: string) {
  return page().locator('#choices li', { hasText: text });
}

function attached(label: string) {
  return page().locator('.attached', { hasText: label });
}

/** Has the scripted client do something. */
async function ask(steps: readonly AgentStep[]): Promise<void> {
  await page().locator('#prompt:focus').waitFor();
  await window.page.keyboard.insertText(JSON.stringify(steps));
  await window.page.keyboard.press('Enter');
}

/** In the place of the agent's panel. */
async function openOverPanel(file: string): Promise<void> {
  await window.evaluate(
    async ({ commands, Uri, window: { tabGroups } }, opened) => {
      const group = tabGroups.all.find(({ activeTab }) => activeTab?.label === 'Gemini CLI');
      await commands.executeCommand('vscode.open', Uri.file(opened), group?.viewColumn);
    },
    path.join(live.folder, file),
  );
  await page().locator('#prompt').waitFor({ state: 'detached' });
}

/** The page of the agent. */
function page() {
  return window.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}

function state(words: string) {
  return page().locator('#state', { hasText: words });
}

function entry(kind: string, text: string) {
  return page().locator(`article.${kind}`, { hasText: text });
}

/** The process of the client that was started last. */
function agentProcess(): number {
  return Number(fs.readFileSync(path.join(user, 'agent-process'), 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** By keys, in its terminal, which a window that was loaded again finds after a while. */
async function typeToAgent(line: string): Promise<void> {
  await window.waitFor(({ window: { terminals } }, name) => {
    const terminal = terminals.find((each) => each.name === name);
    terminal?.show();
    return terminal !== undefined;
  }, 'Gemini CLI');
  await inTerminal().waitFor();
  await window.type(line);
  await window.page.keyboard.press('Enter');
}

/** The terminal, while it has the keyboard. */
function inTerminal() {
  return window.page.locator('.terminal.xterm.focus, .terminal.xterm:focus-within');
}

/** Whether a mirror can be reached that keeps the agent's folder. */
function isKept(): boolean {
  const folders = path.join(live.home, 'folders');
  return fs.readdirSync(folders).some((name) => {
    const directory = path.join(folders, name, 'directory');
    if (!fs.existsSync(directory) || fs.readFileSync(directory, 'utf8') !== own) return false;
    return fs.existsSync(path.join(folders, name, 'door.json'));
  });
}

/** Who wrote what came last. */
async function lastAuthor(): Promise<string | undefined> {
  let last: OpRecord | undefined;
  for await (const ops of historyOfSession(live.session).ops()) last = ops.at(-1) ?? last;
  return live.session.view.members.get(last?.author ?? '')?.displayName;
}

function quickInput() {
  return window.page.locator('.quick-input-widget');
}

function rows(text: string) {
  return quickInput().locator('.monaco-list-row', { hasText: text });
}

function focused(text: string) {
  return quickInput().locator('.monaco-list-row.focused', { hasText: text });
}

/** Resolves when an editor of the file has the keyboard; no diff of it. */
async function keyboardIn(file: string): Promise<void> {
  await window.page.locator(`.monaco-editor.focused[data-uri$="/${file}"]`).waitFor();
}
