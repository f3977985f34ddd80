// Texts in which nothing says where to cut them: an edit leaves the rest as it is, and nobody can tell.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Change, normalizeChanges } from '../../../src/core/change.ts';
import { type Chunk, chunksIn, chunksOf } from '../../../src/core/chunk.ts';
import { ContentHasher } from '../../../src/core/content-hash.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import { Text } from '../../../src/core/text.ts';

/** Runs of the same line, most of them far longer than what an edit cuts anew at once. */
const lines = fc
  .array(
    fc.record({
      line: fc.constantFrom('', 'x', 'the same line again', 'y'.repeat(90)),
      count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2000, max: 6000 })),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((runs) => runs.flatMap(({ line, count }) => Array.from({ length: count }, () => line)));

/** An edit by shares of the text, so that it fits whatever the edits before it made. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  deletedLines: fc.constantFrom(0, 0, 0, 1, 2, 40, 2000),
  text: fc.constantFrom('', 'z', '\n', 'one\ntwo', 'a line\n', '\n'.repeat(70)),
  /** Whether the hash is asked for after it, as a check when idle does. */
  isHashed: fc.boolean(),
});

test('edits and hashes are the same as those of a text that is cut anew each time', () => {
  const hasher = new ContentHasher(
    (data) => new Uint8Array(createHash('sha256').update(data).digest()),
  );
  const edits = fc.array(edit, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lines, edits, (start, made) => {
      let text = Text.ofLines(start);
      const naive = new LineBuffer(start);
      for (const { at, deletedLines, text: inserted, isHashed } of made) {
        const changes = normalizeChanges([changeAt(text, at, deletedLines, inserted)]);
        text = text.apply(changes);
        naive.apply(changes);
        assert.equal(text.lineCount, naive.lineCount);
        if (isHashed) assert.deepEqual(hasher.text(text), hasher.text(naive.toText()));
      }
      const fresh = naive.toText();
      assert.equal(text.toString(), naive.toString());
      assert.equal(text.length, fresh.length);
      assert.ok(sameLines(text, fresh), 'each line is where it should be');
      assert.deepEqual(shapeOf(text), shapeOf(fresh));
      assert.deepEqual(hasher.text(text), hasher.text(fresh));
      assert.equal(text.toString(), naive.toString(), 'cutting changes no text');
    }),
    { numRuns: 60 },
  );
});

test('an edit leaves what is behind it as it is, however the cuts would move', () => {
  const start = Text.ofLines(Array.from({ length: 50_000 }, () => 'x'));
  const last = start.groups.at(-1)!;
  // Inserting a line moves every cut; taking it out again leaves all as it was.
  const edited = start
    .apply([{ startLine: 10, startCharacter: 0, endLine: 10, endCharacter: 0, text: 'x\n' }])
    .apply([{ startLine: 10, startCharacter: 0, endLine: 11, endCharacter: 0, text: '' }]);
  assert.deepEqual(shapeOf(edited), shapeOf(start));
  assert.equal(edited.groups.at(-1), last, 'the end of the text is the one that was there');
});

function changeAt(text: Text, at: number, deletedLines: number, inserted: string): Change {
  const startLine = Math.min(text.lineCount - 1, Math.floor(at * text.lineCount));
  const endLine = Math.min(text.lineCount - 1, startLine + deletedLines);
  const startCharacter = Math.floor(at * text.line(startLine).length);
  const endCharacter =
    endLine === startLine ? startCharacter : Math.min(1, text.line(endLine).length);
  return { startLine, startCharacter, endLine, endCharacter, text: inserted };
}

function sameLines(a: Text, b: Text): boolean {
  const theirs = b.lines();
  for (const line of a.lines()) if (line !== theirs.next().value) return false;
  return theirs.next().done === true;
}

function told({ lines, marks, content, lineCount, characters, lastMark, isLoose }: Chunk) {
  return { lines, marks, content, lineCount, characters, lastMark, isLoose };
}

/** The lines of each chunk, chunk by chunk in each group. */
function shapeOf(text: Text): readonly string[] {
  return text.groups.map(({ chunks }) => chunks.map((chunk) => chunk.lines.length).join(' '));
}

test('a text is cut as its lines are, whatever characters are in it and however long it is', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 90 }),
    fc.string({ unit: 'binary-ascii', maxLength: 90 }),
    fc.constantFrom('é', '\ud800', 'x'.repeat(70_000)),
  );
  const whole = fc.array(line, { minLength: 1, maxLength: 40 }).map((all) => all.join('\n'));
  fc.assert(
    fc.property(whole, (content) => {
      const cut = chunksIn(content);
      // As one text first: who asks for the lines may change how it is kept.
      const texts = cut.map((chunk) => chunk.content);
      assert.deepEqual(
        texts,
        cut.map(({ lines }) => lines.join('\n')),
      );
      assert.deepEqual(cut.map(told), chunksOf(content.split('\n')).map(told));
    }),
    { numRuns: 300 },
  );
});
