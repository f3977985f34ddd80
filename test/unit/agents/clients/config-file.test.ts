import assert from 'node:assert/strict';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
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
  ['not a byte', ''],
  ['a byte order mark', '\ufeff{ "theme": "dark" }'],
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

for (const [name, before, written] of [
  ['behind it', '{\n  // Mine.\n  "zeta": 1 // keep\n}\n', '"alpha": 2, "zeta": 1'],
  ['on one line', '{ /* mine */ "zeta": 1 /* keep */ }', '"alpha": 2, "zeta": 1'],
  ['in its object', COMMENTED, '"alpha": 2, "zeta": { "b": 1, "a": [1,2] }'],
  ['alone in a comment', '{ // mine\n}\n', ''],
] as const) {
  test(`comments around the entry stay when it goes, also where a client wrote into the file: ${name}`, async (t) => {
    const file = await fileWith(t, before);
    const change = await putEntry(file, AT, 'agent-world', OURS);
    const theirs = (text: string): string =>
      text.replace(
        written === '' ? 'mine' : written.replace(/^"alpha": 2, /, ''),
        written || 'new',
      );
    await writeFile(file, theirs(await readFile(file, 'utf8')));
    await removeEntry(file, AT, 'agent-world', change);
    assert.equal(await readFile(file, 'utf8'), theirs(before));
  });
}

test('an entry goes that a client has put behind others', async (t) => {
  const file = await fileWith(t, '{}');
  const change = await putEntry(file, AT, 'agent-world', OURS);
  const ours = JSON.stringify(OURS);
  const other = '"other": { "command": "x" }';
  await writeFile(
    file,
    `{ "mcpServers": {\n  ${other} // mine, not yours\n  , "agent-world": ${ours} // keep\n} }\n`,
  );
  await removeEntry(file, AT, 'agent-world', change);
  const left = await readFile(file, 'utf8');
  assert.equal(left, `{ "mcpServers": {\n  ${other} // mine, not yours\n   // keep\n} }\n`);
});

test('an object that was made for the entry goes with it, also where a client wrote into the file', async (t) => {
  const before = '{ "theme": "dark" }';
  const file = await fileWith(t, before);
  const change = await putEntry(file, ['mcp', 'servers'], 'agent-world', OURS);
  const written = await readFile(file, 'utf8');
  await writeFile(file, written.replace('{', '{\n  "$schema": "x",'));
  await removeEntry(file, ['mcp', 'servers'], 'agent-world', change);
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { $schema: 'x', theme: 'dark' });
});

test('a file that was not there is made for its owner alone, and goes again', async (t) => {
  const file = path.join(path.dirname(await fileWith(t, '')), 'new', 'settings.json');
  const change = await putEntry(file, AT, 'agent-world', OURS);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await removeEntry(file, AT, 'agent-world', change);
  await assert.rejects(stat(file), { code: 'ENOENT' });
});

for (const damaged of [
  '{ "mcpServers": ',
  '[]\n',
  '3',
  '{ "mcpServers": 3 }',
  '{ "mcpServers": [] }',
]) {
  test(`a file that cannot be understood stays as it is: ${damaged.trim()}`, async (t) => {
    const file = await fileWith(t, damaged);
    await assert.rejects(putEntry(file, AT, 'agent-world', OURS), /stays as it is/);
    assert.equal(await readFile(file, 'utf8'), damaged);
  });
}

for (const without of ['', '{}', '{ "mcpServers": 3 }', '{ "mcpServers": {} }']) {
  test(`an entry that somebody took out already is no fault: ${without}`, async (t) => {
    const file = await fileWith(t, '{}');
    const change = await putEntry(file, AT, 'agent-world', OURS);
    await writeFile(file, without);
    await removeEntry(file, AT, 'agent-world', change);
    assert.equal(await readFile(file, 'utf8'), without);
  });
}

for (const [name, kept] of [
  ['a file', '{ "theme": "dark" }'],
  ['nothing yet', undefined],
] as const) {
  test(`a link to ${name} stays a link, and what it leads to is changed`, async (t) => {
    const file = await fileWith(t, '');
    const elsewhere = path.join(path.dirname(file), 'mine.json');
    await rm(file);
    await symlink('mine.json', file);
    if (kept !== undefined) await writeFile(elsewhere, kept);
    const change = await putEntry(file, AT, 'agent-world', OURS);
    assert.ok((await lstat(file)).isSymbolicLink());
    assert.match(await readFile(elsewhere, 'utf8'), /agent-world/);
    await removeEntry(file, AT, 'agent-world', change);
    assert.ok((await lstat(file)).isSymbolicLink());
    if (kept === undefined) await assert.rejects(stat(elsewhere), { code: 'ENOENT' });
    else assert.equal(await readFile(elsewhere, 'utf8'), kept);
  });
}

test('a file that is for reading only is not replaced, and a folder in its place is told of', async (t) => {
  const file = await fileWith(t, '{}');
  await chmod(file, 0o444);
  await assert.rejects(putEntry(file, AT, 'agent-world', OURS), /reading only/);
  assert.equal(await readFile(file, 'utf8'), '{}');
  await rm(file);
  await mkdir(file);
  await assert.rejects(putEntry(file, AT, 'agent-world', OURS), /cannot be read \(EISDIR\)/);
  assert.deepEqual(await readdir(path.dirname(file)), ['settings.json']);
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
