import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { hashOf } from '../../../src/mirror/disk-files.ts';
import { MirrorStopped } from '../../../src/mirror/mirror-world.ts';
import { RestorationLab } from './restoration-lab.ts';
import { PEER } from './restoration-models.ts';

const BEFORE = 'one\ntwo\nthree\nfour\nfive\n';
const AFTER = 'one\ntwo\nthree\nfour\nfive by Ada\n';

/** A clone in which Ada changed a line since. */
async function openClone(context: TestContext, name = 'a.ts'): Promise<RestorationLab> {
  const lab = await RestorationLab.open(context, { [name]: BEFORE });
  lab.peer(name, AFTER);
  await lab.pass();
  assert.equal(lab.disk(name), AFTER);
  return lab;
}

test('S10: old text that a tool puts back over others’ work waits, and is asked about', async (context) => {
  const lab = await openClone(context);
  lab.write('a.ts', BEFORE);
  await lab.pass();
  assert.equal(lab.text('a.ts'), AFTER, 'nothing changes for others');
  assert.equal(lab.disk('a.ts'), BEFORE, 'the folder keeps what its tool wrote');
  assert.deepEqual(lab.desk.questions, [
    {
      cause: 'tool',
      folderName: 'clone',
      items: [{ fileId: 1, path: 'a.ts', what: 'changed' }],
      fileCount: 1,
      owners: [PEER],
    },
  ]);
  assert.deepEqual(lab.events, [
    { tag: 'asked', question: 1, cause: 'tool', files: ['a.ts'], fileCount: 1, owners: [PEER] },
  ]);
  lab.peer('a.ts', AFTER.replace('one', 'one by Ada'));
  await lab.pass();
  assert.equal(lab.disk('a.ts'), BEFORE, 'nothing is put while it waits');
});

test('what was there before a write is asked of the world once, for judging and for sending', async (context) => {
  const lab = await RestorationLab.open(context, { 'a.ts': BEFORE });
  const asked: unknown[] = [];
  const read = lab.world.read.bind(lab.world);
  lab.world.read = (...file) => {
    asked.push(file.slice(0, 2));
    return read(...file);
  };
  lab.write('a.ts', AFTER);
  await lab.pass();
  assert.equal(lab.text('a.ts'), AFTER);
  assert.deepEqual(asked, [[1, 1]]);
});

test('a world whose rule is to take goes on as before', async (context) => {
  const lab = await openClone(context);
  lab.desk.rules = 'take';
  lab.write('a.ts', BEFORE);
  await lab.pass();
  assert.equal(lab.text('a.ts'), BEFORE);
  assert.deepEqual(lab.desk.questions, []);
});

test('one’s own work may be put back', async (context) => {
  const lab = await openClone(context);
  lab.judge.own.add(1);
  lab.write('a.ts', BEFORE);
  await lab.pass();
  assert.equal(lab.text('a.ts'), BEFORE);
  assert.deepEqual(lab.desk.questions, []);
});

test('many files that git puts back are one question; a file that comes later is one more, and no more', async (context) => {
  const names = Array.from({ length: 60 }, (_, index) => `f${String(index).padStart(2, '0')}.ts`);
  const lab = await RestorationLab.open(
    context,
    Object.fromEntries(names.map((name) => [name, BEFORE])),
  );
  for (const name of names) lab.peer(name, AFTER);
  await lab.pass();
  lab.git.workedAtMs = lab.nowMs;
  for (const name of names.slice(0, 50)) lab.write(name, BEFORE);
  await lab.pass(1_000);
  for (const name of names.slice(50)) {
    lab.write(name, BEFORE);
    await lab.pass(700);
  }
  await lab.pass();
  assert.equal(lab.desk.questions.length, 2);
  const [first, second] = lab.desk.questions;
  assert.equal(first?.cause, 'git');
  assert.equal(first?.fileCount, 50);
  assert.equal(second?.fileCount, 10);
});

