/** What the user of a window does, and what tools and agents do beside it. */
import fs from 'node:fs';
import path from 'node:path';
import { killHost } from '../../../harness/host-life.ts';
import type { EditorWindow } from '../window.ts';
import type { Walk, WalkFile } from './walk.ts';
import { wordsIn } from './words.ts';

/** Returns what was done, for whoever looks for a fault. */
type Deed = (walk: Walk) => Promise<string>;

/** How long a save may take on a loaded machine. */
const SAVED_MS = 30_000;

/** How often each deed is done in a walk, in an order that the seed makes. */
export const DECK: readonly (readonly [number, string, Deed])[] = [
  [5, 'open', open],
  [8, 'type', type],
  [1, 'delete', deleteLine],
  [5, 'save', save],
  [5, 'tool', toolWrites],
  [4, 'agent', agentEdits],
  [2, 'rename', rename],
  [2, 'encoding', changeEncoding],
  [1, 'revert', revert],
  [1, 'reload', reload],
  [1, 'kill', kill],
];

async function open(walk: Walk): Promise<string> {
  walk.current = walk.pick(walk.files);
  await walk.window.openFile(placeOf(walk.current));
  return nameOf(walk.current);
}

/** A word by itself on a line, or behind what is there; at times with something for a formatter to do. */
async function type(walk: Walk): Promise<string> {
  const [down, isLine, hasSpaces, isJapanese, cut] = walk.draw();
  await walk.window.openFile(placeOf(walk.current));
  const { keyboard } = walk.window.page;
  await keyboard.press('Control+Home');
  for (let line = 0; line < Math.floor(down * 12); line++) await keyboard.press('ArrowDown');
  await keyboard.press('End');
  const word = walk.words.make();
  walk.typedIn(walk.current);
  const before = isLine < 0.5 ? '\n' : hasSpaces < 0.5 ? '  ' : ' ';
  const text = `${before}${word}${isJapanese < 0.3 ? ' あ ' : ''}`;
  const middle = Math.floor(cut * text.length);
  await walk.window.type(text.slice(0, middle));
  await walk.others();
  await walk.window.type(text.slice(middle));
  return `${JSON.stringify(text)} in ${nameOf(walk.current)}, line ${Math.floor(down * 12) + 1}`;
}

async function deleteLine(walk: Walk): Promise<string> {
  const [where] = walk.draw();
  await walk.window.openFile(placeOf(walk.current));
  walk.typedIn(walk.current);
  const [before, after] = await walk.window.evaluate(async (vscode, where) => {
    const { document } = vscode.window.activeTextEditor!;
    const line = Math.floor(where * document.lineCount);
    await vscode.window.showTextDocument(document, {
      preview: false,
      selection: new vscode.Range(line, 0, line, 0),
    });
    const texts = [document.getText()];
    await vscode.commands.executeCommand('editor.action.deleteLines');
    return [...texts, document.getText()];
  }, where);
  const gone = without(before, after!);
  walk.words.askedAway(gone);
  return `${gone.join(' ')} in ${nameOf(walk.current)}`;
}

async function save(walk: Walk): Promise<string> {
  await walk.window.openFile(placeOf(walk.current));
  await walk.whileSaving(walk.current, async () => {
    await walk.window.page.keyboard.press('Control+s');
    await walk.others();
    await untilClean(walk);
  });
  return nameOf(walk.current);
}

