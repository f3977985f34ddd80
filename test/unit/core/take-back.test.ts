import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Changes, endOf, replace, startOf } from '../../../src/core/change.ts';
import { compose } from '../../../src/core/compose.ts';
import type { Origin } from '../../../src/core/origin.ts';
import { comparePositions, endOfInserted } from '../../../src/core/position.ts';
import { fromOf, textOf } from '../../../src/core/returned-text.ts';
import { rebase } from '../../../src/core/rebase.ts';
import {
  isClean,
  planTakeBack,
  takeBackChanges,
  takeBackEdit,
  type TakeBackChoice,
  type WovenOp,
} from '../../../src/core/take-back.ts';
import { Text } from '../../../src/core/text.ts';
import { findFault } from '../../../src/core/validate-changes.ts';
import { WovenText } from '../../../src/core/woven-text.ts';
import { changesOf, content } from './arbitrary.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 100_000 : 3_000;

function originOf(opSeq: number, author: string): Origin {
  return { opSeq, author, madeAtMicros: 0n, isImported: false };
}

const isBot = ({ author }: Origin): boolean => author === 'bot';

function drawn(seed: number, text: Text): Changes {
  return fc.sample(changesOf(text.toString(), 2), { seed, numRuns: 1 })[0]!;
}

/** Edits of a person and of an agent in any order, each on the text before it. */
const history = content.chain((base) =>
  fc
    .array(fc.tuple(fc.nat(), fc.constantFrom('ada', 'bob', 'bot')), { minLength: 1, maxLength: 8 })
    .map((drafts) => {
      let text = Text.of(base);
      const ops = drafts.map(([seed, author], index): WovenOp => {
        const changes = drawn(seed, text);
        text = text.apply(changes);
        return { changes, origin: originOf(index + 1, author) };
      });
      return { base: Text.of(base), ops, head: text };
    }),
);

function check<T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, law), { numRuns: RUNS });
}

function wovenOf(base: Text, ops: readonly WovenOp[]): WovenText {
  const woven = WovenText.of(base);
  for (const { changes, origin } of ops) woven.apply(changes, origin);
  return woven;
}

test('a text that forgets nothing shows the same text', () => {
  check(history, ({ base, ops, head }) => {
    assert.equal(wovenOf(base, ops).toString(), head.toString());
  });
});

/** Whether two sets of changes of one text have nothing to do with each other, not even a border. */
function areApart(changes: Changes, others: Changes): boolean {
  return changes.every((change) =>
    others.every(
      (other) =>
        comparePositions(endOf(change), startOf(other)) < 0 ||
        comparePositions(endOf(other), startOf(change)) < 0,
    ),
  );
}

/**
 * Two worlds: in one the others work alone, in the other an agent works between them. `between` is
 * what the agent's work makes of the first world's text. Edits of others that would meet the agent's
 * work are left out.
 */
const worlds = content.chain((base) =>
  fc
    .array(fc.tuple(fc.nat(), fc.constantFrom('ada', 'bot')), { minLength: 1, maxLength: 10 })
    .map((drafts) => {
      let pure = Text.of(base);
      let mixed = pure;
      let between: Changes = [];
      const ops: WovenOp[] = [];
      for (const [seed, author] of drafts) {
        const changes = drawn(seed, author === 'bot' ? mixed : pure);
        if (author === 'ada' && !areApart(changes, between)) continue;
        const committed = author === 'bot' ? changes : rebase(changes, between, 'after');
        if (author === 'bot') between = compose(between, changes);
        else {
          between = rebase(between, changes, 'before');
          pure = pure.apply(changes);
        }
        mixed = mixed.apply(committed);
        ops.push({ changes: committed, origin: originOf(ops.length + 1, author) });
      }
      return { base: Text.of(base), pure, mixed, ops };
    }),
);

