import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ContentHasher } from '../../../src/core/content-hash.ts';
import { rebase } from '../../../src/core/rebase.ts';
import { Text } from '../../../src/core/text.ts';
import { DiskFiles, hashOf } from '../../../src/mirror/disk-files.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { FolderMirror } from '../../../src/mirror/folder-mirror.ts';
import type { MirrorEvent } from '../../../src/mirror/mirror-event.ts';
import type { MirrorWorld, Verdict } from '../../../src/mirror/mirror-world.ts';
import type { FileAt } from '../../../src/world/file-reader.ts';
import { isOwnSettings, OWN_SETTINGS, SETTINGS_FILE } from '../../../src/mirror/own-settings.ts';
import { minimalChanges } from '../../../src/sync/minimal-changes.ts';
import { silentLog } from '../../../src/world/log.ts';
import { nativeHash } from '../../../src/world/native-hash.ts';
import type { FileHead } from '../../../src/world/world-rows.ts';

test('S10: a file of the world appears on disk, and its next version after it', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  assert.equal(lab.disk('a.md'), 'one\n');
  lab.world.put('a.md', 'two\n');
  await lab.look('a.md');
  assert.equal(lab.disk('a.md'), 'two\n');
});

test('S10: a change on disk becomes minimal changes against the text last put there', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\ntwo\nthree\n');
  await lab.look('a.md');
  lab.world.put('a.md', 'zero\none\ntwo\nthree\n');
  lab.write('a.md', 'one\ntwo!\nthree\n');
  await lab.look('a.md');
  assert.equal(lab.world.text('a.md'), 'zero\none\ntwo!\nthree\n', 'the other change stands');
  assert.deepEqual(lab.world.calls, ['edit on 1']);
  assert.equal(lab.disk('a.md'), 'zero\none\ntwo!\nthree\n');
});

test('S10: a crash between announcing and writing a file leaves nothing to explain', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  lab.world.put('a.md', 'two\n');
  const two = { path: 'a.md', fileId: 1, version: 2, hash: hashOf(Buffer.from('two\n')) };
  await lab.log.append({ tag: 'putting', ...two });
  await lab.look('a.md');
  assert.equal(lab.disk('a.md'), 'two\n');
  await lab.log.append({ tag: 'putting', ...two, version: 3, hash: hashOf(Buffer.from('3\n')) });
  lab.write('a.md', '3\n');
  await lab.look('a.md');
  assert.deepEqual(lab.world.calls, [], 'nobody but the mirror wrote the file');
});

test('a change on disk that the world tickets gives way to the world and is told', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  lab.world.verdict = { tag: 'ticketed', ticketId: 7 };
  lab.write('a.md', 'uno\n');
  await lab.look('a.md');
  assert.equal(lab.disk('a.md'), 'one\n');
  assert.deepEqual(lab.events, [{ tag: 'ticketed', path: 'a.md', ticketId: 7 }]);
});

test('S10: a tool’s next writing is judged against what was put there, not against one that became a ticket', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\ntwo\n');
  await lab.look('a.md');
  lab.world.verdict = { tag: 'ticketed', ticketId: 7 };
  lab.world.onEdit = () => {
    lab.write('a.md', 'uno\ndue\n');
    lab.world.verdict = APPLIED;
  };
  lab.write('a.md', 'uno\ntwo\n');
  await lab.look('a.md');
  assert.deepEqual(lab.world.calls, ['edit on 1', 'edit on 1', 'withdraw 7']);
  assert.equal(lab.world.text('a.md'), 'uno\ndue\n');
  assert.equal(lab.disk('a.md'), 'uno\ndue\n');
  assert.deepEqual(lab.copies, []);
});

test('S10: a ticket stays open when the tool’s next writing has not all of its text', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\ntwo\n');
  await lab.look('a.md');
  lab.world.verdict = { tag: 'ticketed', ticketId: 7 };
  lab.world.onEdit = () => {
    lab.write('a.md', 'one\ndue\n');
    lab.world.verdict = APPLIED;
  };
  lab.write('a.md', 'uno\ntwo\n');
  await lab.look('a.md');
  assert.deepEqual(lab.world.calls, ['edit on 1', 'edit on 1']);
  assert.equal(lab.world.text('a.md'), 'one\ndue\n');
});

