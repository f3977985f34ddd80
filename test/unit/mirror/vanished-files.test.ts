import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { RestorationLab } from './restoration-lab.ts';

function some(count: number): Record<string, string> {
  const names = Array.from(
    { length: count },
    (_, index) => `f${String(index).padStart(2, '0')}.ts`,
  );
  return Object.fromEntries(names.map((name) => [name, `text of ${name}\n`]));
}

const living = (lab: RestorationLab): number =>
  [...lab.world.files()].filter(({ deleted }) => !deleted).length;

test('a single file that an agent deletes is deleted', async (context) => {
  const lab = await RestorationLab.open(context, some(10));
  lab.remove('f00.ts');
  await lab.pass();
  assert.equal(lab.text('f00.ts'), undefined);
  assert.deepEqual(lab.desk.questions, []);
});

test('the last file of a folder may be deleted', async (context) => {
  const lab = await RestorationLab.open(context, some(1));
  lab.remove('f00.ts');
  await lab.pass();
  assert.equal(living(lab), 0);
  assert.deepEqual(lab.desk.questions, []);
});

for (const { of, gone } of [
  { of: 50, gone: 21 },
  { of: 8, gone: 5 },
]) {
  test(`${gone} files of ${of} that go at once are one question; put back they are there again`, async (context) => {
    const lab = await RestorationLab.open(context, some(of));
    const names = Object.keys(some(of)).slice(0, gone);
    for (const name of names) {
      lab.remove(name);
      await lab.pass(50);
    }
    await lab.pass();
    assert.equal(living(lab), of);
    assert.equal(lab.desk.questions.length, 1);
    assert.equal(lab.desk.questions[0]?.cause, 'deleted');
    assert.equal(lab.desk.questions[0]?.fileCount, gone);
    await lab.restart();
    assert.equal(lab.disk(names[0]!), undefined);
    lab.desk.answer(1, 'put_back');
    await lab.pass();
    assert.equal(lab.disk(names[0]!), `text of ${names[0]}\n`);
    assert.equal(lab.desk.questions.length, 1);
  });
}

test('a file that gets another name in the world while it goes with others counts among them', async (context) => {
  const lab = await RestorationLab.open(context, some(7));
  lab.peer('f00.ts', 'what somebody wrote\n');
  await lab.settled();
  lab.remove(...Object.keys(some(7)).slice(0, 5));
  await lab.settled();
  const head = lab.world.fileAt('f01.ts')!;
  lab.world.renameNow(head.fileId, 'f01.ts', 'renamed.ts');
  await lab.pass();
  assert.equal(living(lab), 7);
  assert.equal(lab.desk.questions[0]?.fileCount, 4);
});

test('files that go one after the other, with time between, are deleted', async (context) => {
  const lab = await RestorationLab.open(context, some(8));
  for (const name of Object.keys(some(8)).slice(0, 6)) {
    lab.remove(name);
    await lab.pass(3_000);
  }
  await lab.pass();
  assert.equal(living(lab), 2);
  assert.deepEqual(lab.desk.questions, []);
});

test('many deleted files: take deletes them for everybody, but not what somebody has changed since', async (context) => {
  const lab = await RestorationLab.open(context, some(8));
  const names = Object.keys(some(8)).slice(0, 6);
  lab.remove(...names);
  await lab.pass();
  lab.peer('f00.ts', 'changed\n');
  lab.desk.answer(1, 'take');
  await lab.pass();
  assert.equal(living(lab), 3);
  assert.equal(lab.text('f00.ts'), 'changed\n');
  assert.equal(lab.disk('f00.ts'), 'changed\n');
});

test('deleted files that come back are nobody’s business', async (context) => {
  const lab = await RestorationLab.open(context, some(8));
  const ops = lab.world.ops;
  const names = Object.keys(some(8)).slice(0, 6);
  lab.remove(...names);
  await lab.pass();
  for (const name of names) lab.write(name, `text of ${name}\n`);
  await lab.pass();
  assert.deepEqual(lab.desk.withdrawn, [1]);
  assert.equal(lab.world.ops, ops);
});

test('a folder that gets another name is no mass delete', async (context) => {
  const files = Object.fromEntries(
    Object.entries(some(30)).map(([name, text]) => [`old/${name}`, text]),
  );
  const lab = await RestorationLab.open(context, files);
  fs.renameSync(`${lab.folder}/old`, `${lab.folder}/new`);
  lab.look();
  await lab.pass();
  assert.deepEqual(lab.desk.questions, []);
  assert.equal(living(lab), 30);
  assert.equal(lab.text('new/f00.ts'), 'text of f00.ts\n');
});

