import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RestorationCause } from '../../../src/core/restoration.ts';
import type { Restoration } from '../../../src/world/restoration-rows.ts';
import { restorationSentence } from '../../../src/world/restoration-words.ts';
import { WorldView } from '../../../src/world/world-view.ts';

const SELF = 'a'.repeat(64);
const view = new WorldView((error) => assert.fail(String(error)));

for (const [cause, sentence] of [
  [
    'lfs_pointer',
    'a git LFS pointer is in the place of the content of 1 file in your folder “clone”',
  ],
  ['deleted', '1 file went away together in your folder “clone”'],
  ['missing_folder', 'your folder “clone” is missing or empty: 1 file'],
] as const) {
  test(`what is all one’s own is nobody else’s work: ${cause}`, () => {
    assert.equal(restorationSentence(view, SELF, questionOf(cause, [])), sentence);
    const shared = restorationSentence(view, SELF, questionOf(cause, [SELF]));
    assert.equal(shared, `${sentence}, with work of you`);
  });
}

function questionOf(cause: RestorationCause, owners: readonly string[]): Restoration {
  return {
    restorationId: 1,
    folderOf: SELF,
    cause,
    folderName: 'clone',
    items: [],
    fileCount: 1,
    owners,
    askedAtMs: 0,
    status: 'open',
    answer: undefined,
    answeredBy: undefined,
    answeredAtMs: undefined,
  };
}