for (const verdict of [
  { tag: 'ticketed', ticketId: 7 },
  { tag: 'refused', code: 'locked', message: 'locked by Ada' },
] as const) {
  test(`S10: a file that is emptied (${verdict.tag}) and then written doubles nothing`, async (context) => {
    const lab = await openLab(context);
    lab.world.put('a.md', 'one\ntwo\n');
    await lab.look('a.md');
    lab.world.put('a.md', 'one typed\ntwo\n');
    lab.world.verdict = verdict;
    lab.world.onEdit = () => {
      lab.write('a.md', 'one\ntwo\nthree\n');
      lab.world.verdict = APPLIED;
    };
    lab.write('a.md', '');
    await lab.look('a.md');
    assert.equal(lab.world.text('a.md'), 'one typed\ntwo\nthree\n');
    assert.equal(lab.disk('a.md'), 'one typed\ntwo\nthree\n');
  });
}

test('S10: a tool’s second writing that meets what others did during the first is the world’s to judge', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\ntwo\n');
  await lab.look('a.md');
  lab.world.onEdit = () => lab.write('a.md', 'one\ntwo, twice\n');
  lab.world.put('a.md', 'one\ntwo\ntyped\n');
  lab.write('a.md', 'uno\ntwo\n');
  await lab.look('a.md');
  assert.deepEqual(lab.world.calls, ['edit on 1', 'edit on 3 from 1']);
  assert.equal(lab.world.text('a.md'), 'one\ntwo, twice\ntyped\n');
  assert.deepEqual(lab.copies, []);
});

test('S10: what a tool wrote just before a save replaced it is in the world, once', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\ntwo\n');
  await lab.look('a.md');
  const byTool = Buffer.from('one\ntwo\nby a tool\n');
  const base = lab.log.lastPut('a.md')!;
  await lab.log.keepText(hashOf(byTool), byTool);
  await lab.log.append({ tag: 'overwritten', path: 'a.md', hash: hashOf(byTool), base });
  lab.world.put('a.md', 'one typed\ntwo\n');
  const saved = Buffer.from('one typed\ntwo\n');
  lab.write('a.md', String(saved));
  await lab.log.append({ tag: 'put', path: 'a.md', fileId: 1, version: 2, hash: hashOf(saved) });
  await lab.look('a.md');
  await lab.look('a.md');
  assert.deepEqual(lab.world.calls, ['edit on 1']);
  assert.equal(lab.world.text('a.md'), 'one typed\ntwo\nby a tool\n');
  assert.equal(lab.disk('a.md'), 'one typed\ntwo\nby a tool\n');
});

test('S10: what a tool wrote is in the world once when a save replaced it while it was taken in', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  const byTool = Buffer.from('one\nby a tool\n');
  const saved = Buffer.from('one typed\n');
  const base = lab.log.lastPut('a.md')!;
  lab.log.onEntry((entry) => {
    if (entry.tag !== 'query') return;
    void lab.log.append({ tag: 'denial', queryId: entry.queryId, path: 'a.md', windowId: 'w' });
  });
  lab.write('a.md', String(byTool));
  await lab.log.keepText(hashOf(byTool), byTool);
  lab.world.onEdit = async () => {
    lab.world.put('a.md', String(saved));
    lab.write('a.md', String(saved));
    await lab.log.append(
      { tag: 'hold', path: 'a.md', windowId: 'w', pid: process.pid },
      { tag: 'put', path: 'a.md', fileId: 1, version: 2, hash: hashOf(saved) },
      { tag: 'overwritten', path: 'a.md', hash: hashOf(byTool), base },
    );
  };
  await lab.look('a.md');
  await lab.look('a.md');
  assert.deepEqual(lab.world.calls, ['edit on 1']);
  assert.equal(lab.world.text('a.md'), 'one typed\nby a tool\n');
  await lab.log.append({ tag: 'release', path: 'a.md', windowId: 'w' });
  lab.write('a.md', 'one typed\nand again\n');
  await lab.look('a.md');
  assert.equal(lab.world.text('a.md'), 'one typed\nby a tool\nand again\n');
});