test('what git puts back is git’s, on a machine that takes seconds to look at it and to judge it', async (context) => {
  const lab = await RestorationLab.open(context, { 'a.ts': BEFORE, 'b.ts': BEFORE });
  for (const name of ['a.ts', 'b.ts']) lab.peer(name, AFTER);
  await lab.pass();
  lab.git.workedAtMs = lab.nowMs;
  lab.write('a.ts', BEFORE);
  lab.nowMs += 3_000;
  await lab.pass();
  assert.equal(lab.desk.questions[0]?.cause, 'git');
  await lab.pass(60_000);
  const { judge } = lab;
  const judgeNow = judge.judge.bind(judge);
  judge.judge = (write) => {
    lab.nowMs += 6_000;
    return judgeNow(write);
  };
  lab.git.workedAtMs = lab.nowMs;
  lab.write('b.ts', BEFORE.replace('one', '1'));
  await lab.pass();
  assert.equal(lab.desk.questions[1]?.cause, 'git');
});

test('a tool that puts old text back without end is asked about all the same', async (context) => {
  const names = Array.from({ length: 310 }, (_, index) => `f${index}.ts`);
  const lab = await RestorationLab.open(
    context,
    Object.fromEntries(names.map((name) => [name, BEFORE])),
  );
  for (const name of names) lab.peer(name, AFTER);
  await lab.pass();
  for (const name of names) {
    lab.write(name, BEFORE);
    await lab.pass(390);
  }
  assert.equal(lab.desk.questions.length, 1);
});

test('a file that was away for a moment keeps no question back', async (context) => {
  const lab = await RestorationLab.open(context, { 'a.ts': BEFORE, 'b.ts': 'b\n' });
  lab.peer('a.ts', AFTER);
  await lab.pass();
  lab.remove('b.ts');
  await lab.pass(100);
  lab.write('b.ts', 'b\n');
  await lab.pass();
  lab.write('a.ts', BEFORE);
  await lab.pass();
  assert.equal(lab.desk.questions.length, 1);
});

test('a file that got another name, or is gone for everybody, keeps no question back', async (context) => {
  const lab = await RestorationLab.open(context, { 'a.ts': BEFORE, 'b.ts': 'b\n', 'c.ts': 'c\n' });
  lab.peer('a.ts', AFTER);
  await lab.pass();
  lab.remove('b.ts', 'c.ts');
  await lab.pass(100);
  lab.write('d.ts', 'b\n');
  const { fileId, version } = lab.world.fileAt('c.ts')!;
  lab.world.removeNow(fileId, version);
  await lab.pass();
  lab.write('a.ts', BEFORE);
  await lab.pass();
  assert.equal(lab.text('d.ts'), 'b\n');
  assert.equal(lab.desk.questions.length, 1);
});

test('nothing is asked while git is at work', async (context) => {
  const lab = await openClone(context);
  lab.write('a.ts', BEFORE);
  await lab.pass(200);
  lab.git.works = true;
  await lab.pass(5_000);
  assert.deepEqual(lab.desk.questions, []);
  lab.git.rest();
  await lab.pass(1_000);
  assert.equal(lab.desk.questions.length, 1);
});

test('put back: the world’s text goes into the folder', async (context) => {
  const lab = await openClone(context);
  lab.write('a.ts', BEFORE);
  await lab.pass();
  lab.peer('a.ts', AFTER.replace('one', 'one by Ada'));
  lab.desk.answer(1, 'put_back');
  await lab.pass();
  assert.equal(lab.text('a.ts'), AFTER.replace('one', 'one by Ada'));
  assert.equal(lab.disk('a.ts'), lab.text('a.ts'));
  assert.deepEqual(lab.ofTag('answered'), [{ tag: 'answered', question: 1, answer: 'put_back' }]);
  assert.deepEqual(lab.desk.withdrawn, []);
});

