import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replace } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { wasShown } from '../../../src/editor/shown-texts.ts';
import type { JournalRecord } from '../../../src/sync/draft-journal.ts';
import { newEdit } from '../../../src/sync/pending-edit.ts';

const read = (version: number) => Promise.resolve({ version, text: Text.of('ab\n') });

test('a text was shown that a journal has on a version of the file', async () => {
  const journals = [typed('!')];
  assert.ok(await wasShown('a!b\n', journals, read));
  assert.ok(!(await wasShown('a?b\n', journals, read)));
});

test('what was saved with half of a character was shown, though the disk has U+FFFD for it', async () => {
  const journals = [typed('\uD83D')];
  assert.ok(await wasShown('a\uFFFDb\n', journals, read));
  assert.ok(await wasShown('a\uD83Db\n', journals, read));
});

/** A window's journal of a key in the middle of the first line. */
function typed(text: string): readonly JournalRecord[] {
  const place = { line: 0, character: 1 };
  const edit = newEdit('op', [replace(place, place, text)], 'typing', 0);
  return [{ tag: 'unsent', version: 1, pending: [edit] }];
}