test('a file that git takes away and that holds others’ work waits', async (context) => {
  const lab = await RestorationLab.open(context, some(10));
  lab.git.workedAtMs = lab.nowMs;
  lab.remove('f00.ts');
  await lab.pass();
  assert.equal(lab.text('f00.ts'), 'text of f00.ts\n');
  assert.equal(lab.desk.questions[0]?.cause, 'git');
  lab.judge.own.add(2);
  lab.git.workedAtMs = lab.nowMs;
  lab.remove('f01.ts');
  await lab.pass();
  assert.equal(lab.text('f01.ts'), undefined, 'one’s own file may go');
});

test('the same where it is missed only seconds later', async (context) => {
  const lab = await RestorationLab.open(context, some(10));
  lab.git.workedAtMs = lab.nowMs;
  fs.rmSync(`${lab.folder}/f00.ts`);
  lab.nowMs += 3_000;
  lab.look();
  await lab.pass();
  assert.equal(lab.text('f00.ts'), 'text of f00.ts\n', 'it waits');
  assert.equal(lab.desk.questions[0]?.cause, 'git');
});

test('a file that git does not track waits when it is cleaned away; a tracked one is deleted', async (context) => {
  const lab = await RestorationLab.open(context, some(10));
  for (const name of Object.keys(some(9))) lab.git.index.add(name);
  lab.remove('f09.ts');
  await lab.pass();
  assert.equal(lab.text('f09.ts'), 'text of f09.ts\n');
  assert.equal(lab.desk.questions.length, 1);
  lab.remove('f00.ts');
  await lab.pass();
  assert.equal(lab.text('f00.ts'), undefined);
});

test('files that are not checked out are neither deleted nor put back, and taken up again', async (context) => {
  const lab = await RestorationLab.open(context, some(8));
  const names = Object.keys(some(8)).slice(0, 6);
  for (const name of names) lab.git.missing.add(name);
  lab.remove(...names);
  await lab.pass();
  lab.peer('f00.ts', 'changed\n');
  await lab.restart();
  assert.equal(living(lab), 8);
  assert.equal(lab.disk('f00.ts'), undefined);
  assert.deepEqual(lab.desk.questions, []);
  lab.git.missing.clear();
  for (const name of names) lab.write(name, `text of ${name}\n`);
  await lab.pass();
  assert.equal(lab.disk('f00.ts'), 'changed\n');
  assert.equal(lab.text('f00.ts'), 'changed\n');
});

for (const how of ['missing', 'empty'] as const) {
  for (const when of ['while it is kept', 'at the start'] as const) {
    const vanish = async (lab: RestorationLab): Promise<void> => {
      if (when === 'at the start') lab.kill();
      if (how === 'missing') fs.rmSync(lab.folder, { recursive: true });
      else for (const name of fs.readdirSync(lab.folder)) fs.rmSync(`${lab.folder}/${name}`);
      if (when === 'at the start') await lab.restart();
      else lab.look();
      await lab.pass();
    };

    test(`a folder that is ${how} (${when}) stops the mirror and is asked about`, async (context) => {
      const lab = await RestorationLab.open(context, some(30));
      await vanish(lab);
      assert.equal(living(lab), 30);
      assert.equal(lab.desk.questions.length, 1);
      assert.equal(lab.desk.questions[0]?.cause, 'missing_folder');
      assert.equal(lab.desk.questions[0]?.fileCount, 30);
      lab.peer('f00.ts', 'changed\n');
      lab.world.createNow('new.ts', 'new\n');
      await lab.pass();
      await lab.restart();
      assert.equal(lab.disk('new.ts'), undefined, 'nothing is put');
      lab.desk.answer(1, 'put_back');
      await lab.pass();
      assert.equal(lab.disk('f00.ts'), 'changed\n');
      assert.equal(lab.disk('new.ts'), 'new\n');
      assert.equal(fs.readdirSync(lab.folder).length, 31);
      assert.equal(lab.desk.questions.length, 1);
    });

    test(`a folder that is ${how} (${when}) can be let go of, and is kept again when it is back`, async (context) => {
      const lab = await RestorationLab.open(context, some(30));
      await vanish(lab);
      lab.desk.answer(1, 'leave');
      await lab.pass();
      assert.equal(living(lab), 30);
      lab.peer('f00.ts', 'changed\n');
      for (const [name, text] of Object.entries(some(30))) {
        fs.mkdirSync(lab.folder, { recursive: true });
        fs.writeFileSync(`${lab.folder}/${name}`, text);
      }
      await lab.pass();
      assert.deepEqual(lab.desk.withdrawn, [1]);
      assert.equal(lab.disk('f00.ts'), 'changed\n');
      assert.equal(living(lab), 30);
    });
  }
}

