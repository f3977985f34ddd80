import assert from 'node:assert/strict';
import { readFile, readdir, writeFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { InstalledCommand } from '../harness/installed-command.ts';
import { worldElsewhere } from '../harness/world-elsewhere.ts';

let agentWorld: InstalledCommand;
let ada: string;
let folder: string;

before(async () => {
  agentWorld = await InstalledCommand.install();
  ({ ada, folder } = await worldElsewhere(agentWorld));
});

after(() => agentWorld.dispose());

test('a line of an invite brings the world into a new folder, which is the world’s from then on', async () => {
  const { invite } = await agentWorld.json(ada, 'invite', folder);
  const grace = agentWorld.home('grace');
  const target = path.join(agentWorld.place, 'graces', 'notes');
  const joined = await agentWorld.json(grace, 'join', String(invite), target, '--name', 'Grace');
  assert.deepEqual([joined['world'], joined['folder']], ['project', target]);
  assert.equal(await readFile(path.join(target, 'notes.md'), 'utf8'), 'one\n');
  const members = await agentWorld.run(grace, 'members', target);
  assert.match(members.out, /^Grace +person +editor .*\(you\)$/m);
  assert.equal((await agentWorld.run(grace, 'verify', target)).code, 0);
});

test('an agent joins with a home of its own, as what the invite says', async () => {
  const { invite } = await agentWorld.json(ada, 'invite', folder, '--agent', '--scope', 'src/**');
  const home = agentWorld.home('fixer');
  const target = path.join(agentWorld.place, 'fixers');
  await agentWorld.json(home, 'join', String(invite), target, '--name', 'Fixer');
  assert.match(
    (await agentWorld.run(ada, 'members', folder)).out,
    /^Fixer +agent +editor +only src/m,
  );
});

test('a folder that has something in it is refused before anything is joined', async () => {
  const { invite } = await agentWorld.json(ada, 'invite', folder);
  const late = agentWorld.home('late');
  const full = path.join(agentWorld.place, 'full');
  await mkdir(full);
  await writeFile(path.join(full, 'own.md'), 'own\n');
  const refused = await agentWorld.run(late, 'join', String(invite), full, '--name', 'Late');
  assert.deepEqual([refused.code, /is not empty/.test(refused.err)], [4, true]);
  assert.deepEqual(await readdir(full), ['own.md']);
  assert.doesNotMatch((await agentWorld.run(ada, 'members', folder)).out, /Late/);
  const target = path.join(agentWorld.place, 'empty');
  const joined = await agentWorld.run(late, 'join', String(invite), target, '--name', 'Late');
  assert.equal(joined.code, 0, 'the invite was not used up');
});

test('an invite that is used up, or none, is told with exit code 4', async () => {
  const { invite } = await agentWorld.json(ada, 'invite', folder);
  const first = agentWorld.home('first');
  await agentWorld.json(first, 'join', String(invite), path.join(agentWorld.place, 'first-one'));
  for (const text of [String(invite), 'agent-world://join/nonsense']) {
    const home = agentWorld.home('second');
    const { code, err } = await agentWorld.run(home, 'join', text, path.join(home, 'x'));
    assert.equal(code, 4, err);
    assert.doesNotMatch(err, /[0-9a-f]{64}/, 'an invite is a secret');
  }
});
