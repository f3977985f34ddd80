import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replace } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { DocumentPositions, RecentOps } from '../../../src/editor/document-positions.ts';
import { openedState } from '../../../src/sync/document-state.ts';
import { changeLocally } from '../../../src/sync/local-change.ts';
import { linesInEditor, linesInWorld } from '../../../src/views/review/shown-lines.ts';
import type { FileFeed } from '../../../src/world/file-feed.ts';
import { Player } from '../sync/transitions.ts';

const noOps = new RecentOps({ onEvent: () => () => {} } as unknown as FileFeed);
const opened = openedState({ version: 3, text: Text.of('a\nb\nby bot\nby bot\nc\n') });
const start = { line: 0, character: 0 };
const HUNK = { version: 3, lines: [2, 3] as const };

test('agents’ work is found where it stands in an editor with lines that are not sent', () => {
  const player = new Player(opened, 'strict');
  const changes = [replace(start, start, 'mine\nmine\n')];
  const typed = changeLocally(opened, changes, 'typing', player.now());
  const positions = new DocumentPositions(typed, noOps);
  const shown = linesInEditor(HUNK, positions);
  assert.deepEqual(shown, { firstLine: 4, lastLine: 5 });
  assert.deepEqual(linesInWorld(shown, positions), HUNK.lines);
});

test('a document that is bound to no file has the world’s lines', () => {
  const shown = linesInEditor(HUNK, undefined);
  assert.deepEqual(shown, { firstLine: 2, lastLine: 3 });
  assert.deepEqual(linesInWorld(shown, undefined), HUNK.lines);
});
