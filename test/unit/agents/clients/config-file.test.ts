import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { putEntry, readEntry, removeEntry } from '../../../../src/agents/clients/config-file.ts';

const AT = ['mcpServers'];
const OURS = { command: '/bin/agent-world', args: ['mcp'] };

const COMMENTED = `{
  // Mine.
  "zeta": { "b": 1, "a": [1,2] }, // keep
  "mcpServers": {
    "other": { "command": "x" }
  },
}
`;

for (const [name, before] of [
  ['comments, order and a trailing comma', COMMENTED],
  ['Windows line ends', COMMENTED.replaceAll('\n', '\r\n')],
  ['tabs', COMMENTED.replaceAll('  ', '\t')],
  ['no list of servers yet', '{ "theme": "dark" }'],
  ['nothing', '{}'],
] as const) {
  test(`an entry comes and goes: ${name}`, async (t) => {
    const file = await fileWith(t, before);
    const change = await putEntry(file, AT, 'agent-world', OURS);
    assert.deepEqual(await readEntry(file, AT, 'agent-world'), OURS);
    const after = await readFile(file, 'utf8');
    for (const line of before.split(/\r?\n/).filter((line) => /keep|Mine|other/.test(line))) {
      assert.ok(after.includes(line.trim()), line);
    }
    assert.equal(after.includes('\r\n'), before.includes('\r\n'));
    await removeEntry(file, AT, 'agent-world', change);
    assert.equal(await readFile(file, 'utf8'), before);
  });
}

test('what somebody changed meanwhile stays when the entry goes', async (t) => {
  const file = await fileWith(t, COMMENTED);
  const change = await putEntry(file, AT, 'agent-world', OURS);
  const edited = (await readFile(file, 'utf8')).replace('// Mine.', '// Mine, and new.');
  await writeFile(file, edited);
  await removeEntry(file, AT, 'agent-world', change);
  const after = await readFile(file, 'utf8');
  assert.equal(await readEntry(file, AT, 'agent-world'), undefined);
  assert.deepEqual(await readEntry(file, AT, 'other'), { command: 'x' });
  assert.ok(after.includes('// Mine, and new.') && after.includes('// keep'));
});

test('a file that was not there is made for its owner alone, and goes again', async (t) => {
  const file = path.join(path.dirname(await fileWith(t, '')), 'new', 'settings.json');
  const change = await putEntry(file, AT, 'agent-world', OURS);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await removeEntry(file, AT, 'agent-world', change);
  await assert.rejects(stat(file), { code: 'ENOENT' });
});

test('a file that cannot be understood stays as it is', async (t) => {
  const file = await fileWith(t, '{ "mcpServers": ');
  await assert.rejects(putEntry(file, AT, 'agent-world', OURS), /stays as it is/);
  assert.equal(await readFile(file, 'utf8'), '{ "mcpServers": ');
});

async function fileWith(
  t: { after: (end: () => Promise<void>) => void },
  text: string,
): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-config-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'settings.json');
  await writeFile(file, text);
  return file;
}
