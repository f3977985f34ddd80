import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppendFile } from '../../../src/editor/append-file.ts';

type Step =
  | { readonly tag: 'append'; readonly names: readonly string[]; readonly content: string }
  | { readonly tag: 'replace'; readonly name: string };

const name = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    tag: fc.constant('append' as const),
    names: fc.uniqueArray(name, { minLength: 1 }),
    content: fc.string({ maxLength: 20 }),
  }),
  fc.record({ tag: fc.constant('replace' as const), name }),
);

test('each file has all that was appended to it since it was replaced, whichever were written at once', async (context) => {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-append-'));
  context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const folder = path.join(scratch, String(runs++));
      fs.mkdirSync(folder);
      const files = new AppendFile(0o600);
      const expected = new Map<string, string>();
      for (const each of steps) {
        if (each.tag === 'append') {
          const { names, content } = each;
          await Promise.all(names.map((to) => files.append(path.join(folder, to), content)));
          for (const to of names) expected.set(to, (expected.get(to) ?? '') + content);
        } else {
          const file = path.join(folder, each.name);
          files.release(file);
          fs.writeFileSync(`${file}.new`, 'new ');
          fs.renameSync(`${file}.new`, file);
          expected.set(each.name, 'new ');
        }
      }
      files.dispose();
      for (const [to, content] of expected) {
        assert.equal(fs.readFileSync(path.join(folder, to), 'utf8'), content);
      }
    }),
    { numRuns: 50 },
  );
});

test('what is written while it is disposed of is written whole, and nothing stays open', async (context) => {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-append-'));
  context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  const file = path.join(scratch, 'journal');
  const files = new AppendFile(0o600);
  await files.append(file, 'one ');
  const last = files.append(file, 'two');
  files.dispose();
  await last;
  assert.equal(fs.readFileSync(file, 'utf8'), 'one two');
  assert.equal(isOpen(file), false);
});

/** Where the system tells it, as on Linux; elsewhere false. */
function isOpen(file: string): boolean {
  if (!fs.existsSync('/proc/self/fd')) return false;
  return fs.readdirSync('/proc/self/fd').some((descriptor) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${descriptor}`) === fs.realpathSync(file);
    } catch {
      return false;
    }
  });
}
