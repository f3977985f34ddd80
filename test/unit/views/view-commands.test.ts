import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { VIEW_COMMANDS } from '../../../src/views/view-commands.ts';

test('every command is there once: a second one of its name would keep the extension from starting', async () => {
  assert.deepEqual(repeated(VIEW_COMMANDS), []);
  const manifest = JSON.parse(
    await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
  ) as {
    readonly contributes: { readonly commands: readonly { readonly command: string }[] };
  };
  const declared = manifest.contributes.commands.map(({ command }) => command);
  assert.deepEqual(repeated(declared), []);
  const missing = VIEW_COMMANDS.filter((name) => !declared.includes(`agentWorld.${name}`));
  assert.deepEqual(missing, []);
});

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
