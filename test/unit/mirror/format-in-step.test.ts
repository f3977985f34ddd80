import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { LineEnd } from '../../../src/core/op-payload.ts';
import { hashOf } from '../../../src/mirror/disk-files.ts';
import { mergedFormat } from '../../../src/mirror/file-format.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

test('S10: line ends and a byte order mark that one changes reach every other disk', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\ntwo\n');
  ada.write('a.md', '\uFEFFone\r\ntwo\r\n');
  await ada.lookAtAll();
  await bob.lookAtAll();
  assert.equal(bob.text('a.md'), '\uFEFFone\r\ntwo\r\n');
  bob.write('a.md', 'one\r\ntwo\r\n');
  await bob.lookAtAll();
  await ada.lookAtAll();
  assert.equal(ada.text('a.md'), 'one\r\ntwo\r\n');
  assert.deepEqual([world.tickets, ada.events, bob.events], [[], [], []]);
});

test('S10: who writes without having seen that line ends changed does not change them back', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\ntwo\nthree\n');
  ada.write('a.md', '\uFEFFone\r\ntwo\r\nthree\r\n');
  await ada.lookAtAll();
  bob.write('a.md', 'one\ntwo\nthree, by bob\n');
  await bob.lookAtAll();
  await ada.lookAtAll();
  for (const { text } of [ada, bob].map((lab) => ({ text: lab.text('a.md') }))) {
    assert.equal(text, '\uFEFFone\r\ntwo\r\nthree, by bob\r\n');
  }
  assert.deepEqual(world.tickets, []);
});

test('S10: two who change different things of the format at once both have their way', async (context) => {
  const { ada, bob } = await twoFolders(context, '\uFEFFone\ntwo\n');
  ada.write('a.md', '\uFEFFone\r\ntwo\r\n');
  bob.write('a.md', 'one\ntwo\n');
  await ada.lookAtAll();
  await bob.lookAtAll();
  await ada.lookAtAll();
  assert.deepEqual([ada.text('a.md'), bob.text('a.md')], ['one\r\ntwo\r\n', 'one\r\ntwo\r\n']);
});

test('S10: a format that changed while a mirror was away, or was held back, is there after it', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\ntwo\n');
  bob.isHolding = true;
  world.formatNow(1, { eol: 'crlf', bom: false });
  await bob.lookAtAll();
  assert.equal(bob.text('a.md'), 'one\ntwo\n');
  await ada.restart();
  await ada.lookAtAll();
  bob.isHolding = false;
  await bob.lookAtAll();
  assert.deepEqual([ada.text('a.md'), bob.text('a.md')], ['one\r\ntwo\r\n', 'one\r\ntwo\r\n']);
});

test('S10: a text of one line says nothing about line ends, and its second line has those of the file', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\r\ntwo\r\n');
  ada.write('a.md', 'one');
  await ada.lookAtAll();
  await bob.lookAtAll();
  assert.equal(world.file(1)?.eol, 'crlf');
  bob.write('a.md', 'one\r\nthree\r\n');
  await bob.lookAtAll();
  await ada.lookAtAll();
  assert.equal(ada.text('a.md'), 'one\r\nthree\r\n');
});

for (const [before, mixed, after] of [
  ['one\ntwo\nthree\n', 'one\ntwo!\r\nthree\n', 'one\ntwo!\nthree\n'],
  ['one\r\ntwo\r\nthree\r\n', 'one\r\ntwo!\nthree\r\n', 'one\r\ntwo!\r\nthree\r\n'],
] as const) {
  test(`S10: an edit that leaves one line end of the other kind in ${JSON.stringify(before)} is that edit`, async (context) => {
    const { world, ada, bob } = await twoFolders(context, before);
    ada.write('a.md', mixed);
    await ada.lookAtAll();
    await bob.lookAtAll();
    assert.equal(world.file(1)?.kind, 'text');
    assert.equal(world.textOf(1).toString(), 'one\ntwo!\nthree\n');
    assert.deepEqual([ada.text('a.md'), bob.text('a.md')], [after, after]);
    assert.deepEqual(ada.events, [{ tag: 'evened', path: 'a.md' }]);
    ada.write('a.md', `${after}four`);
    await ada.lookAtAll();
    assert.equal(world.textOf(1).toString(), 'one\ntwo!\nthree\nfour');
  });
}

test('each line of a file with mixed ends has its own on every disk, whoever writes around it', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\r\ntwo\nthree\r\nfour\n');
  assert.equal(world.textOf(1).toString(), 'one\ntwo\nthree\nfour\n');
  ada.write('a.md', 'zero\r\none\r\ntwo\nthree\r\nfour\n');
  await ada.lookAtAll();
  bob.write('a.md', 'one\r\ntwo\nthree\r\nfour\nfive\n');
  await bob.lookAtAll();
  await ada.lookAtAll();
  const wanted = 'zero\r\none\r\ntwo\nthree\r\nfour\nfive\n';
  assert.deepEqual([ada.text('a.md'), bob.text('a.md')], [wanted, wanted]);
  // Of lines that read as before, the ends alone are changed by two at once.
  ada.write('a.md', wanted.replace('zero\r\n', 'zero\n'));
  bob.write('a.md', wanted.replace('five\n', 'five\r\n'));
  await ada.lookAtAll();
  await bob.lookAtAll();
  await ada.lookAtAll();
  const both = 'zero\none\r\ntwo\nthree\r\nfour\nfive\r\n';
  assert.deepEqual([ada.text('a.md'), bob.text('a.md')], [both, both]);
  await ada.restart();
  ada.write('a.md', both.replace('two', 'TWO'));
  await ada.lookAtAll();
  await bob.lookAtAll();
  assert.equal(bob.text('a.md'), both.replace('two', 'TWO'));
  assert.deepEqual([world.tickets, ada.events, bob.events], [[], [], []]);
});