for (const answer of ['put_back', 'take'] as const) {
  test(`what is new in a file that waits is kept as an edit when the answer is ${answer}`, async (context) => {
    const lab = await openClone(context);
    lab.write('a.ts', BEFORE.replace('one', 'one by a tool'));
    await lab.pass();
    lab.write('a.ts', BEFORE.replace('one', 'one by a tool').replace('three', 'three by Bo'));
    await lab.pass();
    assert.equal(lab.text('a.ts'), AFTER, 'it waits as a whole');
    assert.equal(lab.desk.questions.length, 1);
    lab.peer('a.ts', `${AFTER}six by Ada\n`);
    lab.desk.answer(1, answer);
    await lab.pass();
    const last = answer === 'take' ? 'five' : 'five by Ada';
    const text = `one by a tool\ntwo\nthree by Bo\nfour\n${last}\nsix by Ada\n`;
    assert.equal(lab.text('a.ts'), text);
    assert.equal(lab.disk('a.ts'), text);
    assert.deepEqual(lab.world.tickets, []);
    assert.equal(lab.world.returned.length > 0, answer === 'take', 'what comes back is named');
  });
}

for (const answer of ['put_back', 'take'] as const) {
  test(`what git wrote is judged as git’s, however late the answer is ${answer}`, async (context) => {
    const lab = await openClone(context);
    lab.git.workedAtMs = lab.nowMs;
    lab.write('a.ts', BEFORE.replace('one', 'one that git brings back'));
    await lab.pass(60_000);
    await lab.restart();
    lab.desk.answer(1, answer);
    await lab.pass();
    assert.match(lab.text('a.ts')!, /one that git brings back/);
    assert.equal(lab.judge.judged.length > 1, true);
    assert.deepEqual([...new Set(lab.judge.judged.map(({ byGit }) => byGit))], [true]);
  });
}

for (const answer of ['put_back', 'take'] as const) {
  test(`a second command puts back more while the first one’s text waits: when the answer is ${answer} nothing of it goes untold`, async (context) => {
    const lab = await openClone(context);
    lab.peer('a.ts', AFTER.replace('one', 'one by Ada'));
    await lab.pass();
    lab.write('a.ts', AFTER);
    await lab.pass();
    lab.write('a.ts', BEFORE.replace('three', 'three of a tool'));
    if (answer === 'put_back') await lab.pass();
    lab.desk.answer(1, answer);
    await lab.pass();
    if (answer === 'take') {
      assert.equal(lab.desk.questions.length, 2, 'what was put back since is asked about');
      assert.match(lab.text('a.ts')!, /five by Ada/);
      lab.desk.answer(2, 'put_back');
      await lab.pass();
    }
    const text = AFTER.replace('one', 'one by Ada').replace('three', 'three of a tool');
    assert.equal(lab.text('a.ts'), text);
    assert.equal(lab.disk('a.ts'), text);
    assert.deepEqual(lab.desk.open, []);
  });
}

test('what was written in the old text itself waits with it and is kept', async (context) => {
  const lab = await openClone(context);
  lab.write('a.ts', BEFORE);
  await lab.pass();
  lab.write('a.ts', BEFORE.replace('five', 'five and a half'));
  await lab.pass();
  assert.equal(lab.text('a.ts'), AFTER);
  assert.deepEqual(lab.desk.withdrawn, []);
  lab.desk.answer(1, 'put_back');
  await lab.pass();
  assert.match(lab.text('a.ts')!, /by Ada/);
  assert.match(lab.text('a.ts')!, /and a half/);
  assert.equal(lab.disk('a.ts'), lab.text('a.ts'));
});

test('take: what meets newer work of others becomes a ticket', async (context) => {
  const lab = await openClone(context);
  lab.write('a.ts', BEFORE);
  await lab.pass();
  lab.peer('a.ts', AFTER.replace('by Ada', 'by Ada, again'));
  lab.desk.answer(1, 'take');
  await lab.pass();
  assert.equal(lab.text('a.ts'), AFTER.replace('by Ada', 'by Ada, again'));
  assert.equal(lab.world.tickets.length, 1);
  assert.equal(lab.disk('a.ts'), lab.text('a.ts'));
});

