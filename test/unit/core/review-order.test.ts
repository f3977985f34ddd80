// Law: what people decide of what agents did leads to one text, in whatever order and whenever they decide it.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Changes, replace, startOf } from '../../../src/core/change.ts';
import type { Origin } from '../../../src/core/origin.ts';
import { takeBackEdit, type TakeBackHunk, type TakeBackStep } from '../../../src/core/take-back.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import { content } from './arbitrary.ts';
import {
  assertTakenWell,
  type Cell,
  check,
  drafts,
  isAgents,
  isBots,
  isMates,
  linesOf,
  offsetOf,
  played,
  REVIEW_RUNS,
  ReviewModel,
} from './review-model.ts';

/** A hunk as it was looked at, for whose work it was asked, and what is decided of it. */
interface Choice {
  readonly hunk: TakeBackHunk;
  readonly isWanted: (origin: Origin) => boolean;
  readonly isTake: boolean;
}

/** The hunks of each agent by itself: those of one may stand where those of another do. */
function choicesOf(model: ReviewModel, pick: number): readonly Choice[] {
  const all = [isBots, isMates].flatMap((isWanted) =>
    model.hunks(isWanted).map((hunk) => ({ hunk, isWanted })),
  );
  return all.map((each, index) => ({ ...each, isTake: ((pick >> (index % 31)) & 1) === 1 }));
}

/**
 * Decides what was looked at before the first decision. Of one agent's hunks those that are not decided yet are left
 * out, so that one alone is looked at; and what another decision has brought back since is not in it.
 */
function decideInOrder(
  model: ReviewModel,
  choices: readonly Choice[],
  order: readonly number[],
  between: (at: number) => void = () => {},
): void {
  const { version } = model;
  for (const [at, index] of order.entries()) {
    between(at);
    const { hunk, isWanted, isTake } = choices[index]!;
    const lines = linesOf(hunk, version, isWanted);
    const others = order
      .slice(at + 1)
      .map((each) => choices[each]!)
      .filter((each) => each.isWanted === isWanted)
      .map((each) => linesOf(each.hunk, version, isWanted));
    if (isTake) {
      const shown = new Set(hunk.steps.map(sightOf));
      const alone = model.hunks(isWanted, others).map((each) => {
        return { ...each, steps: each.steps.filter((step) => shown.has(sightOf(step))) };
      });
      assertTakenWell(model.take(alone, isWanted, [lines]), isWanted);
    } else model.decide([lines]);
  }
  between(order.length);
}

/** What stays of a step wherever it stands. */
function sightOf({ tag, text, by, at: place }: TakeBackStep): string {
  return JSON.stringify([tag, text, by.opSeq, place]);
}

function shuffled(count: number, seed: number): readonly number[] {
  const random = seededRandom(seed);
  const left = [...Array(count).keys()];
  const next = (): number => left.splice(Math.floor(random() * left.length), 1)[0]!;
  return Array.from({ length: count }, next);
}

/** The characters of a text in no order. */
const lettersOf = (text: string): string => text.split('').sort().join('');

function takenSteps(choices: readonly Choice[], tag: TakeBackStep['tag']): readonly TakeBackStep[] {
  return choices.flatMap(({ isTake, hunk }) =>
    isTake ? hunk.steps.filter((step) => step.tag === tag) : [],
  );
}

/** Those that stand after each decision alone. */
function staying(model: ReviewModel, choices: readonly Choice[]): readonly Cell[] {
  const gone = new Set<number>();
  for (const { start, end } of takenSteps(choices, 'remove')) {
    const last = offsetOf(model.text, end);
    for (let at = offsetOf(model.text, start); at < last; at++) gone.add(at);
  }
  return model.cells.filter((_, at) => !gone.has(at));
}