test('S10: bytes that a save was to replace, and did not, are taken in once', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  const byTool = Buffer.from('one\nby a tool\n');
  await lab.log.keepText(hashOf(byTool), byTool);
  const base = lab.log.lastPut('a.md')!;
  lab.write('a.md', String(byTool));
  await lab.log.append({ tag: 'overwritten', path: 'a.md', hash: hashOf(byTool), base });
  await lab.look('a.md');
  assert.deepEqual(lab.world.calls, ['edit on 1']);
  assert.equal(lab.world.text('a.md'), 'one\nby a tool\n');
});

test('a change on disk that the world refuses is copied before it gives way', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  lab.world.verdict = { tag: 'refused', code: 'locked', message: 'locked by Ada' };
  lab.write('a.md', 'uno\n');
  await lab.look('a.md');
  assert.equal(lab.disk('a.md'), 'one\n');
  assert.deepEqual(lab.copies, ['uno\n']);
  assert.equal(lab.events[0]?.tag, 'refused');
});

test('S8: a save that no window told of before it ended is not taken for a tool’s writing', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  lab.typed.add('one typed\n');
  lab.write('a.md', 'one typed\n');
  await lab.look('a.md');
  lab.world.put('a.md', 'one typed\n');
  lab.world.put('a.md', 'one typed, and sent\n');
  lab.write('a.md', 'one typed, and sent\n');
  await lab.look('a.md');
  assert.deepEqual(lab.world.calls, [], 'the window, or its heir, sends what it typed');
});

test('new, renamed and deleted files on disk are so in the world', async (context) => {
  const lab = await openLab(context);
  lab.write('new.md', 'new\n');
  lab.world.put('old.md', 'moved\n');
  lab.world.put('gone.md', 'gone\n');
  await lab.look('new.md', 'old.md', 'gone.md');
  assert.equal(lab.world.text('new.md'), 'new\n');
  fs.renameSync(path.join(lab.folder, 'old.md'), path.join(lab.folder, 'renamed.md'));
  fs.rmSync(path.join(lab.folder, 'gone.md'));
  await lab.look('old.md', 'renamed.md', 'gone.md');
  assert.deepEqual(lab.world.calls, ['create new.md', 'rename to renamed.md', 'remove gone.md']);
});

test('what is made in an editor is the user’s own, once; what a tool makes there later is not', async (context) => {
  const lab = await openLab(context);
  await lab.log.append({ tag: 'made', path: 'mine.md' });
  lab.write('mine.md', 'mine\n');
  lab.write('theirs.md', 'theirs\n');
  await lab.look('mine.md', 'theirs.md');
  assert.deepEqual(lab.world.own, ['mine.md']);
  fs.rmSync(path.join(lab.folder, 'mine.md'));
  await lab.look('mine.md');
  lab.write('mine.md', 'by a tool\n');
  await lab.look('mine.md');
  assert.deepEqual(lab.world.calls.slice(-2), ['remove mine.md', 'create mine.md']);
  assert.deepEqual(lab.world.own, ['mine.md']);
});

test('a file that a tool renames while somebody types in it keeps its history, however often it is looked at', async (context) => {
  const lab = await openLab(context);
  lab.world.put('old.md', 'moved\n');
  await lab.look('old.md');
  fs.renameSync(path.join(lab.folder, 'old.md'), path.join(lab.folder, 'renamed.md'));
  // Every key is a change of the world's file, and makes the mirror look before the time is over.
  for (const typed of ['m', 'mo']) {
    lab.world.put('old.md', `${typed}moved\n`);
    await lab.lookAtOnce('old.md');
  }
  await lab.look('renamed.md');
  assert.deepEqual(lab.world.calls, ['rename to renamed.md']);
});

test('a renamed file whose new name becomes known just before it counts as gone keeps its history', async (context) => {
  const lab = await openLab(context);
  lab.world.put('old.md', 'moved\n');
  await lab.look('old.md');
  fs.renameSync(path.join(lab.folder, 'old.md'), path.join(lab.folder, 'renamed.md'));
  lab.hooks.onMissing = () => lab.mirror.look(['renamed.md']);
  await lab.look('old.md');
  assert.deepEqual(lab.world.calls, ['rename to renamed.md']);
});

