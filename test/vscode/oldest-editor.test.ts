// The oldest VS Code that the extension admits, on the Node of its time: what `engines.vscode` promises.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { editorPackages, ensureEditor } from '../../scripts/setup/editor.mjs';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { openSurroundings } from '../../src/editor/surroundings.ts';
import { hostStatus } from '../../src/host/handover.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { silentLog } from '../../src/world/log.ts';
import { openFolder } from '../../src/world/open-folder.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { until } from '../harness/host-life.ts';
import { startEditor, type Editor } from './harness/editor.ts';
import { waitUntilBound } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

let scratch: string;
let folder: string;
let editor: Editor;
let window: EditorWindow;
let session: WorldSession | undefined;

before(async () => {
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-oldest-')));
  folder = path.join(scratch, 'project');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'notes.md'), 'one\ntwo\n');
  editor = await startEditor({
    age: 'oldest',
    extensions: 'vsix',
    settings: { 'files.autoSave': 'off' },
  });
  window = await editor.openWindow(folder);
});

after(async () => {
  session?.close();
  await editor.dispose();
  fs.rmSync(scratch, { recursive: true, force: true });
});

test('the oldest VS Code is the one that the manifest names, on its own Node', async () => {
  const runs = await window.evaluate((vscode) => [vscode.version, process.version]);
  const [, minor] = editorPackages.oldest.version.split('.');
  assert.ok(runs[0]!.startsWith(`1.${minor}.`), runs[0]);
  assert.equal(runs[1], `v${editorPackages.oldest.runtime}`);
});

test('a folder comes into a world there, and the host runs on that Node', async () => {
  await window.runFromPalette('Agent World: Open This Folder in a World');
  await waitUntilBound(window);
  await window.page.locator('.statusbar-item', { hasText: 'project' }).waitFor();
  const status = await hostStatus({ home: editor.home });
  assert.equal(status.state, 'running');
  if (process.platform === 'linux') {
    const { node } = await ensureEditor('oldest');
    assert.equal(fs.readlinkSync(`/proc/${status.pid}/exe`), fs.realpathSync(node));
  }
});

test('what is typed is in the world, what others do is in the editor, and a save is on disk', async () => {
  await window.openFile('notes.md');
  await window.placeCursor(0, 3);
  await window.type(' typed', { keysPerSecond: 20 });
  const manifest = fs.readFileSync(path.join(projectRoot, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const { home } = editor;
  const surroundings = openSurroundings({
    installation: projectRoot,
    version,
    log: silentLog,
    home,
  });
  const profile = { displayName: 'Ada', gitName: 'Ada', gitEmail: '', color: '' };
  const opened = await openFolder(surroundings, {
    folder,
    server: surroundings.defaultServer,
    profile,
  });
  session = opened.session;
  await until(async () => (await worldText()) === 'one typed\ntwo\n');
  const other = new AgentSession({ session, randomBytes: surroundings.randomBytes });
  await other.read('notes.md');
  const edited = await other.replace('notes.md', [{ search: 'two', replacement: 'zwei' }]);
  assert.equal(edited.tag, 'applied');
  await window.waitForText('notes.md', 'one typed\nzwei\n');
  await window.page.keyboard.press('Control+s');
  await until(() => fs.readFileSync(path.join(folder, 'notes.md'), 'utf8') === 'one typed\nzwei\n');
  await window.page.keyboard.press('Control+z');
  await until(async () => (await worldText()) === 'one\nzwei\n');
  await window.screenshot('oldest-editor');
});

async function worldText(): Promise<string> {
  const head = session!.view.fileAt('notes.md')!;
  const content = await readFile(await session!.whenOnline(), session!.view, head.fileId);
  return content.kind === 'text' ? content.text.toString() : '';
}
