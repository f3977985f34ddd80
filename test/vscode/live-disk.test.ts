import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import type { OpKind } from '../../src/core/op.ts';
import { UNATTRIBUTED } from '../../src/core/unattributed.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { hashOf } from '../../src/mirror/disk-files.ts';
import { answerRestoration, standingRestorations } from '../../src/world/restorations.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { LiveFolder } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

const run = promisify(execFile);

/** How many files the script rewrites, and git switches. */
const MANY = process.env['AGENT_WORLD_SOAK'] ? 500 : 80;
const file = (index: number): string => `many/${index}.md`;
const TEXT = 'first\nsecond\nthird\n';
const TYPED = 'the quick brown fox jumps over the lazy dog ';

let live: LiveFolder;
let first: EditorWindow;
let second: EditorWindow;
let agent: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: {
      '.gitignore': '*.log\n',
      'both.md': TEXT,
      'moved.md': `to be moved\n${TEXT}`,
      'deleted.md': `to be deleted\n${TEXT}`,
      'saved.md': TEXT,
      'typed.md': TEXT,
      ...Object.fromEntries(Array.from({ length: MANY }, (_, index) => [file(index), TEXT])),
    },
    // What is on disk is there because of the mirror, or by a save that a test asks for.
    settings: { 'files.autoSave': 'off', 'agentWorld.exclude': ['/private/'] },
  });
  agent = await live.joinAgent('indexer');
  first = await live.openWindow();
  second = await live.openWindow();
});

after(() => live.dispose());

test(`S10: a script rewrites ${MANY} files while two windows type in some of them`, async () => {
  await first.openFile(file(0));
  await second.openFile(file(1));
  await first.placeCursor(0, 0);
  await second.placeCursor(0, 0);
  const script = 'for f in many/*.md; do printf "fourth\\n" >> "$f"; done';
  await Promise.all([
    first.type(TYPED, { keysPerSecond: 25 }),
    second.type(TYPED, { keysPerSecond: 25 }),
    run('sh', ['-c', script], { cwd: live.folder }),
  ]);
  for (let index = 0; index < MANY; index++) {
    const text = `${index < 2 ? TYPED : ''}${TEXT}fourth\n`;
    await live.until(
      `the world has ${file(index)}`,
      async () => (await live.worldText(file(index))) === text,
    );
  }
  await first.waitForText(file(0), `${TYPED}${TEXT}fourth\n`);
  await second.waitForText(file(1), `${TYPED}${TEXT}fourth\n`);
  for (const window of [first, second]) await window.command('workbench.action.files.saveAll');
  for (let index = 0; index < 2; index++) {
    await live.untilDisk(file(index), `${TYPED}${TEXT}fourth\n`);
  }
});

test('S10: git checks out another branch and comes back, while somebody types', async () => {
  git('init', '-b', 'main');
  git('add', '-A');
  git('commit', '-m', 'before');
  git('checkout', '-b', 'other');
  for (let index = 2; index < MANY; index++) live.write(file(index), 'of the other branch\n');
  fs.rmSync(path.join(live.folder, 'both.md'));
  live.write('only-there.md', 'new\n');
  git('add', '-A');
  git('commit', '-m', 'other');
  await live.until('the world has the branch', () => areAll('of the other branch\n'));
  await first.openFile('typed.md');
  await first.placeCursor(0, 0);
  const typing = first.type(TYPED, { keysPerSecond: 25 });
  git('checkout', 'main');
  await live.until('the world is back', () => areAll(`${TEXT}fourth\n`));
  await live.until('with the file that was not there', () => hasFile('both.md'));
  await live.until('and without the other', () => !hasFile('only-there.md'));
  await typing;
  await live.until(
    'and has what was typed',
    async () => (await live.worldText('typed.md')) === `${TYPED}${TEXT}`,
  );
  assert.equal(gitOutput('status', '--porcelain', '--', 'many', 'both.md'), '', 'all as committed');
});

