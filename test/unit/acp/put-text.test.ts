import assert from 'node:assert/strict';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { putText } from '../../../src/acp/put-text.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

test('whoever reads a file while it is written finds all of the old text, or all of the new one', async (t) => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'a.txt');
  const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(1_000_000));
  writeFileSync(file, texts[0]!);
  for (const text of texts.slice(1)) {
    const seen = { end: false };
    const written = putText(file, text).finally(() => (seen.end = true));
    while (!seen.end) {
      assert.ok(texts.includes(readFileSync(file, 'utf8')), 'a part of a text was there');
      await turn();
    }
    await written;
    assert.equal(readFileSync(file, 'utf8'), text);
  }
  assert.deepEqual(readdirSync(folder), ['a.txt'], 'nothing else is left');
});

test('a new file is made with its folders; who may read a file stays', async (t) => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'in', 'side', 'a.sh');
  await putText(file, 'one');
  chmodSync(file, 0o700);
  await putText(file, 'two');
  assert.equal(readFileSync(file, 'utf8'), 'two');
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o700);
});

test('a link is not followed, and what it leads to stays', async (t) => {
  const folder = await temporaryFolder(t);
  const other = path.join(folder, 'other.txt');
  writeFileSync(other, 'other');
  symlinkSync(other, path.join(folder, 'link.txt'));
  await assert.rejects(putText(path.join(folder, 'link.txt'), 'new'), { code: 'EEXIST' });
  assert.equal(readFileSync(other, 'utf8'), 'other');
});
