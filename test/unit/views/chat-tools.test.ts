import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { chatTools } from '../../../scripts/chat-tools.mjs';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { deletedPaths } from '../../../src/agents/tools/deleted-paths.ts';

test('VS Code’s chat is told of the tools as every other client is', () => {
  const { tools, texts } = chatTools();
  const { contributes } = readJson('package.json') as {
    readonly contributes: { readonly languageModelTools: unknown };
  };
  assert.deepEqual(contributes.languageModelTools, tools, 'run `npm run chat-tools`');
  const shown = readJson('package.nls.json') as Readonly<Record<string, string>>;
  for (const [key, text] of Object.entries(texts)) assert.equal(shown[key], text);
});

test('what a call deletes is known before it runs, in whichever form it says so', () => {
  const gone = (patch: string): readonly string[] => deletedPaths({ patch });
  assert.deepEqual(gone('*** Begin Patch\n*** Delete File: a b.md\n*** End Patch'), ['a b.md']);
  assert.deepEqual(gone('--- a/one.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n'), ['one.md']);
  assert.deepEqual(gone('--- a/one.md\n+++ b/one.md\n@@ -1 +1 @@\n-one\n+two\n'), []);
  assert.deepEqual(gone('no patch'), []);
  const changes = [
    { kind: 'delete', path: 'x' },
    { kind: 'patch', patch: '*** Begin Patch\n*** Delete File: y\n*** End Patch' },
    { kind: 'write', path: 'z', text: '' },
    null,
  ];
  assert.deepEqual(deletedPaths({ changes }), ['x', 'y']);
  assert.deepEqual(deletedPaths({}), []);
});

function readJson(name: string): unknown {
  return JSON.parse(fs.readFileSync(path.join(projectRoot, name), 'utf8'));
}
