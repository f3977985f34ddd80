import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { alignLines } from '../../../../src/mirror/restorations/line-alignment.ts';
import { BOT, ToldPast } from './told-past.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

test('lines are aligned in order, each with an equal one, as many as can be', () => {
  fc.assert(
    fc.property(lines, lines, (old, now) => {
      const aligned = alignLines(old, now)!;
      const pairs = [...aligned.entries()].filter(([, to]) => to >= 0);
      for (const [from, to] of pairs) assert.equal(old[from], now[to]);
      const places = pairs.map(([, to]) => to);
      assert.deepEqual(
        places,
        [...new Set(places)].sort((a, b) => a - b),
      );
      assert.equal(pairs.length, longestCommon(old, now));
    }),
    { numRuns: 2_000 },
  );
});

function longestCommon(old: readonly string[], now: readonly string[]): number {
  let last = now.map(() => 0);
  for (const line of old) {
    const next: number[] = [];
    for (const [index, other] of now.entries()) {
      const both = (last[index - 1] ?? 0) + 1;
      next.push(line === other ? both : Math.max(last[index]!, next[index - 1] ?? 0));
    }
    last = next;
  }
  return last.at(-1) ?? 0;
}

test('a long file with changes far apart is judged place by place', async () => {
  const first = Array.from({ length: 5_000 }, (_, index) => `value ${index}`);
  const told = new ToldPast(`${first.join('\n')}\n`);
  for (const line of [3, 2_500, 4_990]) {
    const text = `value of Ada ${line}`;
    const change = { startLine: line, startCharacter: 0, endLine: line, text };
    told.change('ada', [{ ...change, endCharacter: `value ${line}`.length }]);
  }
  const stale = first.map((text, line) => (line === 1_000 ? 'value of the bot' : text));
  const found = await told.writes(`${stale.join('\n')}\n`);
  const back = found?.restoring.map((index) => found.changes[index]!.text);
  assert.deepEqual(back, ['value 3\n', 'value 2500\n', 'value 4990\n']);
  assert.equal(found?.changes.length, 4);
  assert.deepEqual(found?.owners, ['ada']);
  assert.equal(await told.by(BOT, 'all new\n').writes('all new\nand more\n'), undefined);
});
