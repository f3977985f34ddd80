import { ChangeSet, Text as OracleText } from '@codemirror/state';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Changes, normalizeChanges, sameChanges } from '../../../src/core/change.ts';
import { compose } from '../../../src/core/compose.ts';
import { invert } from '../../../src/core/invert.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import { mapPosition } from '../../../src/core/map-position.ts';
import { rebase } from '../../../src/core/rebase.ts';
import { Text } from '../../../src/core/text.ts';
import { findFault } from '../../../src/core/validate-changes.ts';
import { changesOf, concurrent, content, placesOf, rawChangesOf } from './arbitrary.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 200_000 : 4_000;

function check<T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, law), { numRuns: RUNS });
}

function applied(base: string, ...sets: Changes[]): string {
  let text = Text.of(base);
  for (const changes of sets) {
    assert.equal(findFault(changes, text), undefined);
    text = text.apply(changes);
  }
  return text.toString();
}

const withTwoInARow = content.chain((base) =>
  changesOf(base).chain((first) =>
    changesOf(applied(base, first)).map((second) => ({ base, first, second })),
  ),
);

function oracle(base: string, changes: Changes): ChangeSet {
  const doc = OracleText.of(base.split('\n'));
  const offset = (line: number, character: number) => doc.line(line + 1).from + character;
  return ChangeSet.of(
    changes.map((change) => ({
      from: offset(change.startLine, change.startCharacter),
      to: offset(change.endLine, change.endCharacter),
      insert: change.text,
    })),
    doc.length,
    '\n',
  );
}

test('apply agrees with an independent implementation', () => {
  check(concurrent(1), ({ base, sets: [changes] }) => {
    const expected = oracle(base, changes!).apply(OracleText.of(base.split('\n')));
    assert.equal(applied(base, changes!), expected.toString());
  });
});

test('the mutable buffer folds to the same text', () => {
  check(withTwoInARow, ({ base, first, second }) => {
    const buffer = LineBuffer.of(base);
    buffer.apply(first);
    buffer.apply(second);
    assert.equal(buffer.toString(), applied(base, first, second));
  });
});

test('invert restores the base', () => {
  check(concurrent(1), ({ base, sets: [changes] }) => {
    assert.equal(applied(base, changes!, invert(changes!, Text.of(base))), base);
  });
});

test('compose does what both do in a row', () => {
  check(withTwoInARow, ({ base, first, second }) => {
    assert.equal(applied(base, compose(first, second)), applied(base, first, second));
  });
});

test('compose is associative in effect', () => {
  const three = withTwoInARow.chain((two) =>
    changesOf(applied(two.base, two.first, two.second)).map((third) => ({ ...two, third })),
  );
  check(three, ({ base, first, second, third }) => {
    const left = compose(compose(first, second), third);
    const right = compose(first, compose(second, third));
    assert.equal(applied(base, left), applied(base, right));
  });
});

test('a change and its inverse compose to the same text', () => {
  check(concurrent(1), ({ base, sets: [changes] }) => {
    assert.equal(applied(base, compose(changes!, invert(changes!, Text.of(base)))), base);
  });
});

test('two orders of concurrent changes meet in the same text', () => {
  check(concurrent(2), ({ base, sets: [a, b] }) => {
    const aThenB = applied(base, a!, rebase(b!, a!, 'after'));
    const bThenA = applied(base, b!, rebase(a!, b!, 'before'));
    assert.equal(aThenB, bThenA);
  });
});

test('rebase keeps every inserted character of both sides unless both made the same replacement', () => {
  check(concurrent(2), ({ base, sets: [a, b] }) => {
    const twins = a!.some((change) => b!.some((other) => sameChanges([change], [other])));
    fc.pre(!twins);
    const result = applied(base, a!, rebase(b!, a!, 'after'));
    const marks = (text: string) => [...text].filter((c) => 'xy𝒵'.includes(c)).length;
    const typed = [...a!, ...b!].reduce((sum, change) => sum + marks(change.text), 0);
    assert.equal(marks(result), typed);
  });
});

test('rebase agrees with an independent implementation where neither deletes what the other touches', () => {
  check(concurrent(2), ({ base, sets: [a, b] }) => {
    fc.pre(
      [...a!, ...b!].every((c) => c.startLine === c.endLine && c.startCharacter === c.endCharacter),
    );
    const doc = OracleText.of(base.split('\n'));
    const first = oracle(base, a!);
    const expected = oracle(base, b!).map(first).apply(first.apply(doc)).toString();
    assert.equal(applied(base, a!, rebase(b!, a!, 'after')), expected);
  });
});

test('a replacement made by both sides is made once', () => {
  const change = [{ startLine: 0, startCharacter: 4, endLine: 0, endCharacter: 7, text: '2' }];
  assert.deepEqual(rebase(change, change, 'after'), []);
  assert.equal(applied('one two three', change, rebase(change, change, 'after')), 'one 2 three');
});

test('insertions at the same place are both kept, committed text first', () => {
  const committed = [{ startLine: 0, startCharacter: 1, endLine: 0, endCharacter: 1, text: 'C' }];
  const mine = [{ startLine: 0, startCharacter: 1, endLine: 0, endCharacter: 1, text: 'M' }];
  assert.equal(applied('ab', committed, rebase(mine, committed, 'after')), 'aCMb');
  assert.equal(applied('ab', mine, rebase(committed, mine, 'before')), 'aCMb');
});

test('normalizing changes nothing in the result', () => {
  const raw = content.chain((base) => rawChangesOf(base).map((changes) => ({ base, changes })));
  check(raw, ({ base, changes }) => {
    assert.equal(applied(base, normalizeChanges(changes)), applied(base, changes));
  });
});

test('mapped positions keep their order and stay inside the text', () => {
  check(concurrent(1), ({ base, sets: [changes] }) => {
    const text = Text.of(base);
    const result = text.apply(changes!);
    for (const bias of ['before', 'after'] as const) {
      let last = { line: 0, character: 0 };
      for (const place of placesOf(text)) {
        const mapped = mapPosition(place, changes!, bias);
        assert.ok(result.contains(mapped), `${bias} ${JSON.stringify({ place, mapped })}`);
        assert.ok(
          mapped.line > last.line ||
            (mapped.line === last.line && mapped.character >= last.character),
        );
        last = mapped;
      }
    }
  });
});

test('equal texts have equal chunks, however they came about', () => {
  const long = fc.array(
    fc.string({ maxLength: 60 }).map((s) => s.replaceAll('\n', ' ')),
    {
      minLength: 1,
      maxLength: 400,
    },
  );
  const edited = long.chain((lines) =>
    changesOf(lines.slice(0, 30).join('\n'), 5).map((changes) => ({ lines, changes })),
  );
  fc.assert(
    fc.property(edited, ({ lines, changes }) => {
      const text = Text.ofLines(lines).apply(changes);
      const fresh = Text.of(text.toString());
      const shape = (t: Text) => t.groups.map((g) => g.chunks.map((c) => c.lines));
      assert.deepEqual(shape(text), shape(fresh));
      assert.equal(text.length, text.toString().length);
      assert.equal(text.lineCount, text.toString().split('\n').length);
    }),
    { numRuns: RUNS / 20 },
  );
});
