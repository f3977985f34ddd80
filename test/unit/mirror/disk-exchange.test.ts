import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { DiskFiles, hashOf, type Leaving } from '../../../src/mirror/disk-files.ts';
import { APFS, type DiskRules, HFS, OtherDisk, WINDOWS } from '../../harness/other-disk.ts';

const FORMER = Buffer.from('one\n');
const NEXT = Buffer.from('two\n');
const EXPECTED = { hash: hashOf(FORMER), executable: false };
/** Whether an open file tells there that it was renamed is the file system's to say. */
const onPosix = { skip: process.platform === 'win32' };
/** The rules of this machine, and those of another by a thin layer. */
const SYSTEMS = [
  ['here', undefined],
  ['on Windows', WINDOWS],
] as const;

for (const [where, rules] of SYSTEMS) {
  test(
    `S10: a file that gets another name while it is put is there under that one alone (${where})`,
    onPosix,
    async (t) => {
      const lab = openLab(t, rules);
      lab.files.meanwhile = () => fs.renameSync(lab.at('a.md'), lab.at('b.md'));
      assert.deepEqual(await lab.files.write('a.md', NEXT, EXPECTED), { tag: 'changed' });
      assert.deepEqual(lab.content(), { 'b.md': 'one\n' });
    },
  );

  test(
    `S10: what somebody writes at the former name in that moment stays there (${where})`,
    onPosix,
    async (t) => {
      const lab = openLab(t, rules);
      lab.files.meanwhile = () => fs.renameSync(lab.at('a.md'), lab.at('b.md'));
      lab.files.undoing = () => fs.writeFileSync(lab.at('a.md'), 'new\n');
      assert.deepEqual(await lab.files.write('a.md', NEXT, EXPECTED), { tag: 'changed' });
      assert.deepEqual(lab.content(), { 'a.md': 'new\n', 'b.md': 'one\n' });
    },
  );

  test(
    `S10: a file that gets another name while it is removed does not count as removed (${where})`,
    onPosix,
    async (t) => {
      const lab = openLab(t, rules);
      lab.files.meanwhile = () => fs.renameSync(lab.at('a.md'), lab.at('b.md'));
      assert.deepEqual(await lab.files.remove('a.md', EXPECTED.hash), { tag: 'changed' });
      assert.deepEqual(lab.content(), { 'b.md': 'one\n' });
    },
  );

  test(`S10: a file that has gone before it is removed may have another name (${where})`, async (t) => {
    const lab = openLab(t, rules);
    fs.renameSync(lab.at('a.md'), lab.at('b.md'));
    assert.deepEqual(await lab.files.remove('a.md', EXPECTED.hash), { tag: 'changed' });
  });

  test(`S10: what is written in place while a file is put is handed over (${where})`, async (t) => {
    const lab = openLab(t, rules);
    lab.files.meanwhile = () => fs.writeFileSync(lab.at('a.md'), 'one, late\n');
    const late = await lab.files.write('a.md', NEXT, EXPECTED);
    assert.ok(late.tag === 'late');
    assert.equal(String(late.bytes), 'one, late\n');
    assert.deepEqual(lab.content(), { 'a.md': 'two\n' });
  });

  test(`a file that has a second name all along is put and removed like any other (${where})`, async (t) => {
    const lab = openLab(t, rules);
    fs.linkSync(lab.at('a.md'), lab.at('b.md'));
    const done = { tag: 'done', isParted: true };
    assert.deepEqual(await lab.files.write('a.md', NEXT, EXPECTED), done);
    assert.deepEqual(lab.content(), { 'a.md': 'two\n', 'b.md': 'one\n' });
    assert.deepEqual(await lab.files.remove('a.md', hashOf(NEXT)), { tag: 'done' });
    assert.deepEqual(lab.content(), { 'b.md': 'one\n' });
  });
}

for (const [where, rules] of [...SYSTEMS, ['on HFS+', HFS], ['on APFS', APFS]] as const) {
  test(`files come and go in a folder that was opened by way of a link (${where})`, async (t) => {
    const lab = openLab(t, rules, { isLinked: true });
    assert.deepEqual(await lab.files.write('a.md', NEXT, EXPECTED), { tag: 'done' });
    const fresh = { hash: undefined, executable: false };
    assert.deepEqual(await lab.files.write('new.md', NEXT, fresh), { tag: 'done' });
    assert.deepEqual(await lab.files.write('lib/new.md', NEXT, fresh), { tag: 'done' });
    assert.equal((await lab.files.read('new.md'))?.hash, hashOf(NEXT));
    assert.deepEqual(await lab.files.remove('lib/new.md', hashOf(NEXT)), { tag: 'done' });
    assert.deepEqual(await lab.files.remove('a.md', hashOf(NEXT)), { tag: 'done' });
    assert.deepEqual(lab.content(), { 'new.md': 'two\n' });
  });
}

/** A disk on which somebody does something after the last look. */
class BusyDisk extends DiskFiles {
  meanwhile: () => void = () => undefined;
  undoing: () => void = () => undefined;

  protected override giveWay(leaving: Leaving): ReturnType<DiskFiles['giveWay']> {
    this.meanwhile();
    return super.giveWay({
      ...leaving,
      undo: () => {
        this.undoing();
        return leaving.undo();
      },
    });
  }
}

function openLab(
  context: TestContext,
  rules: DiskRules | undefined,
  { isLinked }: { readonly isLinked: boolean } = { isLinked: false },
) {
  const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-disk-')));
  context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  fs.mkdirSync(path.join(scratch, 'real'));
  const folder = path.join(scratch, isLinked ? 'link' : 'real');
  if (isLinked) fs.symlinkSync(path.join(scratch, 'real'), folder, 'junction');
  const at = (name: string): string => path.join(folder, name);
  fs.writeFileSync(at('a.md'), FORMER);
  const content = (): Record<string, string> =>
    Object.fromEntries(
      fs
        .readdirSync(folder)
        .toSorted()
        .map((name) => [name, fs.readFileSync(at(name), 'utf8')]),
    );
  const options = rules && { disk: new OtherDisk(folder, rules) };
  return { files: new BusyDisk(folder, options), at, content };
}
