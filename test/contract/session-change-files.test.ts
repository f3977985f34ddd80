// Several files changed in one call, through a real connection.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AgentSession, AgentStep, Reading } from '../../src/agents/agent-session.ts';
import { change, insert } from '../unit/module/test-world.ts';
import { CHANGE_FILES_LEVEL } from '../../src/core/module-level.ts';
import { verifyArchive } from '../../src/world/archive-file.ts';
import { backupWorld } from '../../src/world/backup.ts';
import { publishModule } from '../../src/world/publish.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { waitingSteps } from '../../src/core/file-steps.ts';
import { bundle, whenever, WorldLab } from './world-lab.ts';

test('an agent changes several files in one call, and is told of each', async (t) => {
  const { ada, a, b } = await project(t);
  const done = await ada.changeFiles([
    { kind: 'rename', ...b, from: 'b.txt', to: 'lib/b.txt' },
    edit(a, [change(0, 0, 0, 3, 'ONE')]),
    edit(b, insert(0, 0, 'moved ')),
    { kind: 'create', path: 'b.txt', content: text('new\n') },
    { kind: 'mode', ...b, mode: 'regular', eol: 'lf', bom: false },
  ]);
  assert.equal(done.tag, 'applied');
  if (done.tag !== 'applied') return;
  assert.deepEqual(
    done.steps.map(({ version, rebased, unchanged }) => [version, rebased, unchanged]),
    [
      [1, false, false],
      [2, false, false],
      [2, false, false],
      [1, false, false],
      [2, false, true],
    ],
  );
  await readHeadSeq(await ada.session.whenOnline());
  await whenever(ada.session, () => ada.session.view.fileAt('b.txt') !== undefined);
  assert.equal(ada.session.view.fileAt('b.txt')!.fileId, done.steps[3]!.fileId);
  assert.equal(await textOf(ada, 'lib/b.txt'), 'moved one\ntwo\n');
  assert.equal(await textOf(ada, 'a.txt'), 'ONE\ntwo\n');
});

test('where somebody was in the way of one step all wait in one ticket, which can be taken back or done', async (t) => {
  const { ada, bob, a, b } = await project(t);
  await bob.read('a.txt');
  await bob.replace('a.txt', [{ search: 'one', replacement: 'bob' }]);
  const steps: AgentStep[] = [
    { kind: 'create', path: 'new.txt', content: text('new\n') },
    { kind: 'delete', ...b },
    edit(a, [change(0, 0, 0, 3, 'ada')]),
  ];
  for (const decide of ['withdraw', 'insist'] as const) {
    const held = await ada.changeFiles(steps);
    assert.equal(held.tag, 'ticketed');
    if (held.tag !== 'ticketed') return;
    await whenever(ada.session, () => ada.session.view.tickets.has(held.ticketId));
    assert.equal(await textOf(ada, 'a.txt'), 'bob\ntwo\n');
    assert.equal(ada.session.view.fileAt('new.txt'), undefined);
    const ticket = (await ada.ticket(held.ticketId))!;
    assert.deepEqual(
      waitingSteps(ticket.payload)?.map(({ kind }) => kind),
      ['create', 'delete', 'edit'],
    );
    assert.equal((await ada[decide](held.ticketId)).tag, 'applied');
    await whenever(ada.session, () => !ada.session.view.tickets.has(held.ticketId));
  }
  await whenever(ada.session, () => ada.session.view.fileAt('new.txt') !== undefined);
  assert.equal(await textOf(ada, 'a.txt'), 'ada\ntwo\n');
  assert.equal(ada.session.view.fileAt('b.txt'), undefined);
});

