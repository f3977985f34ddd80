import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Text } from '../../../src/core/text.ts';
import { EMPTY_STACK, recordOthers, recordOwn, takeStep } from '../../../src/sync/undo-stack.ts';
import { type Act, acts, People } from './undo-people.ts';

const PEOPLE = 3;

test('S7: a step taken back takes only what its author put there, and brings back only what they took', () => {
  fc.assert(
    fc.property(acts(PEOPLE), (all) => {
      const people = new People(PEOPLE);
      for (const act of all) people.play(act);
    }),
    { numRuns: 20_000 },
  );
});

test('S7: undo then redo returns', () => {
  fc.assert(
    fc.property(acts(PEOPLE), fc.nat(PEOPLE - 1), (all, who) => {
      const people = new People(PEOPLE);
      for (const act of all) people.play(act);
      const before = people.text.toString();
      let count = 0;
      while (people.take(who, 'undo')) count++;
      for (; count > 0; count--) assert.ok(people.take(who, 'redo'));
      assert.equal(people.text.toString(), before);
    }),
    { numRuns: 20_000 },
  );
});

test('S7: undo to the end leaves nothing of mine, and everything of the others', () => {
  fc.assert(
    fc.property(acts(PEOPLE), fc.nat(PEOPLE - 1), (all, who) => {
      const people = new People(PEOPLE);
      for (const act of all) people.play(act);
      const others = [0, 1, 2]
        .filter((each) => each !== who)
        .map((each) => people.charactersOf(each));
      while (people.take(who, 'undo'));
      const isTheirs = [...people.charactersOf(who)];
      assert.deepEqual(
        [0, 1, 2].filter((each) => each !== who).map((each) => people.charactersOf(each)),
        others,
      );
      // What is left under my name are characters that others had typed, or that were there at first.
      assert.ok(isTheirs.every((character) => !people.deleted[who]!.has(character)));
    }),
    { numRuns: 10_000 },
  );
});

test('S7: the whole of one person alone goes back to the start and forth again', () => {
  fc.assert(
    fc.property(acts(1), (all) => {
      const people = new People(1);
      const start = people.text.toString();
      const texts = new Set<string>([start]);
      for (const act of all) {
        people.play(act satisfies Act);
        texts.add(people.text.toString());
      }
      while (people.take(0, 'undo')) assert.ok(texts.has(people.text.toString()));
      assert.equal(people.text.toString(), start);
    }),
    { numRuns: 10_000 },
  );
});

test('S7: what somebody else put back is theirs: not doubled by undo, not taken by redo', () => {
  const inserts = fc.array(fc.tuple(fc.nat(90), fc.nat(3)), { maxLength: 4 });
  fc.assert(
    fc.property(acts(PEOPLE), fc.nat(20), inserts, (all, from, typed) => {
      const people = new People(PEOPLE, 40);
      for (const act of all) people.play(act);
      people.play({ tag: 'type', who: 0, cuts: [[from, from + 30, 0]] });
      if (!people.putBack(1)) return;
      for (const [at, count] of typed) {
        people.play({ tag: 'type', who: 2, cuts: [[at, -1, count]] });
      }
      const theirs = people.charactersOf(1) + people.charactersOf(2);
      while (people.take(0, 'undo')) people.checkOnce();
      while (people.take(0, 'redo')) people.checkOnce();
      assert.equal(people.charactersOf(1) + people.charactersOf(2), theirs);
    }),
    { numRuns: 10_000 },
  );
});

test('S7: what comes back stands before what others wrote at its place', () => {
  const me = new Alone();
  me.edit('me', 0, 0, '1');
  for (const digit of ['2', '3']) {
    me.edit('me', 1, 1, digit);
    me.edit('me', 1, 2, '');
  }
  me.edit('me', 1, 1, '4');
  me.edit('others', 2, 2, '5');
  assert.deepEqual(
    [1, 2, 3, 4].map(() => me.take('undo')),
    ['15', '135', '15', '125'],
  );
  assert.deepEqual(
    [1, 2, 3, 4].map(() => me.take('redo')),
    ['15', '135', '15', '145'],
  );
  me.edit('me', 1, 2, '');
  me.edit('others', 1, 1, 'x');
  assert.equal(me.take('undo'), '14x5');
});

/** One person's steps in one line, and what others do in it. */
class Alone {
  #text = Text.of('');
  #stack = EMPTY_STACK;

  edit(who: 'me' | 'others', startCharacter: number, endCharacter: number, text: string): void {
    const before = this.#text;
    const changes = [{ startLine: 0, startCharacter, endLine: 0, endCharacter, text }];
    this.#stack =
      who === 'me'
        ? recordOwn(this.#stack, changes, before)
        : recordOthers(this.#stack, changes, () => before);
    this.#text = before.apply(changes);
  }

  take(kind: 'undo' | 'redo'): string | undefined {
    const taken = takeStep(this.#stack, kind, this.#text);
    if (!taken) return undefined;
    this.#stack = taken.stack;
    this.#text = this.#text.apply(taken.changes);
    return this.#text.toString();
  }
}

test('what others put in or take out is taken up without asking for the text', () => {
  const put = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'mine ' };
  const stack = recordOwn(EMPTY_STACK, [put], Text.of('theirs'));
  const noText = () => assert.fail('the text was asked for');
  const others = recordOthers(stack, [{ ...put, text: 'more ' }], noText);
  assert.notDeepEqual(others.done, stack.done);
  recordOthers(others, [{ ...put, endCharacter: 2, text: '' }], noText);
  const same = { ...put, endCharacter: 4, text: 'more' };
  assert.deepEqual(
    recordOthers(others, [same], () => Text.of('more mine theirs')).done,
    others.done,
    'what an op replaces by the same is not its author’s',
  );
});
