import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFile } from '../../src/world/file-feed.ts';
import { WorldLab, whenever } from './world-lab.ts';

test('what one member writes the other reads, with equal hashes', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  const bob = await lab.agent();
  assert.equal((await ada.create('notes/a.md', '# A\n\none\n')).tag, 'applied');
  await whenever(bob.session, () => bob.session.view.fileAt('notes/a.md') !== undefined);
  const read = await bob.read('notes/a.md');
  assert.equal(read.tag, 'text');
  const edited = await bob.replace('notes/a.md', [{ search: 'one', replacement: 'two' }]);
  assert.deepEqual(edited, { tag: 'applied', version: 2, rebased: false });
  await whenever(ada.session, () => ada.session.view.fileAt('notes/a.md')?.version === 2);
  const { fileId } = ada.session.view.fileAt('notes/a.md')!;
  const opened = await openFile(ada.session, fileId);
  assert.equal(opened.text.toString(), '# A\n\ntwo\n');
  opened.feed.close();
});