test('a world with such calls, done and waiting, is verified and backed up with all that they bring', async (t) => {
  const { lab, ada, bob, a, b } = await project(t);
  const made: AgentStep[] = ['x', 'y'].map((name) => {
    return { kind: 'create', path: `${name}.txt`, content: text(`${name}\n`.repeat(200)) };
  });
  const done = await ada.changeFiles([...made, edit(b, insert(0, 0, 'b '))]);
  assert.equal(done.tag, 'applied');
  await bob.read('a.txt');
  await bob.replace('a.txt', [{ search: 'one', replacement: 'bob' }]);
  const bytes = Uint8Array.of(0, 1, 2);
  const waiting: AgentStep[] = [
    { kind: 'create', path: 'z.txt', content: text('z\n'.repeat(300)) },
    { kind: 'content', fileId: b.fileId, version: 2, content: { kind: 'binary', bytes } },
    edit(a, [change(0, 0, 0, 3, 'ada')]),
  ];
  assert.equal((await ada.changeFiles(waiting)).tag, 'ticketed');
  const owner = await lab.enter(lab.owner);
  await readHeadSeq(await owner.whenOnline());
  const world = { server: 'test', database: lab.database };
  const worlds = new WorldList(lab.folder);
  const verdict = await verifyWorld({ session: owner, world, worlds, bundle });
  assert.equal(verdict.tag, 'verified', JSON.stringify(verdict));
  const file = path.join(lab.folder, 'together.world');
  await backupWorld({ session: owner, file });
  assert.ok((await verifyArchive(file)).head.opSeq > 0);
  const kept = await readFile(file);
  for (const content of ['z\n'.repeat(300), 'x\n'.repeat(200)]) {
    assert.ok(kept.includes(content.trimEnd()), 'the archive has what a held step brings');
  }
});

test('a step that the world refuses leaves all as it was, and says why', async (t) => {
  const { ada, a } = await project(t);
  const refused = await ada.changeFiles([
    edit(a, insert(0, 0, 'x')),
    { kind: 'create', path: 'a.txt/deep', content: text('') },
  ]);
  assert.equal(refused.tag === 'refused' && refused.refusal.code, 'path_taken');
  assert.equal(await textOf(ada, 'a.txt'), 'one\ntwo\n');
});

test('a world of an older module is not asked at all', async (t) => {
  const { lab, a } = await project(t);
  const source = new TextDecoder().decode(await bundle());
  // The module knows the call, but says that it does not.
  const older = source.replace(/module_level: \w+,/, `module_level: ${CHANGE_FILES_LEVEL - 1},`);
  assert.notEqual(older, source);
  const { server, owner, database } = lab;
  const publishing = { uri: server.uri, token: owner.token, database };
  await publishModule({ ...publishing, bundle: new TextEncoder().encode(older) });
  const late = await lab.agent({ kind: 'agent' });
  const refused = await late.changeFiles([edit(a, insert(0, 0, 'x'))]);
  assert.equal(refused.tag === 'refused' && refused.refusal.code, 'upgrade_needed');
  assert.equal(await textOf(late, 'a.txt'), 'one\ntwo\n');
});

async function project(t: TestContext) {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent({ kind: 'agent' });
  const bob = await lab.agent();
  for (const name of ['a.txt', 'b.txt']) await ada.create(name, 'one\ntwo\n');
  for (const { session } of [ada, bob]) {
    await whenever(session, () => session.view.fileAt('b.txt') !== undefined);
  }
  return { lab, ada, bob, a: await reading(ada, 'a.txt'), b: await reading(ada, 'b.txt') };
}

async function reading(agent: AgentSession, path: string): Promise<Reading> {
  const read = await agent.read(path);
  if (read.tag !== 'text') throw new Error(`${path} cannot be read`);
  return read;
}

function edit(on: Reading, changes: Extract<AgentStep, { kind: 'edit' }>['changes']): AgentStep {
  return { kind: 'edit', on, changes };
}

function text(content: string) {
  return { kind: 'text', text: content, eol: 'lf', bom: false } as const;
}

async function textOf(agent: AgentSession, path: string): Promise<string> {
  const read = await agent.read(path);
  return read.tag === 'text' ? read.text.toString() : read.tag;
}
