import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { Text } from '../../src/core/text.ts';
import { AuthorshipReader } from '../../src/world/file-authorship.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { LiveFolder } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

const TEXT = 'one\ntwo\nthree\nfour\n';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;

before(async () => {
  const files = [
    'keys.txt',
    'menu.txt',
    'cursors.txt',
    'paste.txt',
    'split.txt',
    'snippet.txt',
    'closed.txt',
    'returned.txt',
  ];
  live = await LiveFolder.start({
    files: {
      ...Object.fromEntries(files.map((file) => [file, TEXT])),
      'format.txt': 'a  \nb  \nc  \n',
      'first.code': 'export function greet() {}\ngreet();\n',
      'second.code': "import { greet } from './first';\ngreet();\n",
      'third.code': "import { greet } from './first';\ngreet();\ngreet();\n",
    },
    settings: { 'files.autoSave': 'off', '[plaintext]': { 'editor.formatOnSave': true } },
  });
  agent = await live.joinAgent('helper');
  window = await live.openWindow();
  await registerProviders();
});

after(async () => {
  await live.dispose();
});

test('S7: undo takes back what I typed, word by word, and what an agent wrote meanwhile stays', async () => {
  await open('keys.txt');
  await window.placeCursor(1, 3);
  await window.type(' mine too');
  await window.waitForText('keys.txt', 'one\ntwo mine too\nthree\nfour\n');
  await agentReplaces('keys.txt', 'three', 'three by the agent');
  await window.waitForText('keys.txt', 'one\ntwo mine too\nthree by the agent\nfour\n');
  await undo();
  await window.waitForText('keys.txt', 'one\ntwo mine\nthree by the agent\nfour\n');
  await undo();
  await window.waitForText('keys.txt', 'one\ntwo\nthree by the agent\nfour\n');
  await window.waitForCursor(1, 3);
  await undo();
  await agentReplaces('keys.txt', 'four', 'four by the agent');
  await window.waitForText('keys.txt', 'one\ntwo\nthree by the agent\nfour by the agent\n');
  await redo();
  await window.page.keyboard.press('Control+Shift+z');
  const whole = 'one\ntwo mine too\nthree by the agent\nfour by the agent\n';
  await window.waitForText('keys.txt', whole);
  await inWorld('keys.txt', whole);
  await window.screenshot('undo-beside-an-agent');
});

test('S7: undo of VS Code’s own, from the menu, takes back mine and leaves the agent’s', async () => {
  await open('menu.txt');
  await window.placeCursor(0, 3);
  await window.type('XYZ');
  await window.waitForText('menu.txt', 'oneXYZ\ntwo\nthree\nfour\n');
  await agentReplaces('menu.txt', 'two', 'two by the agent');
  await window.waitForText('menu.txt', 'oneXYZ\ntwo by the agent\nthree\nfour\n');
  await undoFromMenu();
  await window.waitForText('menu.txt', 'one\ntwo by the agent\nthree\nfour\n');
  await live.settled();
  await inWorld('menu.txt', 'one\ntwo by the agent\nthree\nfour\n');
  // Nothing of mine is left: VS Code takes something back by itself, and is given it back.
  const version = await window.evaluate(
    (vscode) => vscode.window.activeTextEditor!.document.version,
  );
  await undoFromMenu();
  await window.waitFor(
    (vscode, before) => vscode.window.activeTextEditor!.document.version >= before + 2,
    version,
  );
  await window.waitForText('menu.txt', 'one\ntwo by the agent\nthree\nfour\n');
  await redo();
  await window.waitForText('menu.txt', 'oneXYZ\ntwo by the agent\nthree\nfour\n');
});

