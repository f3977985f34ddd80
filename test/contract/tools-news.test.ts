import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAnswer, renderNews } from '../../src/agents/tools/render-answer.ts';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import { beginTurn } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { changeMember } from '../../src/world/change-member.ts';
import { ToolsLab } from './tools-lab.ts';
import { caughtUp, whenever } from './world-lab.ts';

test('an answer carries what others changed in files that the agent has read, once, with the author', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\ntwo\nthree\n');
  await lab.file(ada, 'unread.txt', 'x\n');
  await ada.tools.readFile({ path: 'a.txt' });
  for (const path of ['a.txt', 'unread.txt']) {
    await bob.agent.read(path);
    await bob.agent.replace(path, [
      { search: path === 'a.txt' ? 'two' : 'x', replacement: 'zwei' },
    ]);
  }
  const told = await ada.tools.listFiles({});
  assert.deepEqual(told.news.changes, [
    {
      path: 'a.txt',
      what: 'changed',
      fromVersion: 1,
      toVersion: 2,
      authors: ['Member 2'],
      diff: '@@ line 2, Member 2\n-two\n+zwei',
      isCut: false,
    },
  ]);
  assert.match(renderAnswer(told), /a\.txt changed by Member 2, version 1 to 2\.\n@@ line 2/);
  assert.deepEqual((await ada.tools.listFiles({})).news.changes, []);
  const edits = [{ search: 'three', replacement: '3' }];
  assert.deepEqual((await ada.tools.editFile({ path: 'a.txt', edits })).news.changes, []);
});

test('an agent is told of messages, claims and tickets that concern it, and not of its own', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\ntwo\n');
  await Promise.all([ada.tools.readFile({ path: 'a.txt' }), bob.agent.read('a.txt')]);
  await bob.agent.say('hello', ada.session.identity);
  await bob.agent.claim('a.txt', { firstLine: 1, lastLine: 1 }, 'mine', 60_000);
  const { news } = await ada.tools.listFiles({});
  assert.deepEqual(
    news.messages.map(({ from, to, text }) => [from, to, text]),
    [['Member 2', 'you', 'hello']],
  );
  assert.deepEqual(
    news.claims.map(({ firstLine, holder }) => [firstLine, holder]),
    [[2, 'Member 2']],
  );
  assert.equal(renderNews((await ada.tools.listFiles({})).news), '');
  await bob.agent.replace('a.txt', [{ search: 'one', replacement: 'bob' }]);
  const edits = [{ search: 'one', replacement: 'ada' }];
  const ticketed = await ada.tools.editFile({ path: 'a.txt', edits, baseVersion: 1 });
  assert.equal(ticketed.code, 'ticket');
  assert.deepEqual(ticketed.news.tickets, [], 'the answer itself tells of it');
  const [ticket] = ada.agent.tickets();
  await lab.caughtUp();
  await bob.agent.session.whenOnline();
  const [shown] = bob.session.view.tickets.values();
  assert.equal(shown?.ticketId, ticket?.ticketId);
  await bob.agent.withdraw(ticket!.ticketId);
  const after = await ada.tools.listFiles({});
  assert.equal(after.news.tickets.length, 1);
  assert.match(
    after.news.tickets[0]!,
    /is closed: the text stays as others made it, decided by Member 2/,
  );
  assert.equal(ada.agent.tickets().length, 0);
  assert.deepEqual((await ada.tools.news()).news.tickets, []);
});

test('news beside an answer are at most 2 KB; the rest waits, and nothing of it is lost', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(ada, 'a.txt', 'one\n');
  await ada.tools.readFile({ path: 'a.txt' });
  for (let count = 0; count < 30; count++) await bob.agent.say(`${count} ${'ä'.repeat(60)}`);
  await bob.agent.read('a.txt');
  await bob.agent.replace('a.txt', [{ search: 'one', replacement: 'x\n'.repeat(3000) }]);
  const seen: string[] = [];
  const cuts: boolean[] = [];
  let answers = 0;
  for (let more = 1; more > 0; answers++) {
    const answer = await (answers < 2 ? ada.tools.listFiles({}) : ada.tools.news());
    const limit = answers < 2 ? 2048 : 16 * 1024;
    assert.ok(Buffer.byteLength(JSON.stringify(answer.news)) <= limit);
    assert.ok(Buffer.byteLength(renderNews(answer.news)) <= limit);
    for (const { text } of answer.news.messages) seen.push(text.split(' ')[0]!);
    for (const { isCut } of answer.news.changes) cuts.push(isCut);
    more = answer.news.more;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 30 }, (_, index) => String(index)),
  );
  assert.deepEqual(cuts, [true]);
});