for (const [what, even] of [
  ['CRLF', (text: string) => text.replaceAll(/\r?\n/g, '\r\n')],
  ['LF', (text: string) => text.replaceAll('\r\n', '\n')],
] as const) {
  test(`who edits a text and leaves ${what} alone of its mixed line ends has edited it, and no more`, async (context) => {
    const mixed = 'one\r\ntwo\nthree\r\n';
    const { world, ada, bob } = await twoFolders(context, mixed);
    ada.write('a.md', even(mixed.replace('two', 'two!')));
    await ada.lookAtAll();
    await bob.lookAtAll();
    const wanted = mixed.replace('two', 'two!');
    assert.deepEqual([ada.text('a.md'), bob.text('a.md')], [wanted, wanted]);
    // Once nothing but the line ends is changed, that is what is wanted.
    ada.write('a.md', even(wanted));
    await ada.lookAtAll();
    await bob.lookAtAll();
    assert.deepEqual([ada.text('a.md'), bob.text('a.md')], [even(wanted), even(wanted)]);
    assert.equal(world.file(1)?.otherEnds, '');
    assert.deepEqual([world.tickets, ada.events, bob.events], [[], [], []]);
  });
}

test('what an editor saves with one kind of line ends gets the ends of its lines back while it is open there', async (context) => {
  const mixed = 'one\r\ntwo\nthree\n';
  const { world, ada, bob } = await twoFolders(context, mixed);
  const path = 'a.md';
  await ada.log.append({ tag: 'hold', path, windowId: 'w', pid: process.pid });
  world.editTo(1, 1, 'one\ntwo\nthree\nfour\n');
  const save = async (text: string, version: number) => {
    ada.write(path, text);
    await ada.log.append({ tag: 'put', path, fileId: 1, version, hash: hashOf(ada.bytes(path)) });
    await ada.lookAtAll();
  };
  // What the editor has not sent yet stays as it was saved.
  await save('one\ntwo\nthree\nfour\nfive\n', 0);
  assert.equal(ada.text(path), 'one\ntwo\nthree\nfour\nfive\n');
  world.editTo(1, 2, 'one\ntwo\nthree\nfour\nfive\n');
  await ada.lookAtAll();
  const wanted = `${mixed}four\nfive\n`;
  assert.equal(ada.text(path), wanted);
  await save(wanted.replaceAll('\r\n', '\n'), 3);
  await bob.lookAtAll();
  assert.deepEqual([ada.text(path), bob.text(path)], [wanted, wanted]);
  assert.deepEqual([world.tickets, ada.events, bob.events], [[], [], []]);
});

test('lines whose ends somebody changes get them beside a text that others change', async (context) => {
  const { world, ada, bob } = await twoFolders(context, 'one\ntwo\nthree\nfour\n');
  ada.write('a.md', 'one\ntwo\r\nthree\nfour\n');
  bob.write('a.md', 'new\none\ntwo\nthree\nfour\n');
  await bob.lookAtAll();
  await ada.lookAtAll();
  await bob.lookAtAll();
  const wanted = 'new\none\ntwo\r\nthree\nfour\n';
  assert.deepEqual([ada.text('a.md'), bob.text('a.md')], [wanted, wanted]);
  assert.deepEqual([world.tickets, ada.events, bob.events], [[], [], []]);
});

test('whoever changed line ends or the mark has their way, in either order', () => {
  const end = fc.constantFrom<LineEnd[]>('lf', 'crlf');
  const format = fc.record({ eol: end, bom: fc.boolean() });
  fc.assert(
    fc.property(format, format, format, (put, mine, theirs) => {
      const merged = mergedFormat(mine, put, theirs);
      assert.deepEqual(merged, mergedFormat(theirs, put, mine));
      for (const name of ['eol', 'bom'] as const) {
        const changed = [mine, theirs].filter((side: typeof put) => side[name] !== put[name]);
        assert.equal(merged[name], changed[0]?.[name] ?? put[name]);
      }
    }),
  );
});

/** A world with one file, and two folders that have it. */
async function twoFolders(context: TestContext, text: string) {
  const world = new ModelWorld();
  const ada = await MirrorLab.open(context, world);
  const bob = await MirrorLab.open(context, world);
  ada.write('a.md', text);
  await ada.lookAtAll();
  await bob.lookAtAll();
  assert.equal(bob.text('a.md'), text);
  return { world, ada, bob };
}
