import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Changes } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import type { DocumentPort } from '../../../src/editor/document-port.ts';
import { RecentTexts } from '../../../src/editor/recent-texts.ts';
import { minimalChanges } from '../../../src/sync/minimal-changes.ts';
import type { DocumentChange } from '../../../src/sync/ports.ts';

test('a text of before is no save once something else was put on disk, whoever put it there', () => {
  const { texts, become } = openDocument('one\n');
  become('one typed\n', 'edit');
  assert.ok(texts.includes('one typed\n', 'since_known'));
  texts.diskKnown();
  assert.ok(!texts.includes('one typed\n', 'since_known'), 'git may have put it back');
  assert.ok(texts.includes('one typed\n', 'lately'));
});

test('what was loaded from disk takes the place of what was saved before, and is no save', () => {
  const { texts, become } = openDocument('one\n');
  become('one typed\n', 'edit');
  become('one\n', 'disk');
  assert.ok(!texts.includes('one typed\n', 'since_known'));
  assert.ok(!texts.includes('one\n', 'lately'));
  become('one typed\n', 'edit');
  assert.ok(texts.includes('one typed\n', 'since_known'));
});

test('a text that was only given other line ends may have been saved', () => {
  const { texts, become } = openDocument('one\n');
  become('one\n', 'edit');
  assert.ok(texts.includes('one\n', 'since_known'));
});

function openDocument(content: string) {
  let text = Text.of(content);
  const listeners: ((event: DocumentChange) => void)[] = [];
  const port = {
    document: { isDirty: false },
    text: () => text.toString(),
    onChange: (listener: (event: DocumentChange) => void) => listeners.push(listener),
  } as unknown as DocumentPort;
  const texts = new RecentTexts(port);
  const become = (next: string, cause: DocumentChange['cause']): void => {
    const changes: Changes = minimalChanges(text, next);
    text = text.apply(changes);
    for (const listener of listeners) listener({ version: 0, changes, cause });
  };
  return { texts, become };
}
