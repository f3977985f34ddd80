import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Changes } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import type { DocumentPort } from '../../../src/editor/document-port.ts';
import { RecentTexts } from '../../../src/editor/recent-texts.ts';
import { minimalChanges } from '../../../src/sync/minimal-changes.ts';
import type { DocumentChange } from '../../../src/sync/ports.ts';

test('a save writes the text that a document had when it began, or one that came after', () => {
  const { texts, become } = openDocument('one\n');
  become('one typed\n', 'edit');
  become('one typed on\n', 'edit');
  const save = texts.now();
  become('one typed on, and on\n', 'edit');
  assert.ok(!texts.includes('one typed\n', save), 'git may have put it back');
  assert.ok(texts.includes('one typed on\n', save));
  assert.ok(texts.includes('one typed on, and on\n', save));
  assert.ok(texts.includes('one typed\n'), 'a save that nobody announced');
});

test('what was loaded from disk is no save, unless it is saved again', () => {
  const { texts, become } = openDocument('one\n');
  become('one typed\n', 'edit');
  become('one\n', 'disk');
  assert.ok(!texts.includes('one\n'));
  assert.ok(texts.includes('one\n', texts.now()));
});

test('the texts of a save are known after any number of keys', () => {
  const { texts, become } = openDocument('');
  become('typed', 'edit');
  const save = texts.now();
  for (let key = 0; key < 400; key++) become(`typed ${key}`, 'edit');
  assert.ok(texts.includes('typed', save));
  assert.ok(texts.includes('typed 399', save));
});

test('a text that was only given other line ends may have been saved', () => {
  const { texts, become } = openDocument('one\n');
  become('one\n', 'edit');
  assert.ok(texts.includes('one\n'));
});

test('a document whose file has another name now is known to have had what it had before', () => {
  const { port, texts, become } = openDocument('one\n');
  become('one typed\n', 'edit');
  const save = texts.now();
  become('one typed on\n', 'edit');
  const heir = new RecentTexts(port, texts);
  assert.ok(heir.includes('one typed\n', save), 'a save that began before');
  assert.ok(heir.includes('one typed on\n', save));
  assert.ok(heir.includes('one typed on\n', heir.now()));
  assert.ok(!heir.includes('one typed\n', heir.now()));
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
  return { port, texts, become };
}