test('what is decided of the hunks has one outcome, in whatever order it is decided', () => {
  check((model, pick) => {
    const { version } = model;
    const all = model.hunks();
    const isTake = (index: number): boolean => ((pick >> (index % 31)) & 1) === 1;
    const choices = all.map((_, index) => (isTake(index) ? 'take' : 'keep'));
    const wanted = model.text.apply(takeBackEdit(all, choices).changes).toString();
    const order = shuffled(all.length, pick);
    for (const [at, index] of order.entries()) {
      const lines = linesOf(all[index]!, version, isAgents);
      // Those that nobody has decided yet are left out, so that this one alone is looked at.
      const others = order.slice(at + 1).map((each) => linesOf(all[each]!, version, isAgents));
      if (isTake(index)) model.take(model.hunks(isAgents, others));
      else model.decide([lines]);
    }
    assert.equal(model.text.toString(), wanted);
    assert.deepEqual(model.hunks(), []);
  });
});

test('what is decided of each agent by itself has one outcome, in whatever order it is decided', () => {
  let both = 0;
  const property = fc.property(content, drafts, fc.nat(), (base, steps, pick) => {
    const texts = [pick, pick + 1].map((seed) => {
      const model = played(base, steps);
      const before = model.text.toString();
      const choices = choicesOf(model, pick);
      if (new Set(choices.map(({ isWanted }) => isWanted)).size > 1) both += 1;
      const stay = staying(model, choices);
      decideInOrder(model, choices, shuffled(choices.length, seed));
      // What one agent brought and another took away is to be looked at once it is back, and nothing else is.
      const left = [isBots, isMates].flatMap((isWanted) => model.hunks(isWanted));
      const open = left.flatMap(({ steps: each }) => each);
      assert.ok(open.every(({ tag }) => tag !== 'restore'));
      const places = open.filter(({ tag }) => tag === 'remove').map(({ start }) => start);
      const again = new Set(stay);
      for (const place of places) {
        const cell = model.cells[offsetOf(model.text, place)]!;
        assert.ok(!again.has(cell) && !cell.isKept, 'to be looked at again');
      }
      // Just what each decision alone takes away is gone, and what each brings back is there.
      const stood = new Set(stay);
      assert.deepEqual(
        model.cells.filter((cell) => stood.has(cell)),
        stay,
      );
      const back = takenSteps(choices, 'restore').map(({ text }) => text);
      const stayed = stay.map(({ character }) => character);
      assert.equal(lettersOf(model.text.toString()), lettersOf([...stayed, ...back].join('')));
      return [before, model.text.toString()];
    });
    assert.deepEqual(texts[0], texts[1]);
  });
  fc.assert(property, { numRuns: REVIEW_RUNS });
  assert.ok(both > REVIEW_RUNS / 20, `of two agents in ${both} histories`);
});

test('what a person writes in between, apart from it, makes no difference to what is decided', () => {
  let count = 0;
  const property = fc.property(content, drafts, fc.nat(), (base, steps, pick) => {
    const first = played(base, steps);
    const places = quietPlaces(first, choicesOf(first, pick));
    if (places.length === 0) return;
    const place = places[pick % places.length]!;
    const texts = [pick, pick + 1].map((seed) => {
      const model = played(base, steps);
      const choices = choicesOf(model, pick);
      const cell = model.cells[place]!;
      const moment = seed % (choices.length + 1);
      decideInOrder(model, choices, shuffled(choices.length, seed), (at) => {
        if (at === moment) model.edit(insertion(model, model.cells.indexOf(cell), '#'), 'ada');
      });
      if (choices.length > 1) count += 1;
      return model.text.toString();
    });
    assert.equal(texts[0], texts[1]);
  });
  fc.assert(property, { numRuns: REVIEW_RUNS });
  assert.ok(count > REVIEW_RUNS / 20, `in ${count} histories`);
});

/** Where nothing comes back, between characters that both stay: before which of those that are there. */
function quietPlaces(model: ReviewModel, choices: readonly Choice[]): readonly number[] {
  const stay = new Set(staying(model, choices));
  const loud = new Set(
    takenSteps(choices, 'restore').map(({ start }) => offsetOf(model.text, start)),
  );
  return [...model.cells.keys()].filter(
    (at) => at > 0 && !loud.has(at) && stay.has(model.cells[at - 1]!) && stay.has(model.cells[at]!),
  );
}