test('leave: the folder is not kept in step until it is as the world has it', async (context) => {
  const lab = await openClone(context);
  lab.write('a.ts', BEFORE);
  lab.write('mine.ts', 'mine\n');
  await lab.pass();
  lab.desk.answer(1, 'leave');
  await lab.pass();
  assert.deepEqual(lab.ofTag('left'), [{ tag: 'left', question: 1, is: 'paused' }]);
  lab.world.createNow('new.ts', 'new\n');
  lab.write('mine.ts', 'mine, too\n');
  await lab.restart();
  assert.equal(lab.disk('new.ts'), undefined, 'nothing is put');
  assert.equal(lab.text('mine.ts'), 'mine\n', 'nothing is taken in');
  lab.write('a.ts', AFTER);
  await lab.pass();
  assert.deepEqual(lab.desk.withdrawn, [1]);
  assert.equal(lab.disk('new.ts'), 'new\n');
  assert.equal(lab.text('mine.ts'), 'mine, too\n');
  assert.deepEqual(lab.ofTag('left').at(-1), { tag: 'left', question: 1, is: 'resumed' });
});

test('leave can be answered anew', async (context) => {
  const lab = await openClone(context);
  lab.write('a.ts', BEFORE);
  await lab.pass();
  lab.desk.answer(1, 'leave');
  await lab.pass();
  lab.world.createNow('new.ts', 'new\n');
  lab.desk.answer(1, 'put_back');
  await lab.pass();
  assert.equal(lab.disk('a.ts'), AFTER);
  assert.equal(lab.disk('new.ts'), 'new\n');
});

test('git stash and git stash pop leave no trace', async (context) => {
  const lab = await openClone(context);
  const ops = lab.world.ops;
  lab.git.workedAtMs = lab.nowMs;
  lab.write('a.ts', BEFORE);
  await lab.pass(3_000);
  assert.equal(lab.desk.questions.length, 1);
  lab.write('a.ts', AFTER);
  await lab.pass();
  assert.deepEqual(lab.desk.withdrawn, [1]);
  assert.equal(lab.world.ops, ops, 'nothing was changed for anybody');
  assert.deepEqual(lab.desk.open, []);
  lab.peer('a.ts', AFTER.replace('one', 'one by Ada'));
  await lab.pass();
  assert.equal(lab.disk('a.ts'), lab.text('a.ts'), 'the file is kept in step again');
});

test('what is put back before anybody was asked is not asked about', async (context) => {
  const lab = await openClone(context);
  lab.write('a.ts', BEFORE);
  await lab.pass(300);
  lab.write('a.ts', AFTER);
  await lab.pass();
  assert.deepEqual(lab.desk.questions, []);
  assert.equal(lab.log.waiting.events().length, 0);
});

for (const what of [
  'before it is asked',
  'after the world took the question',
  'after it was asked',
] as const) {
  test(`a process that is killed ${what} asks once`, async (context) => {
    const lab = await openClone(context);
    if (what === 'after the world took the question') {
      lab.desk.onAsked = () => {
        lab.kill();
        return Promise.reject(new MirrorStopped());
      };
    }
    lab.write('a.ts', BEFORE);
    await lab.pass(what === 'before it is asked' ? 200 : 2_000);
    lab.desk.onAsked = () => Promise.resolve();
    await lab.restart();
    assert.equal(lab.desk.questions.length, 1);
    assert.equal(lab.text('a.ts'), AFTER);
    lab.desk.answer(1, 'put_back');
    await lab.pass();
    assert.equal(lab.disk('a.ts'), AFTER);
  });
}

for (const answer of ['put_back', 'take'] as const) {
  test(`an answer (${answer}) that came while the folder was away is acted on, once whatever ends the process`, async (context) => {
    const lab = await openClone(context);
    lab.write('a.ts', BEFORE.replace('two', 'two by a tool'));
    await lab.pass();
    lab.kill();
    lab.desk.answer(1, answer);
    const before = lab.world.ops;
    lab.world.onDeath = () => lab.kill();
    await lab.restart();
    assert.equal(lab.world.ops, before + 1, 'it was killed when the world had taken the op');
    await lab.restart();
    assert.equal(lab.world.ops, before + 1);
    const last = answer === 'take' ? 'five' : 'five by Ada';
    assert.equal(lab.text('a.ts'), `one\ntwo by a tool\nthree\nfour\n${last}\n`);
    assert.equal(lab.disk('a.ts'), lab.text('a.ts'));
  });
}

