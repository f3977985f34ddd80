import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { formatInvite } from '../../src/world/invite.ts';
import { memberName } from '../../src/world/member-name.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { type Editor, startEditor } from './harness/editor.ts';
import { LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

/** VS Code runs what a save does of its own before extensions hear of the save, or after: by chance. */
const ORDERS = ['before', 'after'] as const;

let live: LiveFolder;
let leg: WorldLeg;
let scratch: string;
let guest: Editor;
/** Ada's, whose saves trim, format and end the last line. */
let ada: EditorWindow;
/** Grace's, who writes. */
let grace: EditorWindow;

before(async () => {
  live = await LiveFolder.start({
    files: Object.fromEntries(
      ORDERS.flatMap((order) => [
        [`${order}-trim.txt`, 'one\ntwo\n'],
        [`${order}-end.txt`, 'first\n'],
        [`${order}-formatted.txt`, 'one\ntwo\nby  Ada\n'],
        [`${order}-rest.txt`, 'one\ntwo\n'],
        [`${order}-other.txt`, ''],
      ]).concat([['cursor.txt', 'last']]),
    ),
    settings: {
      'files.autoSave': 'off',
      'files.autoSaveDelay': 200,
      'files.trimTrailingWhitespace': true,
      'files.insertFinalNewline': true,
      'editor.formatOnSave': true,
    },
  });
  leg = await startWorldLeg(live.home);
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-participants-')));
  guest = await startEditor({
    home: path.join(scratch, 'home'),
    env: leg.env,
    settings: { 'agentWorld.displayName': 'Grace', 'files.autoSave': 'off' },
  });
  const folder = path.join(scratch, 'grace');
  fs.mkdirSync(folder);
  grace = await guest.openWindow(folder, { env: leg.env });
  await grace.command('agentWorld.join', formatInvite(await live.invite()));
  await waitUntilBound(grace);
});

after(async () => {
  await guest.dispose();
  await leg.proxy.close();
  await live.dispose();
  fs.rmSync(scratch, { recursive: true, force: true });
});

for (const order of ORDERS) {
  const when = `participants run ${order} extensions hear of a save`;

  test(`S5: an indentation that somebody else waits in is not trimmed by who only watches; ${when}`, async () => {
    ada = await live.openWindow({}, { participants: order });
    await addFormatter();
    const file = `${order}-trim.txt`;
    await bothOpen(file);
    await autoSave('afterDelay');
    await grace.placeCursor(0, 3);
    await grace.page.keyboard.press('Enter');
    await grace.page.keyboard.press('Tab');
    await grace.page.keyboard.press('Tab');
    const indented = 'one\n        \ntwo\n';
    await live.untilText(file, indented);
    await saved(file, indented);
    await grace.type('three', { keysPerSecond: 20 });
    const text = 'one\n        three\ntwo\n';
    await live.untilText(file, text);
    await saved(file, text);
    for (const window of [ada, grace]) await window.waitForText(file, text);
    assert.deepEqual(await authorsOf(file), ['Grace']);
  });

  test(`S5: a last line that somebody else is typing stays one; ${when}`, async () => {
    const file = `${order}-end.txt`;
    await bothOpen(file);
    await grace.placeCursor(1, 0);
    let text = 'first\n';
    for (const key of 'one') {
      await grace.type(key);
      text += key;
      await live.untilText(file, text);
      await saved(file, text);
    }
    for (const window of [ada, grace]) await window.waitForText(file, text);
    assert.deepEqual(await authorsOf(file), ['Grace']);
  });

  test(`S5: a document comes to rest where saves would change what others wrote; ${when}`, async () => {
    const file = `${order}-rest.txt`;
    const other = `${order}-other.txt`;
    await bothOpen(file);
    const savesBefore = await savesOf(file);
    await grace.placeCursor(1, 3);
    await grace.type('  ');
    const text = 'one\ntwo  \n';
    await live.untilText(file, text);
    await saved(file, text);
    // Time enough: an autosave that goes on without end comes as often as those of another file.
    await ada.openFile(other);
    for (let round = 1; round <= 4; round++) {
      await ada.type('x');
      const count = round;
      await ada.waitFor(
        (_, { name, count }) => (globalThis as unknown as Counted).saves[name]! >= count,
        { name: other, count },
      );
    }
    await saved(file, text);
    assert.ok((await savesOf(file)) - savesBefore <= 2, `${await savesOf(file)} saves`);
    assert.deepEqual(await authorsOf(file), ['Grace']);
  });

  test(`S5: a formatter formats one’s own lines and leaves those that somebody else just wrote; ${when}`, async (context) => {
    const file = `${order}-formatted.txt`;
    await autoSave('off');
    await bothOpen(file);
    await grace.placeCursor(0, 3);
    await grace.page.keyboard.press('Enter');
    await grace.page.keyboard.press('Tab');
    await ada.waitForText(file, 'one\n    \ntwo\nby  Ada\n');
    await ada.openFile(file);
    await ada.page.keyboard.press('Control+s');
    const text = 'one\n    \ntwo\nby Ada\n';
    await live.untilText(file, text);
    await saved(file, text);
    for (const window of [ada, grace]) await window.waitForText(file, text);
    await grace.type('new', { keysPerSecond: 20 });
    const whole = 'one\n    new\ntwo\nby Ada\n';
    for (const window of [ada, grace]) await window.waitForText(file, whole);
    await live.untilText(file, whole);
    await ada.command('undo');
    const unformatted = 'one\n    new\ntwo\nby  Ada\n';
    for (const window of [ada, grace]) await window.waitForText(file, unformatted);
    // The other order is likely, and a window may have this one all the same.
    const formats = await ada.evaluate(() => (globalThis as unknown as Counted).formats);
    if (order === 'after') assert.equal(formats, 'after');
    else context.diagnostic(`the formatter ran ${formats} it`);
    await ada.close();
  });
}

test('S5: a cursor at the end of a file stays before a line end that somebody else adds there', async () => {
  const agent = await live.joinAgent('ender');
  await grace.openFile('cursor.txt');
  await live.settled();
  await grace.placeCursor(0, 4);
  await watchCursor();
  await agent.read('cursor.txt');
  await agent.replace('cursor.txt', [{ search: 'last', replacement: 'last\n' }]);
  // VS Code moves it along with the text first.
  await grace.waitFor(() => {
    const { places } = globalThis as unknown as Watched;
    return places.includes('1:0') && places.at(-1) === '0:4';
  }, '');
  await grace.type(' line', { keysPerSecond: 20 });
  await live.untilText('cursor.txt', 'last line\n');
});

interface Watched {
  places: string[];
}

/** Keeps where the cursor goes. */
async function watchCursor(): Promise<void> {
  await grace.evaluate(({ window }) => {
    const places: string[] = [];
    Object.assign(globalThis as unknown as Watched, { places });
    window.onDidChangeTextEditorSelection(({ selections: [selection] }) => {
      places.push(`${selection!.active.line}:${selection!.active.character}`);
    });
  });
}

interface Counted {
  saves: Record<string, number>;
  /** When the formatter of the last save ran, as the window has it. */
  formats: 'before' | 'after' | 'not';
}

async function bothOpen(file: string): Promise<void> {
  for (const window of [ada, grace]) await window.openFile(file);
  await live.settled();
  await ada.placeCursor(0, 0);
}

/** As in a browser, or as on a desktop. */
async function autoSave(when: 'afterDelay' | 'off'): Promise<void> {
  await ada.evaluate(async ({ workspace }, when) => {
    await workspace.getConfiguration('files').update('autoSave', when, true);
  }, when);
}

/** A formatter that takes out empty lines and makes one space of several; and saves are counted. */
async function addFormatter(): Promise<void> {
  await ada.evaluate((vscode) => {
    const { saves } = Object.assign(globalThis as unknown as Counted, {
      saves: {},
      formats: 'not',
    });
    const counted = globalThis as unknown as Counted;
    let isAnnounced = false;
    vscode.workspace.onWillSaveTextDocument(() => void (isAnnounced = true));
    vscode.workspace.onDidSaveTextDocument(() => void (isAnnounced = false));
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      const name = uri.path.split('/').at(-1)!;
      saves[name] = (saves[name] ?? 0) + 1;
    });
    vscode.languages.registerDocumentFormattingEditProvider(
      { pattern: '**/*-formatted.txt' },
      {
        provideDocumentFormattingEdits: (document) => {
          counted.formats = isAnnounced ? 'after' : 'before';
          const all = new vscode.Range(0, 0, document.lineCount, 0);
          const text = document.getText().replaceAll('\n\n', '\n').replaceAll('  ', ' ');
          return [vscode.TextEdit.replace(all, text)];
        },
      },
    );
  });
}

async function savesOf(file: string): Promise<number> {
  return ada.evaluate((_, name) => (globalThis as unknown as Counted).saves[name] ?? 0, file);
}

/** Waits until Ada’s document is as it was saved, with a text that is on her disk. */
async function saved(file: string, text: string): Promise<void> {
  await ada.waitForText(file, text);
  await live.untilDisk(file, text);
  await ada.waitFor(
    ({ workspace }, name) =>
      workspace.textDocuments.some(({ uri, isDirty }) => uri.path.endsWith(name) && !isDirty),
    file,
  );
  await ada.waitForText(file, text);
}

/** Who has changed a file. */
async function authorsOf(file: string): Promise<readonly string[]> {
  const { session } = live;
  const { fileId, version } = session.view.fileAt(file)!;
  const ops = await readFileOps(await session.whenOnline(), fileId, 1, version);
  return [...new Set(ops.map(({ author }) => memberName(session.view, author)))];
}
