import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bundleFile, bundleOfSources, textsIn } from '../../../scripts/l10n.mjs';
import { projectRoot } from '../../../scripts/setup/paths.mjs';

test('the bundle for translators has every text that the sources show, and no other', () => {
  assert.equal(
    fs.readFileSync(bundleFile, 'utf8'),
    bundleOfSources(),
    'run `npm run l10n` and commit what it writes',
  );
});

test('every text of the manifest has its key, and no key is left over', () => {
  const manifest = fs.readFileSync(path.join(projectRoot, 'package.json'), 'utf8');
  const keys = Object.keys(readTexts('package.nls.json')).sort();
  const used = [...manifest.matchAll(/"%([^%"\s]+)%"/g)].map(([, key = '']) => key);
  assert.deepEqual(keys, [...new Set(used)].sort());
});

test('nothing that a user reads in the manifest is outside of its texts', () => {
  const { contributes } = JSON.parse(
    fs.readFileSync(path.join(projectRoot, 'package.json'), 'utf8'),
  ) as { contributes: unknown };
  assert.deepEqual(plainTexts(contributes), ['Agent World']);
});

test('texts are found however they are written', () => {
  const source = `
    vscode.l10n.t('one');
    l10n.t("it's {0}", name);
    const { t } = vscode.l10n; return t(\`three\`);
    vscode.l10n.t(
      'four “quoted” "plain"\\n', x);
    convert('no'); this.t('no');`;
  const found = ['one', "it's {0}", 'three', 'four “quoted” "plain"\n'];
  assert.deepEqual(textsIn(source, 'source').sort(), found.sort());
  assert.throws(() => textsIn('l10n.t(text)', 'source'), /one literal/);
  assert.throws(() => textsIn('l10n.t(`${a} b`)', 'source'), /one literal/);
  assert.throws(() => textsIn("l10n.t('a' + b)", 'source'), /one literal/);
});

test('every translation has texts of the bundle only', () => {
  const known = readTexts('l10n/bundle.l10n.json');
  for (const file of fs.readdirSync(path.join(projectRoot, 'l10n'))) {
    const texts = readTexts(`l10n/${file}`);
    assert.deepEqual(
      Object.keys(texts).filter((text) => !Object.hasOwn(known, text)),
      [],
      file,
    );
  }
});

function readTexts(file: string): Record<string, string> {
  return JSON.parse(fs.readFileSync(path.join(projectRoot, file), 'utf8')) as Record<
    string,
    string
  >;
}

const READ = new Set(['title', 'description', 'name', 'contents', 'altText', 'category']);
/** What only models read is in one language. */
const FOR_MODELS = 'languageModelTools';

/** Values under names that are shown which are no keys of texts. */
function plainTexts(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value).filter(([name]) => name !== FOR_MODELS);
  const found = entries.flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'string' && READ.has(name) && !inner.startsWith('%')
      ? [inner]
      : plainTexts(inner),
  );
  return [...new Set(found)];
}