test('S5: a file that the shell renames, and one that it deletes, keep what is typed in them', async () => {
  await first.openFile('moved.md');
  await second.openFile('deleted.md');
  await first.placeCursor(0, 0);
  await second.placeCursor(0, 0);
  const { fileId } = live.session.view.fileAt('moved.md')!;
  await Promise.all([
    first.type(TYPED, { keysPerSecond: 25 }),
    second.type(TYPED, { keysPerSecond: 25 }),
    run('sh', ['-c', 'mkdir sub && mv moved.md sub/moved-on.md && rm deleted.md'], {
      cwd: live.folder,
    }),
  ]);
  await live.until('the world has the new name', () => hasFile('sub/moved-on.md'));
  await live.settled();
  await live.untilText('sub/moved-on.md', `${TYPED}to be moved\n${TEXT}`);
  assert.equal(live.session.view.fileAt('sub/moved-on.md')?.fileId, fileId, 'with its history');
  await live.until(
    'what was deleted under somebody’s hands is back',
    async () =>
      hasFile('deleted.md') &&
      (await live.worldText('deleted.md')) === `${TYPED}to be deleted\n${TEXT}`,
  );
});

test('S10: nobody is named for what tools wrote; what is made in a window is the user’s own', async () => {
  live.write('generated.md', 'by a tool\n');
  await live.until('the tool’s file is there', () => hasFile('generated.md'));
  live.write('generated.md', 'by a tool\nand again\n');
  await live.untilText('generated.md', 'by a tool\nand again\n');
  // The window that does not keep the folder.
  await second.command('workbench.view.explorer');
  // VS Code closes its box for a name where it draws the rows anew because of what came to the disk.
  const listed = second.page.locator('.explorer-folders-view .monaco-list-row');
  await listed.filter({ hasText: 'generated.md' }).waitFor();
  await second.command('explorer.newFile');
  await second.page.locator('.explorer-item-edited input:focus').waitFor();
  await second.type('made-here.md');
  await second.page.keyboard.press('Enter');
  await live.until('the user’s file is there', () => hasFile('made-here.md'));
  const self = live.session.identity;
  const nobody = UNATTRIBUTED.identity;
  assert.deepEqual(await authorsOf('generated.md'), [nobody, nobody]);
  assert.deepEqual(await authorsOf('made-here.md'), [self]);
  assert.deepEqual(await authorsOf('sub/moved-on.md', 'rename'), [nobody]);
  assert.deepEqual(new Set(await authorsOf(file(0), 'edit')), new Set([self, nobody]));
});

test('S10: an open file that only others edit is saved, and one with something of one’s own is not', async () => {
  await first.openFile('saved.md');
  await agent.read('saved.md');
  await agent.replace('saved.md', [{ search: 'third', replacement: 'third, by an agent' }]);
  const byAgent = 'first\nsecond\nthird, by an agent\n';
  await live.until('the disk has it', () => live.diskText('saved.md') === byAgent);
  await first.placeCursor(0, 0);
  await first.type('x');
  await live.until(
    'the world has the key',
    async () => (await live.worldText('saved.md')) === `x${byAgent}`,
  );
  await agent.read('saved.md');
  await agent.replace('saved.md', [{ search: 'second', replacement: 'second, too' }]);
  const all = 'xfirst\nsecond, too\nthird, by an agent\n';
  await first.waitForText('saved.md', all);
  // A later edit elsewhere is saved after the same rest: so this one's time has come and gone.
  await first.openFile('both.md');
  await agent.read('both.md');
  await agent.replace('both.md', [{ search: 'third', replacement: 'third, too' }]);
  await live.until('the other is saved', () => live.diskText('both.md').includes('third, too'));
  assert.equal(live.diskText('saved.md'), byAgent);
});

