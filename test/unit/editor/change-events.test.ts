import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';

test('whoever hears of changed documents does so in the one place where it is measured', async () => {
  const source = path.join(projectRoot, 'src');
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const hearing: string[] = [];
  for (const file of files) {
    const text = await readFile(path.join(source, file), 'utf8');
    if (text.includes('onDidChangeTextDocument')) hearing.push(file);
  }
  assert.deepEqual(hearing, [path.join('editor', 'change-events.ts')]);
});