test('a file that was renamed or deleted by others is news', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  for (const path of ['a.txt', 'b.txt']) await lab.file(bob, path, 'one\n');
  for (const path of ['a.txt', 'b.txt']) await ada.tools.readFile({ path });
  await bob.tools.renameFile({ path: 'a.txt', to: 'c.txt' });
  await bob.tools.readFile({ path: 'b.txt' });
  await bob.tools.deleteFile({ path: 'b.txt' });
  const { news } = await ada.tools.listFiles({});
  assert.deepEqual(
    news.changes.map(({ path, from, what, authors }) => [path, from, what, authors[0]]),
    [
      ['c.txt', 'a.txt', 'renamed', 'Member 2'],
      ['b.txt', undefined, 'deleted', 'Member 2'],
    ],
  );
  assert.deepEqual((await ada.tools.renameFile({ path: 'c.txt', to: 'd.txt' })).news.changes, []);
});

test('an agent is told once by whom it is paused, is refused with that, and hears when it may go on', async (t) => {
  const lab = await ToolsLab.open(t);
  const ada = await lab.join();
  const owner = await lab.lab.enter(lab.lab.owner);
  await lab.file(ada, 'a.txt', 'one\n');
  await ada.tools.readFile({ path: 'a.txt' });
  await caughtUp(owner);
  const pause = (paused: boolean) =>
    changeMember(owner, owner.view.members.get(ada.session.identity)!, { paused });
  await pause(true);
  await caughtUp(ada.session);
  const first = await ada.tools.listFiles({});
  assert.match(first.news.folder.join(), /^Owner has paused Member 1 since \d{4}-/);
  assert.deepEqual((await ada.tools.listFiles({})).news.folder, []);
  const edits = [{ search: 'one', replacement: 'two' }];
  const refused = await ada.tools.editFile({ path: 'a.txt', edits });
  assert.deepEqual(refused.news.folder, []);
  assert.deepEqual([refused.outcome, refused.code], ['refused', 'paused']);
  assert.match(refused.message, /nothing was changed\. Owner has paused Member 1 since/);
  const waiting = ada.tools.wait({});
  await pause(false);
  const resumed = await waiting;
  assert.match(resumed.news.folder.join(), /You are paused no more/);
  assert.equal((await ada.tools.editFile({ path: 'a.txt', edits })).code, 'ok');
  assert.deepEqual((await ada.tools.listFiles({})).news.folder, []);
});

test('two agents who are about to meet are both told, once, and nobody far away is', async (t) => {
  const lab = await ToolsLab.open(t);
  const [worker, reader] = [await lab.join(), await lab.join()];
  const text = Array.from({ length: 40 }, (_, line) => `line ${line + 1}`).join('\n');
  await lab.file(worker, 'a.txt', `${text}\n`);
  await new SessionTaker(worker.session).take('s');
  const turn = { session: 's', name: '', client: 'c', title: '' };
  await beginTurn(worker.session, turn, systemRandomBytes);
  await worker.tools.readFile({ path: 'a.txt' });
  const edits = [{ search: 'line 20', replacement: 'twenty' }];
  assert.equal((await worker.tools.editFile({ path: 'a.txt', edits })).code, 'ok');
  await lab.caughtUp();

  const far = await reader.tools.readFile({ path: 'a.txt', firstLine: 1, lastLine: 10 });
  assert.deepEqual(far.news.folder, []);
  const near = await reader.tools.readFile({ path: 'a.txt', firstLine: 24, lastLine: 30 });
  assert.match(
    near.news.folder.join(),
    /^Member 1 is changing line 20 of a\.txt in a turn that is running/,
  );
  assert.ok(JSON.stringify(near.news).length <= 2048);
  const again = await reader.tools.readFile({ path: 'a.txt', firstLine: 18, lastLine: 30 });
  assert.deepEqual(again.news.folder, []);

  await whenever(worker.session, () =>
    [...worker.session.view.presence.values()].some(({ activity }) => activity.includes('18–30')),
  );
  const told = await worker.tools.listFiles({});
  assert.match(told.news.folder.join(), /^Member 2 is reading a\.txt at line 20, which you change/);
  await reader.tools.readFile({ path: 'a.txt', firstLine: 19, lastLine: 31 });
  await lab.caughtUp();
  assert.deepEqual((await worker.tools.listFiles({})).news.folder, []);
  assert.equal(worker.session.view.notes.size, 0, 'nothing of it is history');
});