test('S7: lines of an agent’s that I delete and take back are the agent’s; typed ones are mine', async () => {
  const lines = 'let a = 1;\nlet b = 2;\nlet c = 3;\n';
  const whole = `one\n${lines}two\nthree\nfour\n`;
  await open('returned.txt');
  await agentReplaces('returned.txt', 'two', `${lines}two`);
  await window.waitForText('returned.txt', whole);
  const theirs = await authorsOf('returned.txt');
  assert.equal(theirs.filter((author) => author === agent.session.identity).length, 3);
  const takeAway = async (): Promise<void> => {
    await window.placeCursor(1, 0);
    for (let line = 0; line < 3; line++) await window.page.keyboard.press('Shift+ArrowDown');
    await window.page.keyboard.press('Delete');
    await window.waitForText('returned.txt', TEXT);
    await inWorld('returned.txt', TEXT);
  };
  for (const takeBack of [undo, () => window.command('undo')]) {
    await takeAway();
    await takeBack();
    await window.waitForText('returned.txt', whole);
    await inWorld('returned.txt', whole);
    assert.deepEqual(await authorsOf('returned.txt'), theirs);
  }
  await takeAway();
  await window.placeCursor(1, 0);
  await window.type(lines);
  await window.waitForText('returned.txt', whole);
  await inWorld('returned.txt', whole);
  const typed = await authorsOf('returned.txt');
  assert.ok(!typed.includes(agent.session.identity));
});

test('S7: without others, VS Code’s own undo is left as it is, and the document is clean again', async () => {
  await open('snippet.txt');
  await window.placeCursor(0, 3);
  await window.type('abc');
  await window.waitForText('snippet.txt', 'oneabc\ntwo\nthree\nfour\n');
  await window.command('undo');
  await window.waitForText('snippet.txt', TEXT);
  await window.waitFor((vscode) => !vscode.window.activeTextEditor!.document.isDirty, {});
  await window.command('redo');
  await window.waitForText('snippet.txt', 'oneabc\ntwo\nthree\nfour\n');
  await undo();
  await window.waitForText('snippet.txt', TEXT);
  await window.waitFor((vscode) => !vscode.window.activeTextEditor!.document.isDirty, {});
  await redo();
  await window.waitForText('snippet.txt', 'oneabc\ntwo\nthree\nfour\n');
  await undo();
  await window.waitForText('snippet.txt', TEXT);
  await inWorld('snippet.txt', TEXT);
});

test('S7: keys at several cursors are one step, and so is a paste', async () => {
  await open('cursors.txt');
  await window.placeCursor(0, 0);
  await window.command('editor.action.insertCursorBelow');
  await window.command('editor.action.insertCursorBelow');
  await window.type('ab');
  await window.waitForText('cursors.txt', 'abone\nabtwo\nabthree\nfour\n');
  await agentReplaces('cursors.txt', 'two', '2');
  await window.waitForText('cursors.txt', 'abone\nab2\nabthree\nfour\n');
  await undo();
  await window.waitForText('cursors.txt', 'one\n2\nthree\nfour\n');
  await redo();
  await window.waitForText('cursors.txt', 'abone\nab2\nabthree\nfour\n');
  await window.page.keyboard.press('Escape');
  await window.page.keyboard.press('Escape');

  await open('paste.txt');
  await window.evaluate((vscode) => vscode.env.clipboard.writeText('pasted\nlines\n'));
  await window.placeCursor(1, 0);
  await window.type('x');
  await window.command('editor.action.clipboardPasteAction');
  await window.waitForText('paste.txt', 'one\nxpasted\nlines\ntwo\nthree\nfour\n');
  await window.type('y');
  await window.waitForText('paste.txt', 'one\nxpasted\nlines\nytwo\nthree\nfour\n');
  await undo();
  await window.waitForText('paste.txt', 'one\nxpasted\nlines\ntwo\nthree\nfour\n');
  await undo();
  await window.waitForText('paste.txt', 'one\nxtwo\nthree\nfour\n');
  await undo();
  await window.waitForText('paste.txt', TEXT);
});

test('S7: a snippet is one step, and so is formatting', async () => {
  await open('snippet.txt');
  await window.placeCursor(1, 3);
  await window.command('editor.action.insertSnippet', {
    snippet: '\nif (${1:yes}) {\n  ${2:then}\n}$0',
  });
  await window.waitForText('snippet.txt', 'one\ntwo\nif (yes) {\n  then\n}\nthree\nfour\n');
  await undo();
  await window.waitForText('snippet.txt', TEXT);

  await open('format.txt');
  await window.placeCursor(0, 1);
  await window.type('!');
  await window.page.keyboard.press('Control+s');
  await window.waitForText('format.txt', 'a!\nb\nc\n');
  await agentReplaces('format.txt', 'c', 'see');
  await window.waitForText('format.txt', 'a!\nb\nsee\n');
  await undo();
  await window.waitForText('format.txt', 'a!  \nb  \nsee  \n');
  await undo();
  await window.waitForText('format.txt', 'a  \nb  \nsee  \n');
  await redo();
  await redo();
  await window.waitForText('format.txt', 'a!\nb\nsee\n');
});