test('taking back everything of an author on whom nobody built gives the text of the others alone', () => {
  check(worlds, ({ base, pure, mixed, ops }) => {
    const hunks = planTakeBack(base, ops, isBot);
    const changes = takeBackChanges(
      hunks,
      hunks.map(() => 'take'),
    );
    assert.ok(hunks.every(isClean));
    assert.equal(findFault(changes, mixed), undefined);
    assert.equal(mixed.apply(changes).toString(), pure.toString());
  });
});

test('what comes back is found where it stood: in a version from before it went', () => {
  let found = 0;
  check(history, ({ base, ops, head }) => {
    const texts = [base];
    for (const { changes } of ops) texts.push(texts.at(-1)!.apply(changes));
    const told = ops.map((op, index) => ({ ...op, version: index + 2 }));
    const hunks = planTakeBack(base, told, isBot);
    const all = hunks.map((): TakeBackChoice => 'take');
    const { changes, returned } = takeBackEdit(hunks, all);
    assert.equal(
      head.apply(changes).toString(),
      head.apply(takeBackChanges(hunks, all)).toString(),
    );
    for (const piece of returned) {
      const text = textOf(piece, changes[piece.change]!);
      const then = texts[piece.version - 1]!;
      const from = fromOf(piece);
      assert.equal(then.slice(from, endOfInserted(from, text)), text);
      found++;
    }
  });
  assert.ok(found > 0);
});

test('taking back everything of everybody gives the text at the start', () => {
  check(history, ({ base, ops, head }) => {
    const hunks = planTakeBack(base, ops, () => true);
    const all = hunks.map((): TakeBackChoice => 'take');
    assert.ok(hunks.every(isClean));
    assert.equal(head.apply(takeBackChanges(hunks, all)).toString(), base.toString());
  });
});

/** What of a text is left of each op: its characters that are there, in order. */
function survivors(woven: WovenText): Map<number, string> {
  const found = new Map<number, string>();
  for (const { text, insertedBy, deletedBy } of woven.strands()) {
    if (deletedBy) continue;
    const seq = insertedBy?.opSeq ?? 0;
    found.set(seq, (found.get(seq) ?? '') + text);
  }
  return found;
}

const withChoices = history.chain((value) =>
  fc.record({
    value: fc.constant(value),
    choices: fc.array(fc.constantFrom<TakeBackChoice>('keep', 'take'), { maxLength: 10 }),
  }),
);

test('nobody else’s characters are ever removed unless that is chosen', () => {
  check(withChoices, ({ value: { base, ops, head }, choices }) => {
    const hunks = planTakeBack(base, ops, isBot);
    const changes = takeBackChanges(hunks, choices);
    assert.equal(findFault(changes, head), undefined);
    const woven = wovenOf(base, ops);
    const before = survivors(woven);
    woven.apply(changes, originOf(ops.length + 1, 'ada'));
    const after = survivors(woven);
    for (const [seq, text] of before) {
      const isTaken = ops[seq - 1]?.origin.author === 'bot';
      if (!isTaken) assert.equal(after.get(seq), text);
      else assert.ok((after.get(seq) ?? '').length <= text.length);
    }
  });
});

test('what is kept stays as it is, and what is taken is gone whole', () => {
  check(history, ({ base, ops, head }) => {
    const hunks = planTakeBack(base, ops, isBot);
    assert.deepEqual(takeBackChanges(hunks, []), []);
    const woven = wovenOf(base, ops);
    const all = hunks.map((): TakeBackChoice => 'take_all');
    woven.apply(takeBackChanges(hunks, all), originOf(ops.length + 1, 'ada'));
    for (const seq of survivors(woven).keys()) assert.notEqual(ops[seq - 1]?.origin.author, 'bot');
    for (const { start, end } of hunks) {
      assert.ok(comparePositions(start, end) <= 0);
      assert.ok(head.contains(start) && head.contains(end));
    }
  });
});

const at = (line: number, from: number, to: number, text: string): Changes => [
  replace({ line, character: from }, { line, character: to }, text),
];