test('a file that the world deletes leaves the disk, and so does the folder it leaves empty', async (context) => {
  const lab = await openLab(context);
  lab.world.put('deep/er/a.md', 'one\n');
  await lab.look('deep/er/a.md');
  lab.world.delete('deep/er/a.md');
  await lab.look('deep/er/a.md');
  assert.equal(fs.existsSync(path.join(lab.folder, 'deep')), false);
});

test('a file in an editor is left to the editor', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  await lab.log.append({ tag: 'hold', path: 'a.md', windowId: 'w', pid: process.pid });
  lab.world.put('a.md', 'two\n');
  await lab.look('a.md');
  assert.equal(lab.disk('a.md'), 'one\n');
  await lab.log.append({ tag: 'release', path: 'a.md', windowId: 'w' });
  await lab.look('a.md');
  assert.equal(lab.disk('a.md'), 'two\n');
});

for (const [code, fault] of [
  ['ENOSPC', 'disk_full'],
  ['EROFS', 'disk_read_only'],
  ['EACCES', 'disk_no_permission'],
] as const) {
  test(`a disk that cannot be written (${code}) is told once, and written when it can be`, async (context) => {
    const lab = await openLab(context);
    lab.world.put('a.md', 'one\n');
    await lab.look('a.md');
    lab.files.fault = { on: 'write', code };
    lab.world.put('a.md', 'two\n');
    lab.world.put('b.md', 'new\n');
    await lab.look('a.md', 'b.md');
    await lab.retry();
    assert.deepEqual(lab.events, [{ tag: 'stuck', path: 'a.md', fault, more: ['b.md'], count: 2 }]);
    assert.equal(lab.disk('a.md'), 'one\n', 'whole');
    lab.files.fault = undefined;
    await lab.retry();
    assert.deepEqual([lab.disk('a.md'), lab.disk('b.md')], ['two\n', 'new\n']);
    assert.deepEqual(lab.world.calls, []);
  });
}

test('a file that may not be read is neither deleted nor changed in the world', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  lab.files.fault = { on: 'read', code: 'EACCES' };
  lab.write('a.md', 'one\ntwo\n');
  await lab.look('a.md');
  const stuck = { tag: 'stuck', path: 'a.md', fault: 'disk_no_permission' } as const;
  assert.deepEqual(lab.events, [{ ...stuck, more: [], count: 1 }]);
  assert.deepEqual(lab.world.calls, []);
  lab.files.fault = undefined;
  await lab.retry();
  assert.equal(lab.world.text('a.md'), 'one\ntwo\n');
});

test('links in a circle, and folders where files should be, are told; what is in the world stays', async (context) => {
  const lab = await openLab(context);
  fs.symlinkSync('loop', path.join(lab.folder, 'loop'));
  fs.mkdirSync(path.join(lab.folder, 'a.md'));
  lab.world.put('loop/a.md', 'one\n');
  lab.world.put('a.md', 'one\n');
  await lab.look('loop/a.md', 'a.md');
  assert.deepEqual(
    lab.events.map((event) => event.tag === 'stuck' && [event.path, event.fault]),
    [
      ['loop/a.md', 'disk_link_loop'],
      ['a.md', 'disk_in_the_way'],
    ],
  );
  assert.deepEqual(lab.world.calls, []);
  fs.rmdirSync(path.join(lab.folder, 'a.md'));
  await lab.retry();
  assert.equal(lab.disk('a.md'), 'one\n');
});

test('a file that a folder takes the place of, and that comes back, is so in the world', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a', 'one\n');
  await lab.look('a');
  fs.rmSync(path.join(lab.folder, 'a'));
  fs.mkdirSync(path.join(lab.folder, 'a'));
  lab.write('a/b.md', 'two\n');
  await lab.look('a', 'a/b.md');
  assert.deepEqual(lab.world.calls, ['create a/b.md', 'remove a']);
  fs.rmSync(path.join(lab.folder, 'a'), { recursive: true });
  lab.write('a', 'one\n');
  await lab.look('a', 'a/b.md');
  assert.equal(lab.world.fileAt('a/b.md'), undefined);
  assert.ok(lab.world.fileAt('a'));
  assert.equal(lab.disk('a'), 'one\n');
});

