// A setting that is changed acts, or docs/settings.md says that it does not: none is forgotten.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';

const rows = new Map(
  (await readFile(path.join(projectRoot, 'docs', 'settings.md'), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [name, standard, acts] = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')) as [string, string, string];
      return [name, { standard, acts }];
    }),
);

interface Manifest {
  readonly contributes: {
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly default: unknown }>>;
    };
  };
}
const manifest = JSON.parse(
  await readFile(path.join(projectRoot, 'package.json'), 'utf8'),
) as Manifest;
const settings = Object.entries(manifest.contributes.configuration.properties).map(
  ([name, { default: standard }]) => ({ name: name.replace(/^agentWorld\./, ''), standard }),
);

test('the table has every setting, and its default', () => {
  assert.deepEqual([...rows.keys()].sort(), settings.map(({ name }) => name).sort());
  for (const { name, standard } of settings) {
    if (typeof standard === 'object') continue;
    assert.equal(rows.get(name)?.standard, standard === '' ? 'empty' : spelled(standard), name);
  }
});

test('a setting that acts at once is listened to, and any other is read whenever it is used', async () => {
  const listened = await listenedTo();
  for (const [name, { acts }] of rows) {
    const isListenedTo = [...listened].some((each) => name === each || name.startsWith(`${each}.`));
    if (isListenedTo) assert.match(acts, /^at once/, name);
    else assert.match(acts, /^at the next use: when /, name);
  }
});

function spelled(standard: unknown): string {
  return typeof standard === 'string' ? standard : JSON.stringify(standard);
}

/** Settings, and groups of them, of whose changes the code wants to hear. */
async function listenedTo(): Promise<ReadonlySet<string>> {
  // These two are each folder's own.
  const found = new Set(['exclude', 'temporaryNames']);
  const folder = path.join(projectRoot, 'src');
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const source = await readFile(path.join(folder, file), 'utf8');
    for (const [, name] of source.matchAll(/onSetting\(\s*'([\w.]+)'/g)) found.add(name!);
    // Anywhere else a setting would be listened to that this test does not see.
    const isKnown = ['editor/settings.ts', 'editor/mirror-keeper.ts'].includes(
      file.replaceAll(path.sep, '/'),
    );
    if (!isKnown) assert.doesNotMatch(source, /onDidChangeConfiguration/, file);
  }
  return found;
}