function insertion({ cells }: ReviewModel, at: number, text: string): Changes {
  const before = cells.slice(0, at).map(({ character }) => character);
  const line = before.filter((character) => character === '\n').length;
  const place = { line, character: at - (before.lastIndexOf('\n') + 1) };
  return [replace(place, place, text)];
}

/** Letters that no text begins with. */
const FIRST_ADDED = '①'.charCodeAt(0);

test('where agents only deleted, and people only added, all that is taken back stands as it stood', () => {
  const erasing = fc.array(
    fc.tuple(fc.constantFrom('ada', 'bot', 'mate'), fc.nat(), fc.integer({ min: 1, max: 6 })),
    { minLength: 1, maxLength: 12 },
  );
  const property = fc.property(content, erasing, fc.nat(), (base, steps, pick) => {
    const model = new ReviewModel(base);
    let added = '';
    for (const [author, seed, length] of steps) {
      const at = seed % (model.cells.length + 1);
      if (author === 'ada') {
        // Another one each time: who types anew what an agent deleted puts it back.
        const letter = String.fromCharCode(FIRST_ADDED + added.length);
        added += letter;
        model.edit(insertion(model, at, letter), author);
      } else if (at < model.cells.length) {
        const end = Math.min(at + length, model.cells.length);
        const [from, to] = [at, end].map((each) => startOf(insertion(model, each, '')[0]!));
        model.edit([replace(from!, to!, '')], author);
      }
    }
    const choices = choicesOf(model, -1);
    decideInOrder(model, choices, shuffled(choices.length, pick));
    const text = model.text.toString();
    const isAdded = (letter: string): boolean => added.includes(letter);
    assert.equal(
      text
        .split('')
        .filter((letter) => !isAdded(letter))
        .join(''),
      base,
    );
    assert.equal(lettersOf(text.split('').filter(isAdded).join('')), added);
  });
  fc.assert(property, { numRuns: REVIEW_RUNS });
});

const at = (start: number, end: number, text: string): Changes => {
  return [replace({ line: 0, character: start }, { line: 0, character: end }, text)];
};

/** What comes of it when all is taken back, in each of the two orders of two hunks. */
function bothOrders(base: string, edits: readonly (readonly [string, Changes])[]): string[] {
  return [
    [0, 1],
    [1, 0],
  ].map((order) => {
    const model = new ReviewModel(base);
    for (const [author, changes] of edits) model.edit(changes, author);
    const choices = choicesOf(model, -1);
    assert.equal(choices.length, order.length);
    decideInOrder(model, choices, order);
    return model.text.toString();
  });
}

test('lines that two agents deleted at one place come back in the order in which they stood', () => {
  const gone = replace({ line: 0, character: 0 }, { line: 1, character: 0 }, '');
  const edits = [
    ['bot', [gone]],
    ['mate', [gone]],
  ] as const;
  const base = 'one\ntwo\nthree\n';
  assert.deepEqual(bothOrders(base, edits), [base, base]);
});

test('what comes back stands for what was deleted, and not for what reads alike at the same place', () => {
  // `y` of the one agent, the text from before, and `y` of the other stood there in a row.
  const edits = [
    ['bot', at(0, 0, 'y')],
    ['mate', at(1, 2, 'y')],
    ['bot', at(0, 2, '')],
  ] as const;
  assert.deepEqual(bothOrders('X', edits), ['Xy', 'Xy']);
});

test('what somebody has put back amid what was deleted does not come back again with the rest', () => {
  const edits = [
    ['mate', at(1, 2, '')],
    ['bot', at(1, 2, '')],
    ['bot', at(1, 2, '')],
    ['ada', at(1, 1, 'c')],
  ] as const;
  assert.deepEqual(bothOrders('abcde', edits), ['acbde', 'acbde']);
});