test('a folder of 500 files that gets another name keeps its files, with their history', async (context) => {
  const lab = await openLab(context);
  const names = Array.from({ length: 500 }, (_, index) => `${index}.md`);
  for (const name of names) lab.world.put(`old/${name}`, `text of ${name}\n`);
  await lab.look(...names.map((name) => `old/${name}`));
  fs.renameSync(path.join(lab.folder, 'old'), path.join(lab.folder, 'new'));
  await lab.look(...names.flatMap((name) => [`old/${name}`, `new/${name}`]));
  assert.ok(lab.world.calls.every((call) => call.startsWith('rename to new/')));
  assert.equal(lab.world.calls.length, 500);
});

test('S10: what only agents did while no window was open is on disk at the next start', async (context) => {
  const lab = await openLab(context);
  for (const file of ['a.md', 'b.md', 'gone.md']) lab.world.put(file, 'one\n');
  await lab.look('a.md', 'b.md', 'gone.md');
  // The window that held the file ended without a word, its text unsaved.
  await lab.log.append({ tag: 'hold', path: 'a.md', windowId: 'w', pid: await endedPid() });
  lab.world.put('a.md', 'one\ntyped, not saved\n');
  lab.world.put('b.md', 'by an agent\n');
  lab.world.put('new.md', 'by an agent\n');
  lab.world.delete('gone.md');
  await lab.look('a.md', 'b.md', 'gone.md', 'new.md');
  assert.equal(lab.disk('a.md'), 'one\ntyped, not saved\n');
  assert.equal(lab.disk('b.md'), 'by an agent\n');
  assert.equal(lab.disk('new.md'), 'by an agent\n');
  assert.equal(fs.existsSync(path.join(lab.folder, 'gone.md')), false);
  assert.deepEqual(lab.world.calls, []);
});

test('settings that Agent World made for its own sake are not in the world until the user changes them', async (context) => {
  const lab = await openLab(context);
  fs.mkdirSync(path.join(lab.folder, '.vscode'));
  lab.write(SETTINGS_FILE, OWN_SETTINGS);
  await lab.look(SETTINGS_FILE);
  assert.deepEqual(lab.world.calls, []);
  assert.equal(lab.disk(SETTINGS_FILE), OWN_SETTINGS);
  const changed = OWN_SETTINGS.replace('{', '{\n    "editor.tabSize": 2,');
  lab.write(SETTINGS_FILE, changed);
  await lab.look(SETTINGS_FILE);
  assert.equal(lab.world.text(SETTINGS_FILE), changed);
});

test('nothing is written through a link that leads out of the folder', async (context) => {
  const lab = await openLab(context);
  const outside = path.join(lab.scratch, 'outside');
  fs.mkdirSync(outside);
  fs.symlinkSync(outside, path.join(lab.folder, 'link'), 'junction');
  lab.world.put('link/a.md', 'one\n');
  lab.world.put('link/deep/a.md', 'one\n');
  await lab.look('link/a.md', 'link/deep/a.md');
  assert.deepEqual(fs.readdirSync(outside), []);
});

test('claims on a file take turns in the order of the log', async (context) => {
  const lab = await openLab(context);
  const other = await FolderLog.open(path.join(lab.scratch, 'state'));
  const unclaim = await lab.log.claim('a.md');
  const order: string[] = [];
  const second = other.claim('a.md').then((unclaimSecond) => {
    order.push('second');
    return unclaimSecond;
  });
  order.push('first');
  await unclaim();
  await (
    await second
  )();
  assert.deepEqual(order, ['first', 'second']);
});

test('a window that saved without announcing it says so when asked', async (context) => {
  const lab = await openLab(context);
  const hash = hashOf(Buffer.from('saved\n'));
  const holds = { tag: 'hold', path: 'a.md', windowId: 'w', pid: process.pid } as const;
  await lab.log.append(holds);
  const answers: Promise<void>[] = [];
  const stop = lab.log.onEntry((entry) => {
    if (entry.tag !== 'query') return;
    answers.push(lab.log.append({ tag: 'put', path: 'a.md', fileId: 1, version: 0, hash }));
  });
  assert.equal(await lab.log.whoSaved('a.md', hash), 'saved');
  stop();
  lab.log.onEntry((entry) => {
    if (entry.tag !== 'query') return;
    const { queryId } = entry;
    answers.push(lab.log.append({ tag: 'denial', queryId, path: 'a.md', windowId: 'w' }));
  });
  assert.equal(await lab.log.whoSaved('a.md', 'f'.repeat(64)), 'denied');
  await Promise.all(answers);
});

