import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { hashOf } from '../../../src/mirror/disk-files.ts';
import type { SaveBase } from '../../../src/mirror/saved-files.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

const NAME = 'a.ipynb';

/** An editor that has loaded what is on disk, of a document that is not live. */
async function openEditor(context: TestContext) {
  const world = new ModelWorld();
  world.createNow(NAME, 'one\ntwo\nthree\nfour\n');
  const lab = await MirrorLab.open(context, world);
  await lab.lookAtAll();
  let on: SaveBase | undefined = { fileId: 1, version: 1, hash: hashOf(lab.bytes(NAME)), holds: 1 };
  return {
    world,
    lab,
    /** Somebody else changes the file; the editor has unsaved text and does not load it. */
    others: async (was: string, is: string): Promise<void> => {
      const { version } = world.file(1)!;
      world.editTo(1, version, world.textOf(1).toString().replace(was, is));
      await lab.lookAtAll();
      assert.equal(lab.text(NAME), world.textOf(1).toString());
    },
    /** The window was reloaded with unsaved text: nobody knows of which text that was made. */
    reload: (): void => {
      on = undefined;
    },
    /** The editor writes its text over whatever is there. `isTold`: the folder's log says so. */
    save: async (text: string, isTold = true): Promise<void> => {
      lab.write(NAME, text);
      const hash = hashOf(lab.bytes(NAME));
      if (isTold) await lab.log.keepText(hash, lab.bytes(NAME), true);
      if (isTold) await lab.log.append({ tag: 'saved', path: NAME, hash, on });
      on = { fileId: 1, version: 0, hash, holds: on?.holds ?? lab.log.lastVersion(NAME) };
    },
  };
}

test('S10: a save of a document that is not live takes nothing away that its editor never had', async (context) => {
  const { world, lab, others, save } = await openEditor(context);
  await others('four', 'others’ four');
  await save('my one\ntwo\nthree\nfour\n');
  await lab.lookAtAll();
  const both = 'my one\ntwo\nthree\nothers’ four\n';
  assert.equal(world.textOf(1).toString(), both);
  assert.equal(lab.text(NAME), both);
  assert.deepEqual(world.tickets, []);
});

test('S10: such a save of a line that others have changed is a ticket, and the disk has what the world has', async (context) => {
  const { world, lab, others, save } = await openEditor(context);
  await others('two', 'others’ two');
  await save('one\nmy two\nthree\nfour\n');
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), 'one\nothers’ two\nthree\nfour\n');
  assert.deepEqual(world.tickets, ['one\nmy two\nthree\nfour\n']);
  assert.equal(lab.text(NAME), 'one\nothers’ two\nthree\nfour\n');
});

test('S10: an editor that goes on with what it saved proposes what is new since, and that once', async (context) => {
  const { world, lab, others, save } = await openEditor(context);
  await others('four', 'others’ four');
  await save('my one\ntwo\nthree\nfour\n');
  await lab.lookAtAll();
  await others('three', 'others’ three');
  // Two saves before anybody looks: the second one has both.
  await save('my one\nmy two\nthree\nfour\n');
  await save('my one!\nmy two\nthree\nfour\n');
  await lab.lookAtAll();
  const all = 'my one!\nmy two\nothers’ three\nothers’ four\n';
  assert.equal(world.textOf(1).toString(), all);
  assert.equal(lab.text(NAME), all);
  assert.deepEqual(world.tickets, []);
});

for (const count of [8, 9, 10, 30]) {
  test(`S10: ${count} saves before anybody looks lose nothing of the first ones`, async (context) => {
    const { world, lab, others, save } = await openEditor(context);
    await others('four', 'others’ four');
    const mine = Array.from({ length: count }, (_, index) => `mine ${index}\n`);
    for (let saved = 1; saved <= count; saved++) {
      await save(`${mine.slice(0, saved).join('')}one\ntwo\nthree\nfour\n`);
    }
    await lab.lookAtAll();
    const all = `${mine.join('')}one\ntwo\nthree\nothers’ four\n`;
    assert.equal(world.textOf(1).toString(), all);
    assert.equal(lab.text(NAME), all);
    assert.deepEqual(world.tickets, []);
  });
}

