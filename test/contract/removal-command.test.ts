// Removing somebody from the command line, with the invite by which they came.
import assert from 'node:assert/strict';
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
  const members = await agentWorld.json(ada, 'members', folder);
  adasName = String(members['name']);
});

let adasName: string;

after(() => agentWorld.dispose());

test('the list and the history tell who came by whose invite', async () => {
  const invite = await inviteFor(1);
  await join(invite, 'Grace');
  const { out } = await agentWorld.run(ada, 'members', folder);
  assert.match(out, new RegExp(`^Grace +person +editor +invited by ${adasName}`, 'm'));
  const history = await agentWorld.run(ada, 'history', folder);
  assert.match(history.out, new RegExp(`Grace joined by an invite of ${adasName}$`, 'm'));
});

test('a removal that ends the invite lets nobody in by it any more', async () => {
  const invite = await inviteFor(5);
  await join(invite, 'Eve');
  assert.equal((await change('Eve', '--end-invite')).code, 2, 'it goes with a removal only');
  const removed = await change('Eve', '--remove', '--end-invite');
  assert.match(removed.out, /^Eve is removed\.\nThe invite they came by is ended\.$/m);
  const late = await tryJoin(invite, 'Late');
  assert.equal(late.code, 4);
  assert.match(late.err, /not known, used up or expired/);
});

test('a removal that leaves the invite says how to end it, and the removed member stays out', async () => {
  const invite = await inviteFor(5);
  await join(invite, 'Mallory');
  const removed = await change('Mallory', '--remove');
  const [, inviteId] = /agent-world invite --end ([0-9a-f]+)$/m.exec(removed.err) ?? [];
  assert.ok(inviteId, removed.err);
  const again = await tryJoin(invite, 'Mallory');
  assert.equal(again.code, 4);
  assert.match(again.err, /removed after the invite was made/);
  assert.equal((await tryJoin(invite, 'Trent')).code, 0, 'others still come by it');
  const end = ['invite', folder, '--end', inviteId];
  assert.equal((await agentWorld.json(ada, ...end))['ended'], 'ended');
  assert.equal((await agentWorld.json(ada, ...end))['ended'], 'unknown');
  assert.equal((await tryJoin(invite, 'Peggy')).code, 4);
});

async function inviteFor(uses: number): Promise<string> {
  return String((await agentWorld.json(ada, 'invite', folder, '--uses', String(uses)))['invite']);
}

function change(who: string, ...options: readonly string[]) {
  return agentWorld.run(ada, 'members', folder, '--change', who, ...options);
}

let folders = 0;

/** Everybody has a home of their own, so that they are who they were when they come again. */
function tryJoin(invite: string, name: string) {
  const target = path.join(agentWorld.place, `folder-${folders++}`);
  return agentWorld.run(agentWorld.home(name), 'join', invite, target, '--name', name);
}

async function join(invite: string, name: string): Promise<void> {
  const { code, err } = await tryJoin(invite, name);
  assert.equal(code, 0, err);
}