for (const how of ['missing', 'empty'] as const) {
  test(`a folder whose files go one after the other until it is ${how} is asked about as a whole`, async (context) => {
    const lab = await RestorationLab.open(context, some(30));
    lab.remove('f00.ts', 'f01.ts');
    await lab.pass(50);
    if (how === 'missing') fs.rmSync(lab.folder, { recursive: true });
    else for (const name of fs.readdirSync(lab.folder)) fs.rmSync(`${lab.folder}/${name}`);
    lab.look();
    await lab.pass();
    assert.equal(living(lab), 30);
    assert.deepEqual(
      lab.desk.questions.map(({ cause, fileCount }) => [cause, fileCount]),
      [['missing_folder', 30]],
    );
  });
}

test('a folder with one file that is empty when the mirror begins is asked about', async (context) => {
  const lab = await RestorationLab.open(context, { 'only.ts': 'text\n' });
  lab.kill();
  fs.rmSync(`${lab.folder}/only.ts`);
  await lab.restart();
  await lab.pass();
  assert.equal(living(lab), 1);
  assert.deepEqual(
    lab.desk.questions.map(({ cause, fileCount }) => [cause, fileCount]),
    [['missing_folder', 1]],
  );
  lab.desk.answer(1, 'put_back');
  await lab.pass();
  assert.equal(lab.disk('only.ts'), 'text\n');
});

test('what is missing in a folder that was gone and is made anew is asked about, however little it is', async (context) => {
  const lab = await RestorationLab.open(context, some(3));
  fs.rmSync(lab.folder, { recursive: true });
  lab.look();
  await lab.pass(50);
  fs.mkdirSync(lab.folder);
  fs.writeFileSync(`${lab.folder}/f00.ts`, some(3)['f00.ts']!);
  await lab.pass();
  assert.equal(living(lab), 3);
  const asked = lab.desk.questions.at(-1);
  assert.deepEqual([asked?.cause, asked?.fileCount], ['deleted', 2]);
  lab.desk.answer(lab.desk.questions.length, 'put_back');
  await lab.pass();
  assert.equal(lab.disk('f02.ts'), some(3)['f02.ts']);
});

test('the only file of a folder is deleted like any other while the mirror runs', async (context) => {
  const lab = await RestorationLab.open(context, { 'only.ts': 'text\n' });
  lab.remove('only.ts');
  await lab.pass();
  assert.equal(living(lab), 0);
  assert.deepEqual(lab.desk.questions, []);
});

test('a folder that is missing can be deleted for everybody', async (context) => {
  const lab = await RestorationLab.open(context, some(30));
  fs.rmSync(lab.folder, { recursive: true });
  lab.look();
  await lab.pass();
  lab.desk.answer(1, 'take');
  await lab.pass();
  assert.equal(living(lab), 0);
  assert.equal(lab.desk.questions.length, 1);
});

test('a folder that was deleted for everybody is kept again when it is made anew', async (context) => {
  const lab = await RestorationLab.open(context, some(30));
  fs.rmSync(lab.folder, { recursive: true });
  lab.look();
  await lab.pass();
  lab.desk.answer(1, 'take');
  await lab.pass();
  fs.mkdirSync(lab.folder);
  fs.writeFileSync(`${lab.folder}/f00.ts`, 'anew\n');
  await lab.pass();
  assert.equal(lab.text('f00.ts'), 'anew\n');
  assert.equal(lab.desk.questions.length, 1);
});

test('an unmounted folder that is mounted again changes nothing for anybody', async (context) => {
  const lab = await RestorationLab.open(context, some(30));
  const ops = lab.world.ops;
  fs.renameSync(lab.folder, `${lab.folder}-away`);
  lab.look();
  await lab.pass(1_000);
  fs.renameSync(`${lab.folder}-away`, lab.folder);
  await lab.pass();
  assert.equal(lab.world.ops, ops);
  assert.deepEqual(lab.desk.open, []);
  assert.equal(lab.log.waiting.events().length, 0);
});