test('S10: a save that another window has written over many times is not forgotten', async (context) => {
  const { world, lab, save } = await openEditor(context);
  const on: SaveBase = { fileId: 1, version: 1, hash: hashOf(lab.bytes(NAME)), holds: 1 };
  const other = Buffer.from('one\ntwo\nthree\nfour, by the other window\n');
  await lab.log.keepText(hashOf(other), other, true);
  await lab.log.append({ tag: 'saved', path: NAME, hash: hashOf(other), on });
  for (let saved = 1; saved <= 12; saved++) await save(`one, ${saved}\ntwo\nthree\nfour\n`);
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), 'one, 12\ntwo\nthree\nfour, by the other window\n');
});

test('S10: what was saved after a reload is in the world, also where a tool wrote on it before anybody looked', async (context) => {
  const { world, lab, reload, save } = await openEditor(context);
  reload();
  const mine = 'my one\ntwo\nthree\nfour\n';
  await save(mine);
  lab.write(NAME, `${mine}by a tool\n`);
  await lab.lookAtAll();
  assert.deepEqual(world.textsOf(1).slice(1), [mine, `${mine}by a tool\n`]);
  assert.equal(lab.text(NAME), `${mine}by a tool\n`);
  assert.deepEqual([world.tickets, lab.copies], [[], []]);
});

test('S10: a save after a reload that a tool wrote over without reading it is in the history', async (context) => {
  const { world, lab, others, reload, save } = await openEditor(context);
  await others('four', 'others’ four');
  reload();
  const mine = 'my one\nmy two\nthree\nothers’ four\n';
  await save(mine);
  lab.write(NAME, 'a tool’s\n');
  await lab.lookAtAll();
  assert.ok(world.textsOf(1).includes(mine));
  assert.equal(world.textOf(1).toString(), 'a tool’s\n');
  assert.equal(lab.text(NAME), 'a tool’s\n');
});

for (const isReloaded of [false, true]) {
  const when = isReloaded ? 'after a reload' : 'of a known text';
  test(`S10: a save ${when} that was replaced while others deleted the file is kept as a copy, and told`, async (context) => {
    const { world, lab, reload, save } = await openEditor(context);
    if (isReloaded) reload();
    const mine = 'my one\ntwo\nthree\nfour\n';
    await save(mine);
    lab.write(NAME, 'a tool’s\n');
    world.removeNow(1, 1);
    await lab.lookAtAll();
    assert.deepEqual(lab.copies, [mine]);
    const told = lab.events.flatMap((event) => (event.tag === 'refused' ? [event] : []));
    assert.deepEqual(
      told.map(({ path, code, copy }) => ({ path, code, copy })),
      [{ path: NAME, code: 'deleted', copy: 'copy' }],
    );
    assert.deepEqual(lab.log.saved.entriesOf(NAME), []);
  });
}

test('S10: a save whose bytes are gone keeps nobody from what replaced it', async (context) => {
  const { world, lab, reload, save } = await openEditor(context);
  reload();
  await save('my one\ntwo\nthree\nfour\n');
  await lab.log.dropText(hashOf(lab.bytes(NAME)));
  lab.write(NAME, 'a tool’s\n');
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), 'a tool’s\n');
});

test('S10: what a tool writes after a save, also the same bytes, is judged as a tool’s', async (context) => {
  const { world, lab, others, save } = await openEditor(context);
  const mine = 'my one\ntwo\nthree\nfour\n';
  await save(mine);
  await lab.lookAtAll();
  await others('four', 'others’ four');
  await save(mine, false);
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), mine, 'it had what was there last before it');
});