test('questions about several texts of one file at once are answered each by itself', async (context) => {
  const lab = await openLab(context);
  const hash = (text: string) => hashOf(Buffer.from(text));
  await lab.log.append({ tag: 'hold', path: 'a.md', windowId: 'w', pid: process.pid });
  const asked: string[] = [];
  const denials: Promise<void>[] = [];
  lab.log.onEntry((entry) => {
    if (entry.tag !== 'query' || asked.push(entry.queryId) < 2) return;
    for (const queryId of asked) {
      denials.push(lab.log.append({ tag: 'denial', queryId, path: 'a.md', windowId: 'w' }));
    }
  });
  const answers = await Promise.all(
    ['one', 'two'].map((text) => lab.log.whoSaved('a.md', hash(text))),
  );
  assert.deepEqual(answers, ['denied', 'denied']);
  await Promise.all(denials);
});

test('the save of a window that is too busy to answer at once is not taken for a tool’s writing', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  const { fileId } = lab.world.fileAt('a.md')!;
  await lab.log.append({ tag: 'hold', path: 'a.md', windowId: 'w', pid: process.pid });
  let asked = 0;
  lab.log.onEntry((entry) => {
    if (entry.tag !== 'query' || ++asked < 2) return;
    void lab.log.append({ tag: 'put', path: 'a.md', fileId, version: 0, hash: entry.hash });
  });
  lab.write('a.md', 'one saved\n');
  await lab.look('a.md');
  assert.equal(asked, 2);
  assert.deepEqual(lab.world.calls, [], 'what was typed in the window comes from the window');
});

test('S10: a rename by another window that the world has yet to tell touches nothing on disk', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  lab.files.touched.length = 0;
  fs.renameSync(path.join(lab.folder, 'a.md'), path.join(lab.folder, 'b.md'));
  const put = lab.log.lastPut('a.md')!;
  await lab.log.append({ tag: 'put', ...put, path: 'b.md' }, { tag: 'removed', path: 'a.md' });
  lab.world.untold = () => lab.world.move('a.md', 'b.md');
  await lab.look('a.md', 'b.md');
  assert.deepEqual([lab.files.touched, lab.world.calls], [[], []]);
  assert.equal(lab.disk('b.md'), 'one\n');
});

test('S10: a file that another window made stays, though the world has yet to tell of it', async (context) => {
  const lab = await openLab(context);
  lab.write('a.md', 'one\n');
  const hash = hashOf(Buffer.from('one\n'));
  await lab.log.append({ tag: 'put', path: 'a.md', fileId: 1, version: 1, hash });
  lab.world.untold = () => lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  assert.deepEqual([lab.files.touched, lab.world.calls], [[], []]);
});

test('S10: a file that another window deleted is not put back, though the world has yet to tell of it', async (context) => {
  const lab = await openLab(context);
  lab.world.put('a.md', 'one\n');
  await lab.look('a.md');
  lab.files.touched.length = 0;
  fs.rmSync(path.join(lab.folder, 'a.md'));
  await lab.log.append({ tag: 'removed', path: 'a.md' });
  lab.world.untold = () => lab.world.delete('a.md');
  await lab.look('a.md');
  assert.deepEqual([lab.files.touched, lab.world.calls], [[], []]);
});

