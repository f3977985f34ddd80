import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Changes } from '../../../src/core/change.ts';
import {
  endsAfter,
  followEnds,
  isOtherEnds,
  LineRuns,
  linesOf,
  MOST_RUNS,
  type OtherEnds,
  otherLines,
  readEol,
  withLines,
  withoutLines,
  writeEol,
} from '../../../src/core/other-ends.ts';
import { lineEnds } from '../../../src/core/position.ts';
import { rebase } from '../../../src/core/rebase.ts';
import { Text } from '../../../src/core/text.ts';
import { changesOf, concurrent, content } from './arbitrary.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 100_000 : 2_000;

/** A text, and for each of its line ends whether it is of the other kind. */
const ended = content.chain((base) => {
  const ends = lineEnds(base);
  const kinds = fc.array(fc.boolean(), { minLength: ends, maxLength: ends });
  return fc.record({ base: fc.constant(base), kinds, changes: changesOf(base) });
});

test('each line keeps its own end, and a new one has that of a line at its place', () => {
  fc.assert(
    fc.property(ended, ({ base, kinds, changes }) => {
      const after = followEnds(othersIn(kinds), kinds.length, changes);
      const text = Text.of(base).apply(changes).toString();
      const ends = lineEnds(text);
      assert.equal(endsAfter(kinds.length, changes), ends);
      assert.ok(isOtherEnds(after, ends));
      assert.deepEqual(kindsOf(after, ends), byLetters(base, kinds, changes));
    }),
    { numRuns: RUNS },
  );
});

test('what is said of lines before a change holds after it, in either order', () => {
  fc.assert(
    fc.property(ended, fc.infiniteStream(fc.boolean()), ({ base, kinds, changes }, more) => {
      const ends = lineEnds(base);
      const [others, put, taken] = [
        kinds,
        kinds.map(() => more.next().value),
        kinds.map(() => more.next().value),
      ].map(othersIn) as [OtherEnds, OtherEnds, OtherEnds];
      const follow = (lines: OtherEnds): OtherEnds => followEnds(lines, ends, changes);
      const before = follow(withoutLines(withLines(others, put), taken));
      const after = withoutLines(withLines(follow(others), follow(put)), follow(taken));
      assert.equal(before, after);
    }),
    { numRuns: RUNS },
  );
});

test('two who edit at once leave the ends of the lines that neither touched, in either order', () => {
  fc.assert(
    fc.property(concurrent(2), fc.infiniteStream(fc.boolean()), ({ base, sets }, more) => {
      const [mine, theirs] = sets as [Changes, Changes];
      const kinds = Array.from({ length: lineEnds(base) }, () => more.next().value);
      const both = (first: Changes, second: Changes) => {
        const once = followEnds(othersIn(kinds), kinds.length, first);
        return followEnds(once, endsAfter(kinds.length, first), second);
      };
      const one = both(mine, rebase(theirs, mine, 'after'));
      const other = both(theirs, rebase(mine, theirs, 'before'));
      const apart = [...mine, ...theirs].every(({ text, startLine, endLine }) => {
        return startLine === endLine && !text.includes('\n');
      });
      // Nobody put in or took away a line: all keep their ends.
      if (apart) assert.deepEqual([one, other], [othersIn(kinds), othersIn(kinds)]);
      const ends = endsAfter(endsAfter(kinds.length, mine), rebase(theirs, mine, 'after'));
      assert.ok(isOtherEnds(one, ends) && isOtherEnds(other, ends));
    }),
    { numRuns: RUNS },
  );
});