test('S7: a renaming over several files is one step', async () => {
  await open('first.code');
  await window.placeCursor(0, 18);
  await window.page.keyboard.press('F2');
  await window.page.locator('.rename-box input:focus').first().waitFor();
  await window.screenshot('undo-renaming');
  await window.page.keyboard.press('Control+a');
  await window.page.keyboard.type('welcome');
  await window.page.keyboard.press('Enter');
  await window.waitFor((vscode) => vscode.window.activeTextEditor!.document.isDirty, {});
  await live.until('all are renamed', async () => {
    const texts = await Promise.all(RENAMED.map((file) => live.worldText(file)));
    return texts.every((text) => text.includes('welcome') && !text.includes('greet'));
  });
  // VS Code saves what a renaming has changed: those that nobody looks at are as on disk then, and have no tab.
  await window.waitFor(
    (vscode) =>
      vscode.workspace.textDocuments.every(
        ({ uri, isDirty }) => !uri.path.endsWith('.code') || !isDirty,
      ),
    {},
  );
  await live.settled();
  await agentReplaces('third.code', 'welcome();\nwelcome();', 'welcome();\nwelcome(); // twice');
  await live.settled();
  await undo();
  await live.until('all have their old name', async () => {
    const texts = await Promise.all(RENAMED.map((file) => live.worldText(file)));
    return texts.every((text) => text.includes('greet') && !text.includes('welcome'));
  });
  assert.match(await live.worldText('third.code'), /greet\(\); \/\/ twice/);
  await untilEditorsHaveWorld();
  await redo();
  await live.until('all are renamed again', async () => {
    const texts = await Promise.all(RENAMED.map((file) => live.worldText(file)));
    return texts.every((text) => text.includes('welcome') && !text.includes('greet'));
  });
  await untilEditorsHaveWorld();
});

test('S7: two editors of one file take back the same steps', async () => {
  await open('split.txt');
  await window.placeCursor(0, 3);
  await window.type('L');
  await window.waitForText('split.txt', 'oneL\ntwo\nthree\nfour\n');
  await window.command('workbench.action.splitEditorRight');
  await window.page.locator('.editor-group-container').nth(1).waitFor();
  await window.placeCursor(3, 4);
  await window.type('R');
  await window.waitForText('split.txt', 'oneL\ntwo\nthree\nfourR\n');
  await agentReplaces('split.txt', 'two', '2');
  await window.waitForText('split.txt', 'oneL\n2\nthree\nfourR\n');
  await window.command('workbench.action.focusFirstEditorGroup');
  await undo();
  await window.waitForText('split.txt', 'oneL\n2\nthree\nfour\n');
  await window.command('workbench.action.focusSecondEditorGroup');
  await undo();
  await window.waitForText('split.txt', 'one\n2\nthree\nfour\n');
  await redo();
  await redo();
  await window.waitForText('split.txt', 'oneL\n2\nthree\nfourR\n');
  await window.screenshot('undo-in-two-editors');
  await window.command('workbench.action.closeActiveEditor');
});

test('S7: a file that was closed and is opened again has its steps', async () => {
  await openAsUser('closed.txt');
  await window.placeCursor(0, 3);
  await window.type('XYZ');
  await window.waitForText('closed.txt', 'oneXYZ\ntwo\nthree\nfour\n');
  await window.command('workbench.action.files.save');
  await window.command('workbench.action.closeActiveEditor');
  await window.waitFor(
    (vscode, name) => vscode.workspace.textDocuments.every(({ uri }) => !uri.path.endsWith(name)),
    'closed.txt',
  );
  await agentReplaces('closed.txt', 'one', 'ONE');
  await agentReplaces('closed.txt', 'two', 'two by the agent');
  await openAsUser('closed.txt');
  await window.waitForText('closed.txt', 'ONEXYZ\ntwo by the agent\nthree\nfour\n');
  // The text may be there from the disk before the document is bound to its file.
  await live.settled();
  await undo();
  await window.waitForText('closed.txt', 'ONE\ntwo by the agent\nthree\nfour\n');
});

