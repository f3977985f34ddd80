import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Change, type Changes, replace } from '../../../src/core/change.ts';
import { compose } from '../../../src/core/compose.ts';
import { ContentHasher } from '../../../src/core/content-hash.ts';
import { invert } from '../../../src/core/invert.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import type { Position } from '../../../src/core/position.ts';
import { Text } from '../../../src/core/text.ts';
import { loadSequentialTrace, type SequentialTraceName } from '../../harness/trace-file.ts';

/** Lengths of the lines of a growing text, to turn string indices into places. */
class LineLengths {
  readonly #lengths: number[];

  constructor(content: string) {
    this.#lengths = content.split('\n').map((line) => line.length);
  }

  placeOf(index: number): Position {
    let line = 0;
    let character = index;
    while (character > this.#lengths[line]!) character -= this.#lengths[line++]! + 1;
    return { line, character };
  }

  apply(change: Change): void {
    const lines = change.text.split('\n').map((line) => line.length);
    const tail = this.#lengths[change.endLine]! - change.endCharacter;
    lines[0]! += change.startCharacter;
    lines[lines.length - 1]! += tail;
    this.#lengths.splice(change.startLine, change.endLine - change.startLine + 1, ...lines);
  }
}

async function changesOf(name: SequentialTraceName) {
  const trace = await loadSequentialTrace(name);
  const lengths = new LineLengths(trace.startContent);
  const steps: Changes[] = [];
  for (const { position, deletedCount, inserted } of trace.transactions.flatMap((t) => t.patches)) {
    const end = lengths.placeOf(position + deletedCount);
    const change = replace(lengths.placeOf(position), end, inserted);
    lengths.apply(change);
    steps.push([change]);
  }
  return { ...trace, steps };
}

for (const name of ['automerge-paper', 'seph-blog1', 'sveltecomponent'] as const) {
  test(`folding ${name} step by step gives its end`, async () => {
    const { startContent, endContent, steps } = await changesOf(name);
    const buffer = LineBuffer.of(startContent);
    for (const changes of steps) buffer.apply(changes);
    assert.equal(buffer.toString(), endContent);
  });
}

test('editing, hashing, taking back and composing a recorded session agree at every thousandth step', async () => {
  const { startContent, endContent, steps } = await changesOf('sveltecomponent');
  const hasher = new ContentHasher((data) =>
    Uint8Array.from(createHash('sha256').update(data).digest()),
  );
  let text = Text.of(startContent);
  let composed: Changes = [];
  let since = text;
  steps.forEach((changes, index) => {
    const next = text.apply(changes);
    composed = compose(composed, changes);
    if (index % 1000 === 999) {
      assert.equal(next.apply(invert(changes, text)).toString(), text.toString());
      assert.equal(since.apply(composed).toString(), next.toString());
      assert.deepEqual(hasher.text(next), hasher.text(Text.of(next.toString())));
      composed = [];
      since = next;
    }
    text = next;
  });
  assert.equal(text.toString(), endContent);
});