test('sets of lines are what they are called', () => {
  const lines = fc.array(fc.boolean(), { maxLength: 40 });
  fc.assert(
    fc.property(lines, lines, (one, other) => {
      const ends = Math.max(one.length, other.length);
      const at = (kinds: readonly boolean[], line: number): boolean => kinds[line] ?? false;
      const all = Array.from({ length: ends }, (_, line) => line);
      const [a, b] = [othersIn(one), othersIn(other)];
      assert.deepEqual(
        [...linesOf(a)],
        all.filter((line) => at(one, line)),
      );
      const joined = all.filter((line) => at(one, line) || at(other, line));
      assert.deepEqual([...linesOf(withLines(a, b))], joined);
      const left = all.filter((line) => at(one, line) && !at(other, line));
      assert.deepEqual([...linesOf(withoutLines(a, b))], left);
      const rest = all.filter((line) => !at(one, line));
      assert.deepEqual([...linesOf(otherLines(a, ends))], rest);
      assert.ok(isOtherEnds(withLines(a, b), ends));
    }),
  );
});

test('lines are named in one way only, and only those that have ends', () => {
  const wrong = ['1-1', '3,2', '1,2', '1-2,3', '2-1', '01', ' 1', '1,', '-', '5', '0-5', '1.5'];
  for (const each of wrong) assert.equal(isOtherEnds(each, 5), false, each);
  for (const each of ['', '0', '4', '0-4', '0,2-3']) assert.equal(isOtherEnds(each, 5), true, each);
  const runs = (count: number): OtherEnds => {
    return othersIn(Array.from({ length: 2 * count }, (_, line) => line % 2 === 0));
  };
  assert.equal(isOtherEnds(runs(MOST_RUNS), 4 * MOST_RUNS), true);
  assert.equal(isOtherEnds(runs(MOST_RUNS + 1), 4 * MOST_RUNS), false);
  for (const word of ['lf', 'crlf', 'lf -', 'crlf 0-3,9']) {
    const named = readEol(word)!;
    assert.equal(writeEol(named.eol, named.otherEnds), word);
  }
  for (const word of ['', 'cr', 'lf ', 'LF', 'lf 1 2']) assert.equal(readEol(word), undefined);
});

test('a row of the most pieces is below 16 KiB, however long its text is', () => {
  const first = 9_000_000;
  const runs = new LineRuns();
  for (let at = 0; at < MOST_RUNS; at++) runs.add(first + 3 * at, first + 3 * at + 1);
  assert.ok(runs.toString().length + 16 < 16 * 1024);
});

function othersIn(kinds: readonly boolean[]): OtherEnds {
  const runs = new LineRuns();
  for (const [line, isOther] of kinds.entries()) if (isOther) runs.add(line);
  return runs.toString();
}

function kindsOf(others: OtherEnds, ends: number): boolean[] {
  const lines = new Set(linesOf(others));
  return Array.from({ length: ends }, (_, line) => lines.has(line));
}

/** The same told letter by letter: a text in which the other line ends are another letter. */
function byLetters(base: string, kinds: readonly boolean[], changes: Changes): boolean[] {
  const text = Text.of(base);
  const offsets = Array.from({ length: text.lineCount }, (_, line) => {
    return text.slice({ line: 0, character: 0 }, { line, character: 0 }).length;
  });
  let letters = '';
  let line = 0;
  for (const letter of base) letters += letter !== '\n' ? letter : kinds[line++] ? '\r' : '\n';
  for (const {
    startLine,
    startCharacter,
    endLine,
    endCharacter,
    text: put,
  } of changes.toReversed()) {
    const [from, to] = [offsets[startLine]! + startCharacter, offsets[endLine]! + endCharacter];
    const gone = kinds.slice(startLine, endLine);
    const split = kinds[startLine] ?? kinds[startLine - 1];
    let at = 0;
    const inserted = put.replaceAll('\n', () => {
      const isOther = at < gone.length ? gone[at] : (gone.at(-1) ?? split);
      at++;
      return isOther ? '\r' : '\n';
    });
    letters = letters.slice(0, from) + inserted + letters.slice(to);
  }
  return [...letters]
    .filter((letter) => letter === '\n' || letter === '\r')
    .map((letter) => letter === '\r');
}
