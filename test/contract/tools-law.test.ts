// No text of others goes away by what an agent does on an old text, whatever the tool.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { minimalChanges } from '../../src/sync/minimal-changes.ts';
import { type ToolUser, ToolsLab } from './tools-lab.ts';

/** What somebody does to one of the lines. */
interface Step {
  readonly kind: 'replace' | 'insert' | 'delete';
  /** Which line, as a share of those there are. */
  readonly at: number;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('replace' as const, 'insert' as const, 'delete' as const),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Every line that comes has a word that no other has. */
function edited(
  lines: readonly string[],
  made: readonly Step[],
  word: () => string,
): readonly string[] {
  const result = [...lines];
  for (const { kind, at } of made) {
    const index = Math.floor(at * result.length);
    const gone = kind === 'insert' ? 0 : 1;
    result.splice(index, gone, ...(kind === 'delete' ? [] : [word()]));
  }
  return result;
}

async function write(person: ToolUser, path: string, lines: readonly string[]): Promise<void> {
  const read = await person.agent.read(path);
  assert.ok(read.tag === 'text');
  const changes = minimalChanges(read.text, textOf(lines));
  if (changes.length > 0) await person.agent.edit(path, changes);
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

test('a whole file written on an old text never removes what others wrote since, and is never half done', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  let files = 0;
  let words = 0;
  const rounds = fc.array(fc.record({ others: steps, own: steps }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 8 }), rounds, async (count, played) => {
      const path = `${++files}.txt`;
      let inMind: readonly string[] = Array.from({ length: count }, (_, index) => `line ${index}`);
      await lab.file(bob, path, textOf(inMind));
      await ada.tools.readFile({ path });
      const word = (of: string) => () => `${of}${++words}.`;
      for (const { others, own } of played) {
        const before = (await lab.text(path)).split('\n').slice(0, -1);
        const bobs = edited(before, others, word('bob'));
        const adas = edited(inMind, own, word('ada'));
        await write(bob, path, bobs);
        const answer = await ada.tools.writeFile({ path, text: textOf(adas) });
        const now = await lab.text(path);
        for (const line of bobs.filter((each) => each.startsWith('bob'))) {
          assert.ok(now.includes(line), `${line} is gone from ${now}`);
        }
        const gone = before.filter((each) => !bobs.includes(each));
        for (const line of now.split('\n')) assert.ok(!gone.includes(line), `${line} is back`);
        const isDone = answer.code === 'ok';
        assert.ok(
          isDone || ['ticket', 'no_change', 'stale_copy'].includes(answer.code),
          answer.code,
        );
        for (const line of adas.filter((each) => !inMind.includes(each))) {
          assert.equal(now.includes(line), isDone, `${answer.code}: ${line} in ${now}`);
        }
        if (!isDone) return;
        inMind = adas;
      }
    }),
    { numRuns: 12 },
  );
});