test('a value that somebody set after the agent had is built on the agent’s', () => {
  const ops: WovenOp[] = [
    { origin: originOf(1, 'bot'), changes: at(0, 4, 5, '2') },
    { origin: originOf(2, 'ada'), changes: at(0, 4, 5, '3') },
  ];
  const head = Text.of('a = 3');
  const hunks = planTakeBack(Text.of('a = 1'), ops, isBot);
  assert.equal(hunks.length, 1);
  assert.equal(isClean(hunks[0]!), false);
  assert.equal(hunks[0]!.restored, '1');
  assert.deepEqual(
    hunks[0]!.builtOn.map(({ text, origin }) => [text, origin.author]),
    [['3', 'ada']],
  );
  assert.equal(head.apply(takeBackChanges(hunks, ['take_all'])).toString(), 'a = 1');
  assert.equal(head.apply(takeBackChanges(hunks, ['keep'])).toString(), 'a = 3');
});

test('what others put before or behind a word that the agent replaced stays on its side', () => {
  const replaced: WovenOp = { origin: originOf(1, 'bot'), changes: at(0, 0, 3, 'bar') };
  const inserted = (character: number): WovenOp => ({
    origin: originOf(2, 'ada'),
    changes: at(0, character, character, '+'),
  });
  const withoutBot = (character: number): string => {
    const ops = [replaced, inserted(character)];
    const hunks = planTakeBack(Text.of('foo'), ops, isBot);
    const head = Text.of('bar').apply(ops[1]!.changes);
    return head.apply(takeBackChanges(hunks, ['take'])).toString();
  };
  assert.equal(withoutBot(0), '+foo');
  assert.equal(withoutBot(3), 'foo+');
});

test('a word put into an agent’s paragraph is told, and stays or goes as is chosen', () => {
  const ops: WovenOp[] = [
    { origin: originOf(1, 'bot'), changes: at(1, 0, 0, 'one two\n') },
    { origin: originOf(2, 'ada'), changes: at(1, 3, 3, ' and a half') },
  ];
  const head = Text.of('top\none and a half two\nend');
  const hunks = planTakeBack(Text.of('top\nend'), ops, isBot);
  const result = (choice: TakeBackChoice) =>
    head.apply(takeBackChanges(hunks, [choice])).toString();
  assert.deepEqual(
    hunks[0]!.builtOn.map(({ text }) => text),
    [' and a half'],
  );
  assert.equal(result('take'), 'top\n and a halfend');
  assert.equal(result('take_all'), 'top\nend');
});

test('what somebody has put back already is not there to be taken back again', () => {
  const ops: WovenOp[] = [
    { origin: originOf(1, 'bot'), changes: at(0, 0, 3, 'new') },
    { origin: originOf(2, 'ada'), changes: at(0, 0, 3, 'old') },
  ];
  assert.deepEqual(planTakeBack(Text.of('old'), ops, isBot), []);
});

test('an agent’s separate edits are separate hunks, those on lines in a row are one', () => {
  const ops: WovenOp[] = [
    { origin: originOf(1, 'bot'), changes: at(0, 0, 1, 'A') },
    { origin: originOf(2, 'bot'), changes: at(1, 0, 1, 'B') },
    { origin: originOf(3, 'bot'), changes: at(4, 0, 1, 'E') },
  ];
  const base = Text.of('a\nb\nc\nd\ne');
  const hunks = planTakeBack(base, ops, isBot);
  assert.deepEqual(
    hunks.map(({ start, end }) => [start.line, end.line]),
    [
      [0, 1],
      [4, 4],
    ],
  );
  assert.ok(hunks.every((hunk) => isClean(hunk)));
  const head = Text.of('A\nB\nc\nd\nE');
  assert.equal(head.apply(takeBackChanges(hunks, ['take', 'keep'])).toString(), 'a\nb\nc\nd\nE');
});
