// A world whose rows have a column more than this client knows. The library throws where it reads them:
// that ends the connection, with a code, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFile } from '../../src/world/file-feed.ts';
import { claimLines } from '../../src/world/claims.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { withColumnMore } from '../harness/later-module.ts';
import { prePublish, publish } from '../../src/contract/engine-http.ts';
import { bundle, whenever, WorldLab } from './world-lab.ts';

test('a world that cannot be read at all is refused by a code, and is not tried for ever', async (t) => {
  const lab = await WorldLab.open(t);
  await becomeLater(lab, 'workspace_member');
  const session = lab.begin(lab.owner);
  await assert.rejects(session.whenOnline(), { code: 'unreadable' });
  assert.equal(session.state.tag, 'refused');
});

test('who is there when a world becomes unreadable is told so', async (t) => {
  const lab = await WorldLab.open(t);
  const session = await lab.enter(lab.owner);
  const refused = whenever(session, () => session.state.tag === 'refused');
  await becomeLater(lab, 'workspace');
  await refused;
  assert.equal(session.state.tag === 'refused' && session.state.error.code, 'unreadable');
  assert.equal(session.workspace?.name, 'Lab', 'what was known stays');
});

test('a row that comes later ends the connections that get it, the caller’s own too', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  await ada.create('a.txt', 'one\n');
  const away = whenever(ada.session, () => ada.session.state.tag !== 'online');
  await becomeLater(lab, 'soft_lock');
  await away;
  await ada.session.whenOnline();
  const watcher = await lab.enter(lab.owner);
  const told = Promise.all(
    [ada.session, watcher].map((session) =>
      whenever(session, () => session.state.tag === 'refused'),
    ),
  );
  const file = ada.session.view.fileAt('a.txt')!;
  const claim = { fileId: file.fileId, version: 1, firstLine: 0, lastLine: 0, reason: 'mine' };
  const answer = await claimLines(ada.session, { ...claim, durationMs: 60_000 }, systemRandomBytes);
  assert.deepEqual(answer, { tag: 'unanswered', why: 'disconnected' });
  await told;
  for (const { state } of [ada.session, watcher]) {
    assert.equal(state.tag === 'refused' && state.error.code, 'unreadable');
  }
});

test('what only an open file needs is refused where the file is opened', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  await ada.create('a.txt', 'one\n');
  await becomeLater(lab, 'file_op', 'file_snapshot');
  const session = await lab.enter(lab.owner);
  const { fileId } = session.view.fileAt('a.txt')!;
  await assert.rejects(openFile(session, fileId), { code: 'unreadable' });
});

/** Publishes the module of a later version over the lab's. */
async function becomeLater(lab: WorldLab, ...tables: readonly string[]): Promise<void> {
  const { server, database, owner } = lab;
  const later = new TextDecoder().decode(withColumnMore(await bundle(), ...tables));
  const { plan } = await prePublish(server.uri, database, owner.token, later);
  const token = encodeURIComponent(plan.AutoMigrate?.token ?? '');
  const policy = `&policy=BreakClients&token=${token}`;
  const answer = await publish(server.uri, database, owner.token, later, policy);
  assert.equal(answer.status, 200, await answer.text());
}
