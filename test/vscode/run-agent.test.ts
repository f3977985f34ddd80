// Running an agent from the editor: set up, started in a terminal in its own folder, and there again after a reload.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { OpRecord } from '../../src/core/op.ts';
import { historyOfSession } from '../../src/world/world-history.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { told } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';

/** Says where it was started, and appends what is typed to a file of its folder, as an agent's own tools would. */
const CLIENT = `#!/bin/sh
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
  env = { HOME: user, PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
  live = await LiveFolder.start({
    files: { 'a.txt': 'one\n' },
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

test('a window that is loaded again finds the terminal, and its folder is kept in step on', async () => {
  await window.reload();
  await typeToAgent('after the reload');
  await live.untilText('a.txt', 'one\nby the agent\nafter the reload\n');
  assert.equal(await lastAuthor(), 'Gemini CLI');
  // A mirror that nobody holds would be gone by now.
  await live.until('the folder is still held', () => isKept());
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

test('in a folder without a world the agents of this machine are offered, and a world for a new one', async () => {
  const other = await live.editor.openWindow(user, { env });
  await other.runFromPalette('Agent World: Run an Agent…');
  const box = other.page.locator('.quick-input-widget .monaco-list-row');
  await box.filter({ hasText: own }).waitFor();
  await box.filter({ hasText: 'Open this folder in a world' }).waitFor();
  await other.screenshot('run-agent-no-world');
  await other.close();
});

test('a folder that is gone is told of, with what to do, and nothing is started', async () => {
  await window.command('workbench.action.terminal.killAll');
  await live.until('nobody keeps the folder', () => !isKept());
  fs.rmSync(own, { recursive: true });
  await window.runFromPalette('Agent World: Run an Agent…');
  await focused(own).waitFor();
  await window.page.keyboard.press('Enter');
  await told(live, window, /The folder of Gemini CLI is gone/);
  assert.equal(await window.evaluate(({ window: { terminals } }) => terminals.length), 0);
  assert.equal(await live.worldText('a.txt'), 'one\nby the agent\nafter the reload\n');
});

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