test('an LFS pointer written over content waits under its name', async (context) => {
  const lab = await RestorationLab.open(context, { 'model.bin': BEFORE });
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12\n`;
  lab.write('model.bin', pointer);
  await lab.pass();
  assert.equal(lab.text('model.bin'), BEFORE);
  assert.equal(lab.desk.questions[0]?.cause, 'lfs_pointer');
  lab.desk.answer(1, 'put_back');
  await lab.pass();
  assert.equal(lab.disk('model.bin'), BEFORE);
  lab.world.createNow('pointer', pointer);
  await lab.pass();
  lab.write('pointer', pointer.replace('size 12', 'size 13'));
  await lab.pass();
  assert.match(lab.text('pointer')!, /size 13/);
  assert.equal(lab.desk.questions.length, 1);
});

test('a file in an editor: what git puts back waits, what a window saves does not', async (context) => {
  const lab = await openClone(context);
  await openInEditor(lab, 'a.ts');
  lab.write('a.ts', BEFORE);
  await lab.pass();
  assert.equal(lab.desk.questions.length, 1, 'it was put there once, and is old all the same');
  assert.equal(lab.disk('a.ts'), BEFORE);
  // The user saves what the editor shows, which is what the world has.
  lab.write('a.ts', AFTER);
  const put = lab.log.lastPut('a.ts')!;
  await lab.log.append({ tag: 'put', ...put });
  await lab.pass();
  assert.deepEqual(lab.desk.withdrawn, [1]);
  lab.write('a.ts', BEFORE.replace('one', 'one by a tool'));
  await lab.pass();
  assert.equal(lab.desk.questions.length, 2);
  lab.desk.answer(2, 'put_back');
  await lab.pass();
  assert.equal(lab.text('a.ts'), AFTER.replace('one', 'one by a tool'));
});

test('a file in an editor: one’s own work may be put back, also to what was put there before', async (context) => {
  const lab = await openClone(context);
  lab.judge.own.add(1);
  await openInEditor(lab, 'a.ts');
  lab.write('a.ts', BEFORE);
  await lab.pass();
  assert.equal(lab.text('a.ts'), BEFORE, 'the world has it');
  assert.equal(lab.log.lastPut('a.ts')?.version, lab.world.fileAt('a.ts')?.version);
  lab.write('a.ts', AFTER);
  await lab.pass();
  assert.equal(lab.text('a.ts'), AFTER, 'and what comes back');
  assert.deepEqual(lab.desk.questions, []);
});

test('what is new in a save after a reload is kept, though a tool wrote on it, and others’ work stays', async (context) => {
  const lab = await openClone(context, 'a.ipynb');
  const saved = Buffer.from(BEFORE.replace('one', 'my one'));
  await lab.log.keepText(hashOf(saved), saved, true);
  await lab.log.append({ tag: 'saved', path: 'a.ipynb', hash: hashOf(saved) });
  lab.write('a.ipynb', saved.toString().replace('three', 'three of a tool'));
  await lab.pass();
  const all = AFTER.replace('one', 'my one').replace('three', 'three of a tool');
  assert.equal(lab.text('a.ipynb'), all);
  assert.equal(lab.disk('a.ipynb'), all);
  assert.equal(await lab.passUntilSilent(20), 0);
});

/** A window has it open, and has saved nothing of what is found on disk. */
async function openInEditor(lab: RestorationLab, name: string): Promise<void> {
  await lab.log.append({ tag: 'hold', path: name, windowId: 'w', pid: process.pid });
  lab.log.onEntry((entry) => {
    if (entry.tag !== 'query') return;
    const { queryId, path } = entry;
    void lab.log.append({ tag: 'denial', queryId, path, windowId: 'w' });
  });
}
