import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { parse } from 'jsonc-parser';
import { hooksOfClient } from '../../../../src/agents/clients/client-hooks.ts';
import type { ListEntry } from '../../../../src/agents/clients/config-list.ts';
import { putInLists, takeFromLists } from '../../../../src/agents/clients/config-list.ts';

const OURS = hooksOfClient('claude')!.of("/home/o'hara/bin/agent-world") as readonly ListEntry[];

const COMMENTED = `{
  // Mine.
  "model": "opus", // keep
  "hooks": {
    "PreToolUse": [
      // Before each command.
      { "matcher": "Bash", "hooks": [{ "type": "command", "command": "mine" }] }, // keep
    ],
    "Stop": [],
  },
}
`;

interface Settings {
  readonly hooks?: Readonly<Record<string, readonly { readonly matcher?: string }[]>>;
}

for (const [name, before] of [
  ['hooks of others, comments and trailing commas', COMMENTED],
  ['Windows line ends', COMMENTED.replaceAll('\n', '\r\n')],
  ['tabs', COMMENTED.replaceAll('  ', '\t')],
  ['other settings on one line', '{ "theme": "dark" }'],
  ['nothing', '{}'],
] as const) {
  test(`hooks come and go: ${name}`, async (t) => {
    const file = await fileWith(t, before);
    const change = await putInLists(file, OURS);
    const text = await readFile(file, 'utf8');
    const { hooks } = settingsIn(text);
    for (const { at, value } of OURS) assert.deepEqual(hooks?.[at[1]!]?.[0], value, text);
    for (const line of before.split(/\r?\n/).filter((each) => /keep|Mine|Before/.test(each))) {
      assert.ok(text.includes(line.trim()), line);
    }
    await takeFromLists(file, OURS, change);
    assert.equal(await readFile(file, 'utf8'), before);
  });
}

test('what somebody changed meanwhile stays when the hooks go', async (t) => {
  const file = await fileWith(t, COMMENTED);
  const change = await putInLists(file, OURS);
  await writeFile(file, (await readFile(file, 'utf8')).replace('// Mine.', '// Mine, and new.'));
  await takeFromLists(file, OURS, change);
  const text = await readFile(file, 'utf8');
  assert.doesNotMatch(text, /agent-world/);
  assert.ok(text.includes('// Mine, and new.') && text.includes('// Before each command.'), text);
  assert.deepEqual(
    settingsIn(text).hooks?.['PreToolUse']?.map(({ matcher }) => matcher),
    ['Bash'],
  );
});

for (const before of [
  '{\n  // Mine.\n  "theme": "dark"\n}\n',
  '{ /* mine */ "theme": "dark" }',
  COMMENTED.replace('"model": "opus"', '"theme": "dark"'),
]) {
  test(`comments stay when the hooks go, also where a client wrote into the file: ${before.slice(0, 12)}`, async (t) => {
    const file = await fileWith(t, before);
    const change = await putInLists(file, OURS);
    const theirs = (text: string): string => text.replace('"theme"', '"$version": 4, "theme"');
    await writeFile(file, theirs(await readFile(file, 'utf8')));
    await takeFromLists(file, OURS, change);
    assert.equal(await readFile(file, 'utf8'), theirs(before));
  });
}

test('a damaged file stays as it is; one that was not there goes again', async (t) => {
  const file = await fileWith(t, '{ "hooks": ');
  await assert.rejects(putInLists(file, OURS), { code: 'bad_home' });
  assert.equal(await readFile(file, 'utf8'), '{ "hooks": ');
  const fresh = path.join(path.dirname(file), 'new', 'settings.json');
  const change = await putInLists(fresh, OURS);
  await takeFromLists(fresh, OURS, change);
  await assert.rejects(stat(fresh), { code: 'ENOENT' });
});

function settingsIn(text: string): Settings {
  return parse(text, [], { allowTrailingComma: true }) as Settings;
}

async function fileWith(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-lists-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'settings.json');
  await writeFile(file, text);
  return file;
}
