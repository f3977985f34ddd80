import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeChange, endOf, startOf } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { findFault } from '../../../src/core/validate-changes.ts';
import { minimalChanges, trimChanges } from '../../../src/sync/minimal-changes.ts';
import { changesOf } from '../core/arbitrary.ts';

const anyText = fc.string({
  unit: fc.constantFrom('a', 'b', '\n', '𝒳', '𝒴', '\u{1F600}', '\u{1F601}', 'line\n'),
  maxLength: 60,
});

test('minimal changes turn one text into the other and are acceptable to a world', () => {
  fc.assert(
    fc.property(
      anyText,
      anyText,
      fc.constantFrom('words', 'characters'),
      (before, after, grain) => {
        const base = Text.of(before);
        const changes = minimalChanges(base, after, grain);
        assert.equal(base.apply(changes).toString(), after);
        assert.equal(findFault(changes, base), undefined);
        assert.deepEqual(minimalChanges(base, after, grain), changes);
      },
    ),
    { numRuns: 2000 },
  );
});

test('minimal changes survive texts with halves of surrogate pairs', () => {
  const units = fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', '\ude01', 'a', '\n') });
  fc.assert(
    fc.property(units, units, (before, after) => {
      const base = Text.of(before);
      assert.equal(base.apply(minimalChanges(base, after)).toString(), after);
    }),
    { numRuns: 1000 },
  );
});

test('a word that changed in a long text is one small change', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line number ${index} of the text`);
  const base = Text.ofLines(lines);
  lines[2500] = 'line called 2500 of the text';
  const changes = minimalChanges(base, lines.join('\n'));
  assert.deepEqual(changes.map(describeChange), ['2500:5-2500:11 → "called"']);
});

test('lines around that stay and are like no other move changes, and alter nothing else', () => {
  const line = fc.oneof(
    fc.nat(300).map((number) => `line ${number}`),
    fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', ' ', '\u{1F600}', '\u{1F601}') }),
  );
  const lines = fc.uniqueArray(line, { maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, fc.nat(30), fc.nat(30), (before, after, above, below) => {
      const alone = (each: readonly string[]): string => each.map((one) => `${one}\n`).join('');
      const amid = (each: readonly string[]): string =>
        alone([...numbered('above', above), ...each, ...numbered('below', below)]);
      const moved = minimalChanges(Text.of(alone(before)), alone(after)).map((change) => ({
        ...change,
        startLine: change.startLine + above,
        endLine: change.endLine + above,
      }));
      assert.deepEqual(minimalChanges(Text.of(amid(before)), amid(after)), moved);
    }),
    { numRuns: 1000 },
  );
});

function numbered(word: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index}`);
}

test('texts that have nothing in common are replaced without a long search', () => {
  const base = Text.ofLines(Array.from({ length: 20_000 }, (_, index) => `old ${index}`));
  const target = Array.from({ length: 20_000 }, (_, index) => `new ${index * 7}`).join('\n');
  const changes = minimalChanges(base, target);
  assert.equal(base.apply(changes).toString(), target);
  assert.ok(changes.length > 0);
});

test('changes are trimmed of what they replace by the same', () => {
  const base = Text.of('one two\nthree 😀 four');
  const trim = (text: string): string[] =>
    trimChanges([{ startLine: 0, startCharacter: 4, endLine: 1, endCharacter: 8, text }], base).map(
      describeChange,
    );
  assert.deepEqual(trim('two\nthree 😀'), []);
  assert.deepEqual(trim('two\nthree 😁'), ['1:6-1:8 → "😁"']);
  assert.deepEqual(trim('two\nthree and 😀'), ['1:6-1:6 → "and "']);
  assert.deepEqual(trim('two 😀'), ['0:7-1:5 → ""']);
});

test('trimming does not change what changes do', () => {
  fc.assert(
    fc.property(
      anyText.chain((base) => fc.tuple(fc.constant(base), changesOf(base))),
      ([content, changes]) => {
        const base = Text.of(content);
        const trimmed = trimChanges(changes, base);
        assert.equal(base.apply(trimmed).toString(), base.apply(changes).toString());
        assert.equal(findFault(trimmed, base), undefined);
      },
    ),
    { numRuns: 1000 },
  );
});