/** A tool adds a line to what stands on disk, in the file or in one that takes its place. */
async function toolWrites(walk: Walk): Promise<string> {
  const [where, how] = walk.draw();
  const file = walk.pick(walk.files);
  const place = placeOf(file);
  const word = walk.words.make();
  const work = async (): Promise<void> => {
    if (!fs.existsSync(placeOf(file))) return;
    // Bytes, whatever they mean.
    const [, mark, text] = /^(\u00EF\u00BB\u00BF)?([^]*)$/.exec(
      fs.readFileSync(placeOf(file), 'latin1'),
    ) as unknown as [string, string | undefined, string];
    const end = text.includes('\r\n') ? '\r\n' : '\n';
    const lines = text.split(end);
    lines.splice(Math.floor(where * lines.length), 0, `${word} tool`);
    const written = Buffer.from((mark ?? '') + lines.join(end), 'latin1');
    if (how < 0.5) fs.writeFileSync(placeOf(file), written);
    else {
      const draft = path.join(walk.scratch, word);
      fs.writeFileSync(draft, written);
      fs.renameSync(draft, placeOf(file));
    }
    const isUnsure = walk.mayBeSaving(file);
    if (isUnsure) walk.words.isUnsure(word);
    walk.tell(`tool: ${word}${isUnsure ? ' while the file may be saved' : ''}`);
    walk.look();
  };
  await walk.beside(work);
  return `${word} ${how < 0.5 ? 'in' : 'in place of'} ${file.root.name}/${path.basename(place)}`;
}

/** An agent adds a line, or puts a word in the place of another. */
async function agentEdits(walk: Walk): Promise<string> {
  const [where, how] = walk.draw();
  const file = walk.pick(walk.files);
  const word = walk.words.make();
  const work = async (): Promise<void> => {
    const { agent } = file.root;
    const read = await agent.read(file.name);
    if (read.tag !== 'text') {
      walk.tell(`agent: ${file.name} is ${read.tag}`);
      return;
    }
    const startLine = Math.floor(where * read.text.lineCount);
    const [old] = wordsIn(read.text.line(startLine));
    const isExchange = how < 0.25 && old !== undefined;
    const startCharacter = isExchange ? read.text.line(startLine).indexOf(old) : 0;
    const endCharacter = isExchange ? startCharacter + old.length : 0;
    const text = isExchange ? word : `${word} agent\n`;
    const change = { startLine, startCharacter, endLine: startLine, endCharacter, text };
    const { tag } = await agent.edit(file.name, [change]);
    if (isExchange) walk.words.askedAway([old]);
    if (tag === 'applied') walk.words.owe(word, 'an agent’s edit that was applied');
    walk.tell(`agent: ${word}${isExchange ? ` for ${old}` : ''}, line ${startLine + 1}: ${tag}`);
  };
  await walk.beside(work);
  return `${word} in ${nameOf(file)}`;
}

async function rename(walk: Walk): Promise<string> {
  const [isAcross] = walk.draw();
  const file = walk.pick(walk.files);
  const from = placeOf(file);
  const root = isAcross < 0.3 ? walk.roots.at(-1)! : file.root;
  const name = `to-${walk.words.make()}.txt`;
  const asked = walk.window.evaluate(
    async ({ Uri, WorkspaceEdit, workspace }, [old, made]) => {
      const edit = new WorkspaceEdit();
      edit.renameFile(Uri.file(old!), Uri.file(made!));
      return workspace.applyEdit(edit);
    },
    [from, path.join(root.folder, name)],
  );
  await walk.others();
  const told = `${nameOf(file)} to ${root.name}/${name}`;
  if (!(await asked)) return `${told}: VS Code did not`;
  Object.assign(file, { root, name });
  return told;
}

/** “Reopen with Encoding” where nothing is unsaved, as VS Code wants it, or else “Save with Encoding”. */
async function changeEncoding(walk: Walk): Promise<string> {
  const [which] = walk.draw();
  const encoding = which < 0.5 ? 'utf8' : 'shiftjis';
  await walk.window.openFile(placeOf(walk.current));
  const told = `${nameOf(walk.current)} as ${encoding}`;
  // Nobody who looks for a command is faster than that.
  if (walk.savesAfterDelay) await untilClean(walk);
  if (await isDirty(walk)) {
    await walk.whileSaving(walk.current, async () => {
      await saveWithEncoding(walk.window, encoding);
      await walk.others();
      await untilClean(walk);
    });
    return `${told}, saved`;
  }
  const isOpen = await walk.window.evaluate(
    async ({ Uri, window, workspace }, [file, encoding]) => {
      try {
        await window.showTextDocument(
          await workspace.openTextDocument(Uri.file(file!), { encoding: encoding! }),
          { preview: false },
        );
        return true;
      } catch (error) {
        // Others' edits have come meanwhile.
        if (/dirty/i.test(String(error))) return false;
        throw error;
      }
    },
    [placeOf(walk.current), encoding],
  );
  return `${told}, opened again${isOpen ? '' : ': VS Code did not'}`;
}

