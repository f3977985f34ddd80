// Commands as an identity of one's own, by the token in a file.
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import { InstalledCommand } from '../harness/installed-command.ts';
import { withoutWaits } from '../harness/without-waits.ts';

let installed: InstalledCommand;
let server: string;

/** Another home's host is the server. */
before(async () => {
  installed = await InstalledCommand.install();
  const elsewhere = path.join(installed.place, 'elsewhere');
  await mkdir(elsewhere);
  server = String((await installed.json(installed.home('server'), 'open', elsewhere))['uri']);
});
after(() => installed.dispose());

async function someone(name: string, mode = 0o600): Promise<StoredIdentity & { file: string }> {
  const identity = await newIdentity(server);
  const file = path.join(installed.place, `${name}.token`);
  await writeFile(file, `${identity.token}\n`);
  await chmod(file, mode);
  return { ...identity, file };
}

async function project(name: string): Promise<string> {
  const folder = path.join(installed.place, name);
  await mkdir(folder);
  await writeFile(path.join(folder, 'notes.md'), 'one\n');
  return folder;
}

const identityOf = async (home: string, ...args: readonly string[]) => {
  const { out } = await installed.run(home, 'members', ...args, '--json');
  const members = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { identity: string });
  return members.map(({ identity }) => identity);
};

test('who publishes and who joins is whom the file says, and the home stays that', async () => {
  const [ada, grace] = [await someone('ada'), await someone('grace')];
  const folder = await project('shared');
  const home = installed.home('ada');
  await installed.json(home, 'publish', folder, '--server', server, '--token-file', ada.file);
  assert.deepEqual(await identityOf(home, folder), [ada.identity]);
  const { invite } = await installed.json(home, 'invite', folder);
  const other = installed.home('grace');
  const target = path.join(installed.place, 'graces');
  const joined = await installed.run(
    other,
    'join',
    String(invite),
    target,
    '--name',
    'Grace',
    '--token-file',
    grace.file,
  );
  assert.equal(joined.code, 0, joined.err);
  assert.ok(!(joined.out + joined.err).includes(grace.token));
  const expected = [ada.identity, grace.identity].sort();
  assert.deepEqual((await identityOf(other, target)).sort(), expected);
  assert.equal((await installed.run(other, 'verify', target)).code, 0);
});

test('other commands are whom the file says for once', async () => {
  const [owner, guest] = [await someone('owner'), await someone('guest')];
  const folder = await project('once');
  const home = installed.home('once');
  await installed.json(home, 'publish', folder, '--server', server, '--token-file', owner.file);
  const { code, err } = await installed.run(home, 'verify', folder, '--token-file', guest.file);
  assert.equal(code, 4);
  assert.match(err, /not a member/);
  assert.equal((await installed.run(home, 'verify', folder)).code, 0);
});

test('a home that is somebody else at that server already is not made another', async () => {
  const [first, second] = [await someone('first'), await someone('second')];
  const home = installed.home('taken');
  const folder = await project('taken-1');
  await installed.json(home, 'publish', folder, '--server', server, '--token-file', first.file);
  const other = await project('taken-2');
  const { code, err } = await installed.run(
    home,
    'publish',
    other,
    '--server',
    server,
    '--token-file',
    second.file,
  );
  assert.deepEqual(
    [code, ...withoutWaits(err)],
    [
      4,
      `This home is another identity at ${new URL(server).origin} already; name another home: --home DIR`,
    ],
  );
});

test('one’s own host is never shown the token', async () => {
  const { file, identity } = await someone('own-host');
  const home = installed.home('own-host');
  const folder = await project('at-home');
  await installed.json(home, 'open', folder, '--token-file', file);
  assert.ok(!(await identityOf(home, folder)).includes(identity));
});

test('a file that others may read is refused before anything is done', async () => {
  const { file, token } = await someone('open', 0o640);
  const home = installed.home('open-file');
  const { code, out, err } = await installed.run(
    home,
    'publish',
    await project('unread'),
    '--server',
    server,
    '--token-file',
    file,
  );
  assert.deepEqual(
    [code, out, err],
    [4, '', `Others may read the token in ${file}; run: chmod 600 '${file}'\n`],
  );
  assert.ok(!err.includes(token));
  await assert.rejects(readFile(path.join(home, 'worlds.json')), { code: 'ENOENT' });
});