test('undo keys in the find widget are the widget’s', async () => {
  await open('split.txt');
  await window.page.keyboard.press('Control+f');
  await window.page
    .locator('.find-widget.visible textarea:focus, .find-widget.visible input:focus')
    .waitFor();
  await window.page.keyboard.type('abc');
  await window.page.keyboard.press('Control+z');
  await window.page.keyboard.press('Escape');
  await live.settled();
  assert.equal(await window.editorText('split.txt'), 'oneL\n2\nthree\nfourR\n');
});

test('the history of all this verifies', async () => {
  await live.settled();
  assert.equal(live.session.view.tickets.size, 0);
  assert.equal((await live.verify()).tag, 'verified');
});

const RENAMED = ['first.code', 'second.code', 'third.code'];

async function untilEditorsHaveWorld(): Promise<void> {
  for (const file of RENAMED) await window.waitForText(file, await live.worldText(file));
}

async function open(file: string): Promise<void> {
  await window.openFile(file);
  await live.settled();
}

/** VS Code keeps a document that an extension opened for minutes; one that a user opened it closes. */
async function openAsUser(file: string): Promise<void> {
  await window.evaluate(
    (vscode, fsPath) => vscode.commands.executeCommand('vscode.open', vscode.Uri.file(fsPath)),
    `${window.folder}/${file}`,
  );
  await window.page.locator('.editor-group-container.active .monaco-editor.focused').waitFor();
  await window.waitFor(
    (vscode, name) => vscode.window.activeTextEditor?.document.uri.path.endsWith(name),
    file,
  );
  await live.settled();
}

async function undo(): Promise<void> {
  await window.page.keyboard.press('Control+z');
}

async function redo(): Promise<void> {
  await window.page.keyboard.press('Control+y');
}

/** By mouse and keys: Edit, then its first entry. */
async function undoFromMenu(): Promise<void> {
  await window.page.locator('.menubar-menu-button').first().click();
  await window.page
    .locator('.monaco-menu .action-label', { hasText: /^Edit$/ })
    .first()
    .hover();
  await window.page.keyboard.press('ArrowRight');
  await window.page
    .locator('.monaco-menu .action-item.focused .action-label', { hasText: /^Undo$/ })
    .waitFor();
  await window.screenshot('undo-from-the-menu');
  await window.page.keyboard.press('Enter');
}

/** A formatter that takes off spaces at line ends, and a renaming of words over all files. */
async function registerProviders(): Promise<void> {
  await window.evaluate((vscode) => {
    vscode.languages.registerDocumentFormattingEditProvider(
      { pattern: '**/format.txt' },
      {
        provideDocumentFormattingEdits: (document) =>
          Array.from({ length: document.lineCount }, (_, line) => {
            const { text, range } = document.lineAt(line);
            const start = range.start.translate(0, text.trimEnd().length);
            return vscode.TextEdit.delete(new vscode.Range(start, range.end));
          }),
      },
    );
    vscode.languages.registerRenameProvider(
      { pattern: '**/*.code' },
      {
        provideRenameEdits: async (document, position, newName) => {
          const word = document.getText(document.getWordRangeAtPosition(position));
          const edit = new vscode.WorkspaceEdit();
          for (const uri of await vscode.workspace.findFiles('*.code')) {
            const each = await vscode.workspace.openTextDocument(uri);
            for (const { index } of each.getText().matchAll(new RegExp(word, 'g'))) {
              const start = each.positionAt(index);
              edit.replace(uri, new vscode.Range(start, start.translate(0, word.length)), newName);
            }
          }
          return edit;
        },
      },
    );
  });
}

async function agentReplaces(file: string, search: string, replacement: string): Promise<void> {
  await live.settled();
  await agent.read(file);
  const edited = await agent.replace(file, [{ search, replacement }]);
  assert.equal(edited.tag, 'applied');
}

/** Whose each line of a file in the world is. */
async function authorsOf(file: string): Promise<readonly string[]> {
  const { session } = agent;
  const text = Text.of(await live.worldText(file));
  await readHeadSeq(await session.whenOnline());
  const { fileId } = session.view.fileAt(file)!;
  const { authorship } = (await new AuthorshipReader(session).read(fileId))!;
  return authorship
    .linesByAuthor(text)
    .flatMap(({ firstLine, lastLine, author }) =>
      Array<string>(lastLine - firstLine + 1).fill(author),
    );
}

async function inWorld(file: string, text: string): Promise<void> {
  await live.until(`the world has ${file}`, async () => (await live.worldText(file)) === text);
}