async function openLab(context: TestContext) {
  const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-mirror-')));
  context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  const folder = path.join(scratch, 'folder');
  fs.mkdirSync(folder);
  const world = new FakeWorld();
  const log = await FolderLog.open(path.join(scratch, 'state'));
  const copies: string[] = [];
  const outside: string[] = [];
  const events: MirrorEvent[] = [];
  const due: (() => void)[] = [];
  const typed = new Set<string>();
  const retries: (() => void)[] = [];
  const files = new FaultyDisk(folder);
  const hooks: { onMissing?: () => void } = {};
  const mirror = new FolderMirror({
    files,
    world,
    log,
    isLocal: isOwnSettings,
    wasTyped: (_fileId, text) => Promise.resolve(typed.has(text)),
    keepCopy: (_path, bytes) => {
      copies.push(Buffer.from(bytes).toString());
      return Promise.resolve('copy');
    },
    after: (delayMs, fire) => {
      (delayMs < 2_000 ? due : retries).push(fire);
      return () => undefined;
    },
    isGathering: () => {
      hooks.onMissing?.();
      return false;
    },
    searchStrangers: () => undefined,
    onOutside: (file, { code }) => outside.push(`${file} ${code}`),
    report: (event) => events.push(event),
    output: silentLog,
  });
  const pass = async (): Promise<void> => {
    await mirror.settled();
    for (let fire = due.shift(); fire; fire = due.shift()) {
      fire();
      await mirror.settled();
    }
  };
  return {
    scratch,
    folder,
    files,
    world,
    log,
    copies,
    events,
    mirror,
    /** Runs before the mirror believes that a file is gone for good. */
    hooks,
    /** Texts that a window has in its journal. */
    typed,
    disk: (file: string) => fs.readFileSync(path.join(folder, file), 'utf8'),
    write: (file: string, text: string) => fs.writeFileSync(path.join(folder, file), text),
    /** Looks, and lets all time pass that the mirror wants to wait. */
    async look(...paths: readonly string[]) {
      mirror.look(paths);
      await pass();
    },
    /** Looks, and lets no time pass. */
    async lookAtOnce(...paths: readonly string[]) {
      mirror.look(paths);
      await mirror.settled();
    },
    /** Lets the time pass after which what failed is tried again. */
    async retry() {
      for (const fire of retries.splice(0)) fire();
      await pass();
    },
  };
}

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid!;
}

/** A disk that can be made to fail like a real one. */
class FaultyDisk extends DiskFiles {
  fault: { readonly on: 'read' | 'write'; readonly code: string } | undefined;

  override async read(file: string): ReturnType<DiskFiles['read']> {
    this.#fail('read');
    return super.read(file);
  }

  override async see(file: string): ReturnType<DiskFiles['see']> {
    this.#fail('read');
    return super.see(file);
  }

  /** Paths that were written or removed. */
  readonly touched: string[] = [];

  override async write(...args: Parameters<DiskFiles['write']>): ReturnType<DiskFiles['write']> {
    this.#fail('write');
    this.touched.push(args[0]);
    return super.write(...args);
  }

  override async remove(...args: Parameters<DiskFiles['remove']>): ReturnType<DiskFiles['remove']> {
    this.touched.push(args[0]);
    return super.remove(...args);
  }

  #fail(on: 'read' | 'write'): void {
    if (this.fault?.on !== on) return;
    throw Object.assign(new Error(this.fault.code), { code: this.fault.code });
  }
}

const hasher = new ContentHasher(nativeHash);
const APPLIED: Verdict = { tag: 'applied', version: 0 };

/** A world of whole texts that applies what it is told, or answers with a set verdict. */
class FakeWorld implements MirrorWorld {
  readonly keepsLineEnds = true;
  readonly calls: string[] = [];
  verdict: Verdict = APPLIED;
  /** Runs once, when the next edit has arrived and before it is judged. */
  onEdit: (() => void | Promise<void>) | undefined;
  readonly #files = new Map<number, { path: string; deleted: boolean; versions: string[] }>();

