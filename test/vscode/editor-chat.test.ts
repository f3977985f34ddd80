// VS Code's own chat edits files beside a person: real edits of its, by an agent that needs no account.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { changeMember } from '../../src/world/change-member.ts';
import { memberName } from '../../src/world/member-name.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { LiveFolder } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

type Edit = [number, number, number, number, string];

let live: LiveFolder;
let window: EditorWindow;
let other: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: {
      'app.ts': lines('app', 8),
      'closed.ts': 'one\ntwo\n',
      'undone.ts': lines('undone', 8),
      'paused.ts': lines('paused', 8),
    },
    settings: { 'chat.disableAIFeatures': false, 'files.autoSave': 'off' },
    hasChat: true,
  });
  other = await live.joinAgent('reviewer');
  window = await live.openWindow();
  // A prompt that comes before the chat has its model is dropped.
  await window.command('workbench.action.chat.open', { mode: 'agent' });
  await window.waitFor(
    async (vscode) => (await vscode.lm.selectChatModels({ vendor: 'stand-in' })).length > 0,
    '',
  );
});

after(async () => {
  await live.dispose();
});

test('what the chat writes is its own in the history, in open files and in others', async () => {
  await window.openFile('app.ts');
  await window.placeCursor(7, 5);
  await window.type('typed');
  await live.untilText('app.ts', `${lines('app', 7)}app 7typed\n`);
  await ask({ 'app.ts': [[1, 0, 2, 5, 'chat 1\nchat 2']], 'closed.ts': [[0, 0, 0, 3, 'ONE']] });
  await live.untilText('closed.ts', 'ONE\ntwo\n');
  await live.untilText(
    'app.ts',
    lines('app', 7).replace('app 1\napp 2', 'chat 1\nchat 2') + 'app 7typed\n',
  );
  assert.deepEqual(await authors('closed.ts'), ['Ada’s chat']);
  assert.deepEqual(new Set(await authors('app.ts')), new Set(['Ada', 'Ada’s chat']));
  assert.equal((await authors('app.ts')).at(-1), 'Ada’s chat');
});

test('typed, pasted and renamed text stays the person’s in a file that the chat has edits of', async () => {
  const before = (await authors('app.ts')).length;
  await window.openFile('app.ts');
  await window.placeCursor(4, 5);
  await window.type(' keys');
  await window.evaluate(
    async (vscode, file) => {
      await vscode.env.clipboard.writeText('pasted\ntext\n');
      await vscode.commands.executeCommand('editor.action.clipboardPasteAction');
      // As a rename does, in many places of files, wherever the cursor is.
      const edit = new vscode.WorkspaceEdit();
      const uri = vscode.Uri.file(file);
      edit.replace(uri, new vscode.Range(0, 0, 0, 3), 'main');
      edit.replace(uri, new vscode.Range(3, 0, 3, 3), 'main');
      await vscode.workspace.applyEdit(edit);
      // Asks nobody, as the chat's own saves do.
      await vscode.commands.executeCommand('workbench.action.files.saveWithoutFormatting');
    },
    path.join(live.folder, 'app.ts'),
  );
  await live.until('all of it is in the world', async () =>
    /^main 0\n[^]*main 3\napp 4 keyspasted\ntext\n/.test(await live.worldText('app.ts')),
  );
  await live.settled();
  assert.deepEqual([...new Set((await authors('app.ts')).slice(before))], ['Ada']);
});

