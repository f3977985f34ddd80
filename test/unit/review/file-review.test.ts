// Who has followed a file and who begins to read it where nothing is left before see the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Changes, replace } from '../../../src/core/change.ts';
import type { OpRecord } from '../../../src/core/op.ts';
import { Text } from '../../../src/core/text.ts';
import type { Whose } from '../../../src/core/review.ts';
import { FileReview } from '../../../src/review/file-review.ts';
import { sightOfPlan } from '../../../src/review/review-hunk.ts';
import type { FileHead } from '../../../src/world/world-rows.ts';

const BASE = Text.of('abcd\n');
const NOTHING = { lines: [], whole: [] };

/** A file that is there from its first op on. */
class Story {
  readonly #ops: OpRecord[] = [];
  readonly #wholes = new Map<number, Text>();
  text = BASE;

  edit(author: string, from: number, to: number, text: string, turn?: number): void {
    const place = (character: number) => ({ line: 0, character });
    this.#add(author, [replace(place(from), place(to), text)], turn);
  }

  /** A whole new content: its changes say nothing. */
  replace(author: string, text: string): void {
    this.#add(author, [], undefined, { content: { parts: ['x'.repeat(1_000)] } });
    this.text = Text.of(text);
    this.#wholes.set(this.#ops.length, this.text);
  }

  #add(author: string, changes: Changes, turn: number | undefined, payload?: object): void {
    const seq = this.#ops.length + 1;
    this.text = this.text.apply(changes);
    this.#ops.push({
      opSeq: seq,
      opId: `${seq}`,
      batchId: `${seq}`,
      fileId: 1,
      kind: 'edit',
      author,
      madeAtMicros: 0n,
      payload: payload || turn !== undefined ? JSON.stringify({ ...payload, turn }) : '',
      changes,
      version: seq + 1,
    } as unknown as OpRecord);
  }

  get head(): FileHead {
    return { version: this.#ops.length + 1, deleted: false, kind: 'text' } as FileHead;
  }

  /** Read from behind an op, up to another. */
  since(sinceSeq: number, upTo = this.#ops.length): FileReview {
    let base = BASE;
    for (const { opSeq, changes } of this.#ops.slice(0, sinceSeq)) {
      base = this.#wholes.get(opSeq) ?? base.apply(changes);
    }
    const start = { fileId: 1, sinceSeq, sinceVersion: sinceSeq + 1 };
    const review = new FileReview(start, base, (identity) => identity !== 'ada');
    this.follow(review, upTo);
    return review;
  }

  /** Takes in what was not read yet. */
  follow(review: FileReview, upTo = this.#ops.length): void {
    for (const op of this.#ops.slice(0, upTo)) {
      if (op.opSeq > review.lastSeq) review.add(op, this.#wholes.get(op.opSeq));
    }
  }

  hunks(review: FileReview, whose: Whose = {}): readonly string[] {
    return review
      .hunks(this.head, whose)
      .map((hunk) => (hunk.tag === 'text' ? sightOfPlan(hunk.plan) : hunk.change.kind));
  }
}

test('who has followed a file sees new text on the side of what was deleted where whoever begins sees it', () => {
  const story = new Story();
  story.edit('ada', 2, 3, '1');
  story.edit('mate', 2, 3, '23');
  story.edit('mate', 2, 2, '4');
  const followed = story.since(0);
  const fresh = story.since(1);
  assert.notDeepEqual(story.hunks(followed), story.hunks(fresh));
  const settled = followed.settled(1);
  assert.deepEqual(settled.hunks(story.head, {}), fresh.hunks(story.head, {}));
  assert.equal(settled.text.toString(), story.text.toString());
  assert.deepEqual([settled.version, settled.lastSeq], [4, 3]);
});

test('a file that is settled behind what was read of it goes on from there, and misses no op', () => {
  const story = new Story();
  story.edit('mate', 0, 0, 'x');
  story.edit('mate', 1, 1, 'y');
  story.edit('mate', 2, 2, 'z');
  const settled = story.since(0, 2).settled(3);
  assert.deepEqual([settled.version, settled.lastSeq], [3, 2]);
  assert.deepEqual(settled.hunks(story.head, {}), []);
  story.follow(settled);
  assert.equal(settled.text.toString(), story.text.toString());
  assert.deepEqual(settled.settled(3).hunks(story.head, {}), []);
});

test('a file is not settled where an agent’s deletion would be seen no more', () => {
  const story = new Story();
  story.edit('bot', 0, 0, 'x');
  story.edit('mate', 0, 1, '');
  story.edit('mate', 3, 3, 'y');
  const review = story.since(0);
  const seen = { seenSeq: review.lastSeq, version: review.version };
  assert.equal(story.hunks(review).length, 1);
  assert.notDeepEqual(
    story.hunks(review, { agent: 'mate' }),
    story.hunks(story.since(2), { agent: 'mate' }),
  );
  assert.equal(review.settledBy(story.head, NOTHING, seen), 0);
});

test('a file is not settled where a turn’s deletion of another turn’s text would be seen no more', () => {
  const story = new Story();
  story.edit('bot', 0, 0, 'x', 7);
  story.edit('bot', 0, 1, '', 8);
  story.edit('bot', 3, 3, 'y', 8);
  const review = story.since(0);
  const seen = { seenSeq: review.lastSeq, version: review.version };
  assert.notDeepEqual(story.hunks(review, { turn: 8 }), story.hunks(story.since(2), { turn: 8 }));
  assert.equal(review.settledBy(story.head, NOTHING, seen), 0);
});

test('a file is settled up to what is left where that is seen the same from there', () => {
  const story = new Story();
  story.edit('ada', 4, 4, '!');
  story.edit('mate', 0, 0, 'y');
  const review = story.since(0);
  const seen = { seenSeq: review.lastSeq, version: review.version };
  assert.equal(review.settledBy(story.head, NOTHING, seen), 1);
});

test('who has followed a file over a whole new content sees from each op on what whoever begins there sees', () => {
  const story = new Story();
  story.edit('bot', 0, 0, 'x');
  story.edit('mate', 1, 2, '', 1);
  story.replace('mate', 'pq\nrs\n');
  story.edit('bot', 1, 2, '!!');
  story.edit('ada', 0, 1, '');
  story.edit('mate', 0, 0, 'z', 5);
  for (let since = 1; since <= 6; since++) {
    const [settled, fresh] = [story.since(0).settled(since), story.since(since)];
    assert.deepEqual(settled.hunks(story.head, {}), fresh.hunks(story.head, {}));
    assert.equal(settled.text.toString(), story.text.toString());
    assert.equal(settled.version, fresh.version);
  }
});

test('the room that a review takes counts the lines of a whole content, and only of the newest', () => {
  const story = new Story();
  const lines = 'line\n'.repeat(16_000);
  for (let round = 0; round < 3; round++) story.replace('bot', lines);
  assert.ok(story.since(0).size > 2_000 && story.since(0).size < 2_020);
  story.replace('bot', '');
  assert.ok(story.since(0).size < 20);
});