  put(file: string, text: string): void {
    const known = [...this.#files.values()].find((each) => each.path === file && !each.deleted);
    if (known) known.versions.push(text);
    else this.#files.set(this.#files.size + 1, { path: file, deleted: false, versions: [text] });
  }

  delete(file: string): void {
    for (const known of this.#files.values()) if (known.path === file) known.deleted = true;
  }

  move(file: string, to: string): void {
    for (const known of this.#files.values()) if (known.path === file) known.path = to;
  }

  /** What another window did and was answered, before the world told us. */
  untold: (() => void) | undefined;

  caughtUp(): Promise<void> {
    this.untold?.();
    this.untold = undefined;
    return Promise.resolve();
  }

  hasHad({ fileId }: FileHead, bytes: Uint8Array): Promise<boolean> {
    const text = new TextDecoder().decode(bytes);
    return Promise.resolve(this.#files.get(fileId)!.versions.includes(text));
  }

  text(file: string): string | undefined {
    return [...this.#files.values()].find(({ path }) => path === file)?.versions.at(-1);
  }

  files(): Iterable<FileHead> {
    return [...this.#files.keys()].map((fileId) => this.file(fileId)!);
  }

  file(fileId: number): FileHead | undefined {
    const file = this.#files.get(fileId);
    return (
      file &&
      ({
        fileId,
        path: file.path,
        deleted: file.deleted,
        version: file.versions.length,
        eol: 'lf',
        otherEnds: '',
        lineCount: file.versions.at(-1)!.split('\n').length,
        bom: false,
        mode: 'regular',
        kind: 'text',
        contentHash: hasher.text(Text.of(file.versions.at(-1)!)),
      } as FileHead)
    );
  }

  fileAt(file: string): FileHead | undefined {
    for (const [fileId, { path, deleted }] of this.#files) {
      if (path === file && !deleted) return this.file(fileId);
    }
    return undefined;
  }

  setLineEnds(): Promise<Verdict> {
    return Promise.reject(new Error('not expected'));
  }

  pausedAt(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  inTheWay(): undefined {
    return undefined;
  }

  read(fileId: number, version?: number): Promise<FileAt> {
    const { versions } = this.#files.get(fileId)!;
    const at = version ?? versions.length;
    const text = Text.of(versions[at - 1]!);
    return Promise.resolve({ kind: 'text', version: at, text } as FileAt);
  }

  async edit(
    ...[fileId, baseVersion, changes, carried]: Parameters<MirrorWorld['edit']>
  ): Promise<Verdict> {
    const { onEdit, verdict } = this;
    this.onEdit = undefined;
    await onEdit?.();
    const origin = carried ? ` from ${carried.fromVersion}` : '';
    this.calls.push(`edit on ${baseVersion}${origin}${carried?.isContested ? ', contested' : ''}`);
    if (verdict.tag !== 'applied') return verdict;
    const { versions } = this.#files.get(fileId)!;
    let moved = changes;
    for (let version = baseVersion; version < versions.length; version++) {
      const others = minimalChanges(Text.of(versions[version - 1]!), versions[version]!);
      moved = rebase(moved, others, 'after');
    }
    versions.push(Text.of(versions.at(-1)!).apply(moved).toString());
    return { tag: 'applied', version: versions.length };
  }

  restore({ fileId }: FileHead): Promise<Verdict> {
    const file = this.#files.get(fileId)!;
    file.deleted = false;
    this.calls.push(`restore ${file.path}`);
    return Promise.resolve({ tag: 'applied', version: file.versions.length });
  }

  /** Files that the user made. */
  readonly own: string[] = [];

  withdraw(ticketId: number): Promise<boolean> {
    this.calls.push(`withdraw ${ticketId}`);
    return Promise.resolve(true);
  }

  createAll(files: Parameters<MirrorWorld['createAll']>[0]): Promise<readonly Verdict[]> {
    for (const { path, content, isOwn } of files) {
      this.calls.push(`create ${path}`);
      if (isOwn) this.own.push(path);
      this.put(path, content.kind === 'text' ? content.text : '');
    }
    return Promise.resolve(files.map(() => this.verdict));
  }

  remove(fileId: number): Promise<Verdict> {
    const file = this.#files.get(fileId)!;
    this.calls.push(`remove ${file.path}`);
    file.deleted = true;
    return Promise.resolve(this.verdict);
  }

  rename({ fileId }: FileHead, file: string): Promise<Verdict> {
    this.calls.push(`rename to ${file}`);
    this.#files.get(fileId)!.path = file;
    return Promise.resolve(this.verdict);
  }

  renameAll(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  replaceContent(): Promise<Verdict> {
    return Promise.reject(new Error('not expected'));
  }

  setMode(): Promise<Verdict> {
    return Promise.reject(new Error('not expected'));
  }
}
