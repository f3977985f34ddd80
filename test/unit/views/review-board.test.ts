import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReviewHunk } from '../../../src/review/review-hunk.ts';
import type { AgentNode } from '../../../src/review/review-tree.ts';
import { isReviewNode, rowOf, rowsBelow } from '../../../src/views/review/review-board.ts';

const BOT = 'ab'.repeat(32);

test('a row is about the change that it was drawn for, or about none', () => {
  const [first, second] = [hunk('one', 0), hunk('one', 40)];
  const [, row] = rowsBelow(agents(first, second), `file ${BOT} 0 1`);
  assert.ok(isReviewNode(row));
  assert.equal(rowOf(agents(first, second), row)?.hunk, second);
  assert.equal(rowOf(agents(second), row)?.hunk, second, 'the one before it was decided');
  const newer = hunk('earlier in the file', 80);
  assert.equal(rowOf(agents(newer, first, second), row)?.hunk, second);
  const grown = hunk('one, and more', 40);
  assert.equal(rowOf(agents(first, grown), row), undefined, 'nobody has seen that');
});

function agents(...hunks: readonly ReviewHunk[]): readonly AgentNode[] {
  const head = { fileId: 1 } as AgentNode['turns'][0]['files'][0]['head'];
  return [{ agent: BOT, turns: [{ turn: undefined, files: [{ head, hunks }] }] }];
}

function hunk(text: string, at: number): ReviewHunk {
  const steps = [{ tag: 'remove', text, by: { opSeq: 8 }, at }];
  return { tag: 'text', fileId: 1, whose: {}, plan: { steps } } as unknown as ReviewHunk;
}