test('a line that stays between lines that go, or that come, is not written anew', () => {
  const less = 'one\nkeep\nend\n';
  const more = 'one\na long line of its own\nkeep\nanother line of its own\nend\n';
  for (const [before, after] of [
    [more, less],
    [less, more],
  ] as const) {
    const changes = minimalChanges(Text.of(before), after);
    assert.equal(changes.length, 2);
    assert.ok(changes.every(({ text }) => !text.includes('keep')));
  }
});

test('what says something stays whose it is, whatever comes before it and goes behind it', () => {
  const line = 'what somebody else has written here\n';
  const old = 'an old line\nanother old line\n';
  const fresh = 'something new instead\nand a second new line\n';
  const sentence = ' What somebody else has written here stays as it is, to the last word. ';
  const oldEnd = 'An old end of the line, which nobody wants to read any more, is here.';
  const beginning = 'A new beginning that is as long as the sentence behind it was until now.';
  for (const [before, after] of [
    [line + old, fresh + line],
    [old + line, line + fresh],
    [old + line + old, fresh + line + fresh],
    [sentence + oldEnd, beginning + sentence],
  ] as const) {
    const base = Text.of(before);
    const changes = minimalChanges(base, after);
    const gone = changes.map((change) => base.slice(startOf(change), endOf(change)));
    assert.doesNotMatch(gone.join('…'), /somebody/);
  }
});

test('a line that moves past a mark of a merge, or past less than itself, is not written anew', () => {
  const line = '1213 of somebody: what they have written here\n';
  const [mark, others] = ['>>>>>>> Stashed changes\n', 'another line\na third line\n'];
  for (const [before, after] of [
    [`${line}${others}${mark}old\nolder\n`, `${mark}${line}`],
    [`${mark}old\n${line}`, `${line}new\n${mark}${others}`],
    [`${others}${line}}\nend\n`, `first\n}\n${line}last\n`],
  ] as const) {
    const base = Text.of(before);
    const changes = minimalChanges(base, after);
    assert.equal(base.apply(changes).toString(), after);
    assert.ok(
      changes.every(({ text }) => !text.includes('somebody')),
      JSON.stringify(changes),
    );
  }
});

test('a line that git moves to another side of a conflict is not written anew, however long the lines around it are', () => {
  const marks: Readonly<Record<string, string>> = {
    '<': '<<<<<<< HEAD',
    u: '<<<<<<< Updated upstream',
    '=': '=======',
    '>': '>>>>>>> side',
    s: '>>>>>>> Stashed changes',
  };
  const words = (of: string): string => createHash('sha256').update(of).digest('base64url');
  // `7.2`: the seventh line of all, by member 2.
  const writing = (line: string): string => {
    const [number = '', member] = line.split('.');
    return `${number} of ${member === '4' ? 'first bot' : `member ${member}`}: ${words(number)}`;
  };
  const textOf = (lines: string): string =>
    lines
      .split(' ')
      .map((line) => `${marks[line] ?? writing(line)}\n`)
      .join('');
  const before =
    '< < 2396.2 = = > 2561.1 2673.2 2569.2 2355.1 > 2302.3 2326.3 2047.1 2055.3 2036.2 2399.2 2123.2 2401.1 1998.2 < > = s 1865.3 2785.3 2703.2 1840.4';
  const after =
    'u 2569.2 = 2506.1 s 2355.1 2302.3 2326.3 2047.1 2481.1 2055.3 2036.2 2123.2 1998.2 u > = 2492.3 2479.2 s 1865.3 2439.3 2449.2 2439.3 1840.4';
  const base = Text.of(textOf(before));
  const changes = minimalChanges(base, textOf(after));
  assert.equal(base.apply(changes).toString(), textOf(after));
  const typed = changes.map(({ text }) => text).join('');
  for (const line of ['2569', '2355', '2302']) {
    assert.ok(!typed.includes(words(line).slice(0, 20)), `${line} is put in: ${typed}`);
  }
});