async function revert(walk: Walk): Promise<string> {
  const file = placeOf(walk.current);
  await walk.window.openFile(file);
  const isLive = await walk.isLive(walk.current);
  const before = await walk.window.editorText(file);
  const done = walk.window.command('workbench.action.files.revert');
  await walk.others();
  await done;
  const gone = without(before, await walk.window.editorText(file));
  // What is live is the world's already, and a revert takes nothing from others.
  if (!isLive) walk.words.askedAway(gone);
  return `${nameOf(walk.current)}${isLive ? '' : `, not live: ${gone.join(' ')}`}`;
}

async function reload(walk: Walk): Promise<string> {
  const reloaded = walk.window.reload();
  await walk.others();
  await reloaded;
  await walk.begin();
  return '';
}

/** The extension host under the window, or the host of the worlds. */
async function kill(walk: Walk): Promise<string> {
  const [which] = walk.draw();
  if (which < 0.3) {
    await walk.others();
    await killHost(walk.home);
    return 'the host of the worlds';
  }
  walk.look();
  const killed = walk.window.killAndReload();
  await walk.others();
  await killed;
  await walk.begin();
  return 'the extension host, and the window is loaded again';
}

async function saveWithEncoding(window: EditorWindow, encoding: string): Promise<void> {
  const list = window.page.locator('.quick-input-list');
  await window.runFromPalette('Change File Encoding');
  await list.getByText('Save with Encoding').waitFor();
  await window.type('Save with');
  await window.page.keyboard.press('Enter');
  await window.page.getByPlaceholder('Select File Encoding to Save with').waitFor();
  // Which of the two of UTF-8 it lists depends on how the file is set up.
  await window.type(encoding === 'utf8' ? 'utf8bom' : encoding);
  const label = encoding === 'utf8' ? /^UTF-8 with BOM/ : /^Japanese \(Shift JIS\)/;
  await list.locator('.monaco-list-row.focused').filter({ hasText: label }).waitFor();
  await window.page.keyboard.press('Enter');
  await list.waitFor({ state: 'hidden' });
}

/**
 * As its user sees it: the tab has no dot. Where the disk has got something else since the editor looked VS Code asks
 * first whether to overwrite that.
 */
async function untilClean(walk: Walk): Promise<void> {
  const { window, current } = walk;
  const [name, deadlineMs] = [path.basename(current.name), performance.now() + SAVED_MS];
  while (await isDirty(walk)) {
    if (performance.now() > deadlineMs)
      throw new Error(`${name} is not saved after ${SAVED_MS} ms`);
    await window.command('notifications.showList');
    const refused = window.page
      .locator('.notifications-center .notification-list-item')
      .filter({ hasText: `Failed to save '${name}': The content of the file is newer.` })
      .getByRole('button', { name: 'Overwrite' });
    if (await refused.isVisible()) {
      const onDisk = fs.readFileSync(placeOf(current), 'latin1');
      const gone = without(onDisk, await window.editorText(placeOf(current)));
      // What is live is in the world, and the editor shows all of that.
      const isLive = await walk.isLive(current);
      if (!isLive) walk.words.askedAway(gone);
      walk.tell(`overwrites what is newer on disk: ${isLive ? 'live' : gone.join(' ')}`);
      await refused.click();
    }
    await window.command('notifications.hideList');
  }
}

function isDirty(walk: Walk): Promise<boolean> {
  return walk.window.evaluate(
    ({ workspace }, file) =>
      workspace.textDocuments.some(({ uri, isDirty }) => uri.fsPath === file && isDirty),
    placeOf(walk.current),
  );
}

function without(before: string, after: string): readonly string[] {
  const left = new Set(wordsIn(after));
  return wordsIn(before).filter((word) => !left.has(word));
}

export function placeOf({ root, name }: WalkFile): string {
  return path.join(root.folder, name);
}

export function nameOf({ root, name }: WalkFile): string {
  return `${root.name}/${name}`;
}