test('the chat’s undo puts others’ words away: they come back, and an answer decides', async () => {
  const chats = lines('undone', 8).replace(
    'undone 2\nundone 3\n',
    'the chat’s line two\nthe chat’s line three\n',
  );
  await window.openFile('undone.ts');
  await ask({ 'undone.ts': [[2, 0, 4, 0, 'the chat’s line two\nthe chat’s line three\n']] });
  await live.untilText('undone.ts', chats);
  // In the chat's own lines: VS Code's text from before does not get it.
  await other.read('undone.ts');
  const words = 'what the reviewer made of line three';
  const edited = await other.replace('undone.ts', [
    { search: 'the chat’s line three', replacement: words },
  ]);
  assert.equal(edited.tag, 'applied');
  const both = chats.replace('the chat’s line three', words);
  await window.waitForText('undone.ts', both);
  await live.settled();
  await window.command('chatEditor.action.reject');
  await live.until('it is asked about', () => questions().length === 1);
  await window.waitForText('undone.ts', both);
  assert.equal(await live.worldText('undone.ts'), both);
  const [question] = questions();
  assert.deepEqual(
    question!.items.map(({ path: file }) => file),
    ['undone.ts'],
  );
  assert.deepEqual(
    question!.owners.map((owner) => memberName(live.session.view, owner)),
    ['reviewer'],
  );
  await window.screenshot('chat-undo');
  const node = `question ${question!.restorationId}`;
  await window.command('agentWorld.takeFromFolder', node);
  await live.untilText('undone.ts', lines('undone', 8));
  await window.waitForText('undone.ts', lines('undone', 8));
});

test('a person’s own paste over others’ words is an edit of theirs, and so is their undo', async () => {
  const theirs = lines('undone', 8).replace('undone 5', 'what the reviewer wrote of five');
  await other.read('undone.ts');
  const replacement = 'what the reviewer wrote of five';
  await other.replace('undone.ts', [{ search: 'undone 5', replacement }]);
  await window.waitForText('undone.ts', theirs);
  const old = lines('undone', 8);
  await window.openFile('undone.ts');
  await window.evaluate((vscode, text) => vscode.env.clipboard.writeText(text), old);
  await window.page.keyboard.press('Control+a');
  await window.page.keyboard.press('Control+v');
  await live.untilText('undone.ts', old);
  await window.page.keyboard.press('Control+z');
  await live.untilText('undone.ts', theirs);
  assert.deepEqual(questions(), []);
});

test('what the chat writes while it is paused is a draft beside its lines, and is judged when it goes on', async () => {
  const before = lines('paused', 8);
  await window.openFile('paused.ts');
  await live.settled();
  await pauseChat(true);
  await ask({ 'paused.ts': [[6, 0, 6, 8, 'the chat’s']] });
  const mark = window.page.locator('.codelens-decoration', {
    hasText: 'Not applied: “the chat’s”',
  });
  await mark.waitFor();
  await window.screenshot('chat-paused');
  assert.equal(await live.worldText('paused.ts'), before);
  await other.read('paused.ts');
  await other.replace('paused.ts', [{ search: 'paused 0', replacement: 'new\npaused 0' }]);
  await pauseChat(false);
  const after = `new\n${before.replace('paused 6', 'the chat’s')}`;
  await live.untilText('paused.ts', after);
  await window.waitForText('paused.ts', after);
  assert.deepEqual(await authors('paused.ts'), ['reviewer', 'Ada’s chat']);
  await mark.waitFor({ state: 'detached' });
});

async function pauseChat(paused: boolean): Promise<void> {
  const { session } = live;
  const chat = [...session.view.members.values()].find(({ kind, displayName }) => {
    return kind === 'agent' && displayName === 'Ada’s chat';
  });
  await changeMember(session, chat!, { paused });
}

/** What is asked and not answered. */
function questions() {
  const { questions: all } = live.session.view.restorations;
  return [...all.values()].filter(({ status }) => status === 'open');
}

/** Has the chat edit files, as an agent of the editor's does. */
async function ask(files: Readonly<Record<string, readonly Edit[]>>): Promise<void> {
  const prompt = Object.entries(files).map(([file, edits]) => ({
    file: path.join(live.folder, file),
    edits,
  }));
  await window.command('workbench.action.chat.open', {
    query: JSON.stringify(prompt),
    mode: 'agent',
  });
}

/** Who made the versions of a file after the first, by their names. */
async function authors(file: string): Promise<readonly string[]> {
  const { fileId, version } = live.session.view.fileAt(file)!;
  const ops = await readFileOps(await live.session.whenOnline(), fileId, 1, version);
  return ops.map(({ author }) => memberName(live.session.view, author));
}

function lines(name: string, count: number): string {
  return Array.from({ length: count }, (_, line) => `${name} ${line}\n`).join('');
}
