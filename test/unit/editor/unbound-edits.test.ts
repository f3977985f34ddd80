import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { UnboundEdits } from '../../../src/editor/unbound-edits.ts';
import type { DocumentPort } from '../../../src/editor/document-port.ts';
import type { DocumentChange } from '../../../src/sync/ports.ts';

const off = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 3, text: 'on' };

/** A document that was loaded with `off` and in which `on` was typed in its place. */
function typedOn(): UnboundEdits {
  let tell: ((change: DocumentChange) => void) | undefined;
  const port = {
    document: { isDirty: false },
    text: () => 'off\n',
    onChange(listener: (change: DocumentChange) => void) {
      tell = listener;
      return () => undefined;
    },
  };
  const edits = new UnboundEdits(port as unknown as DocumentPort);
  tell?.({ version: 2, cause: 'edit', changes: [off] });
  return edits;
}

const texts = (...all: readonly string[]): readonly Text[] => all.map((text) => Text.of(text));

test('S5: typing a file back to what it once was, before it is bound, is an edit', () => {
  assert.deepEqual(typedOn().finish(texts('off\n', 'on\n')), { world: 0, changes: [off] });
});

test('S3: what was typed and saved before it was bound, and came to the world from disk, is none', () => {
  assert.deepEqual(typedOn().finish(texts('on\n', 'off\n')), { world: 0, changes: [] });
});