// VS Code's Discard Changes runs `git checkout -- files`, and leaves open documents to themselves.
test('S10: old text that git puts under open files, saved or not, changes nothing for others and no editor', async () => {
  const worlds = new Map<string, string>();
  for (const name of ['saved.md', 'both.md']) worlds.set(name, await live.worldText(name));
  // Before a window has told of its save, the file that it saved is as it was put before.
  for (const name of worlds.keys()) await live.until('saves are told', () => isLastPut(name));
  git('checkout', '--', 'saved.md', 'both.md');
  await live.until('it is asked about', () => standing().length === 1);
  const [question] = standing();
  assert.deepEqual(
    question!.items.map(({ path: name }) => name),
    ['both.md', 'saved.md'],
  );
  assert.equal(question!.cause, 'git');
  await live.settled();
  for (const [name, text] of worlds) {
    assert.equal(await live.worldText(name), text, 'nothing changes for others');
    await first.openFile(name);
    await first.waitForText(name, text);
    assert.equal(live.diskText(name), TEXT, 'the folder keeps what git wrote');
  }
  await answerRestoration(live.session, question!.restorationId, 'put_back', systemRandomBytes);
  await live.untilDisk('both.md', worlds.get('both.md')!);
  // Something of the user's own is unsaved there.
  assert.equal(live.diskText('saved.md'), TEXT);
  await first.openFile('saved.md');
  await first.command('workbench.action.files.save');
  await live.untilDisk('saved.md', worlds.get('saved.md')!);
  assert.equal(standing().length, 0);
});

test('what stays outside of the world is marked with the reason, and rules decide what comes in', async () => {
  live.write('large.txt', 'x'.repeat(4 * 1024 * 1024 + 1));
  fs.symlinkSync('saved.md', path.join(live.folder, 'link.md'));
  live.write('noise.log', 'noise\n');
  fs.mkdirSync(path.join(live.folder, 'private'));
  live.write('private/key.txt', 'mine\n');
  live.write('last.md', 'the last of them\n');
  await live.until('what came with them is there', () => hasFile('last.md'));
  await first.command('workbench.files.action.refreshFilesExplorer');
  await first.command('workbench.view.explorer');
  for (const name of ['large.txt', 'link.md']) {
    const marked = `.explorer-item[aria-label*="/${name} • Not in the world"]`;
    await first.page.locator(marked).waitFor({ timeout: 20_000 });
  }
  await first.screenshot('disk-outside');
  for (const name of ['large.txt', 'link.md', 'noise.log', 'private/key.txt']) {
    assert.equal(hasFile(name), false, name);
  }
  live.write('.gitignore', '*.tmp\n');
  await live.until('what the rules let in now is there', () => hasFile('noise.log'));
  assert.equal(hasFile('private/key.txt'), false);
});

test('the history of all that verifies', async () => {
  assert.equal((await live.verify()).tag, 'verified');
});

function standing() {
  return standingRestorations(live.session.view);
}

/** What is on disk is what the folder's log says was last put there. */
function isLastPut(name: string): boolean {
  const folders = path.join(live.home, 'folders');
  const hash = hashOf(fs.readFileSync(path.join(live.folder, name)));
  return fs.readdirSync(folders).some((each) => {
    const lines = fs.readFileSync(path.join(folders, each, 'folder.log'), 'utf8').split('\n');
    const last = lines.findLast((line) => line.startsWith(`{"tag":"put","path":"${name}"`));
    return last?.includes(hash) === true;
  });
}

function hasFile(name: string): boolean {
  return live.session.view.fileAt(name) !== undefined;
}

async function areAll(text: string): Promise<boolean> {
  for (let index = 2; index < MANY; index++) {
    if ((await live.worldText(file(index))) !== text) return false;
  }
  return true;
}

function git(...args: string[]): void {
  gitOutput(...args);
}

function gitOutput(...args: string[]): string {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  return execFileSync('git', [...who, ...args], {
    cwd: live.folder,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** Who is named for what was done to a file. */
async function authorsOf(name: string, kind?: OpKind): Promise<readonly string[]> {
  const { fileId, version } = live.session.view.fileAt(name)!;
  const ops = await readFileOps(await live.session.whenOnline(), fileId, 0, version);
  return ops.filter((op) => kind === undefined || op.kind === kind).map(({ author }) => author);
}
