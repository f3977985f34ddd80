import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);

test('every code that an agent may be answered is explained', async () => {
  const source = await readFile(new URL('src/agents/tools/answer.ts', root), 'utf8');
  const union = /export type ToolCode =([\s\S]*?);\n/.exec(source)![1]!;
  const codes = [...union.matchAll(/\| '([a-z_]+)'/g)].map(([, code]) => code!);
  const page = await readFile(new URL('docs/agent-answers.md', root), 'utf8');
  const explained = [...page.matchAll(/^\| `([a-z_]+)` /gm)].map(([, code]) => code!);
  assert.deepEqual(explained.toSorted(), codes.toSorted());
});
