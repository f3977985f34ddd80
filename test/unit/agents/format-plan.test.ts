import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as prettier from 'prettier';
import { planFormat, soundSteps } from '../../../src/agents/format-plan.ts';
import type { Changes } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';

const format = async (source: string): Promise<string | undefined> => {
  try {
    return await prettier.format(source, { parser: 'babel' });
  } catch {
    return undefined;
  }
};

const messy = 'const a=1\nconst  b = 2;\nfunction f( x ){return x}\n';

test('without anybody there the text becomes what Prettier writes', async () => {
  const formatted = (await format(messy))!;
  const plan = planFormat(Text.of(messy), Text.of(formatted), []);
  assert.equal(Text.of(messy).apply(plan.changes).toString(), formatted);
  assert.equal(plan.deferred, 0);
});

test('lines where somebody is stay as they are', async () => {
  const formatted = (await format(messy))!;
  const plan = planFormat(Text.of(messy), Text.of(formatted), [{ firstLine: 1, lastLine: 1 }]);
  const result = Text.of(messy).apply(plan.changes).toString();
  assert.match(result, /^const a = 1;\nconst {2}b = 2;\nfunction f\(x\) \{\n/);
  assert.equal(plan.deferred, 1);
});

test('every step leaves a text that formats to the same', async () => {
  const text = Text.of(messy);
  const formatted = (await format(messy))!;
  const { changes } = planFormat(text, Text.of(formatted), []);
  let reached = text;
  for (const step of await soundSteps(text, changes, formatted, format, 10)) {
    reached = reached.apply(step);
    assert.equal(await format(reached.toString()), formatted);
  }
  assert.equal(reached.toString(), formatted);
});

test('a half of what belongs together is not written', async () => {
  const base = 'const f = `a` + g(`\nkeep\n`,1)\n';
  const formatted = (await format(base))!;
  const plan = planFormat(Text.of(base), Text.of(formatted), [{ firstLine: 2, lastLine: 2 }]);
  const broken: Changes = [{ ...plan.changes[0]!, text: ')' }];
  assert.deepEqual(await soundSteps(Text.of(base), broken, formatted, format, 10), []);
});

test('steps add up to all changes, however many are allowed', async () => {
  const lines = fc.array(fc.constantFrom('a=1', 'b = 2;', 'c  =3;', 'd'), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 6 }), async (source, maxSteps) => {
      const text = Text.of(`${source.join('\n')}\n`);
      const formatted = (await format(text.toString()))!;
      const { changes } = planFormat(text, Text.of(formatted), []);
      const steps = await soundSteps(text, changes, formatted, format, maxSteps);
      assert.ok(steps.length <= maxSteps);
      const result = steps.reduce((reached, step) => reached.apply(step), text);
      assert.equal(result.toString(), formatted);
    }),
    { numRuns: 30 },
  );
});
