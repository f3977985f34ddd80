import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Repository } from '../../src/git/repository.ts';
import { markGitPoint } from '../../src/world/mark-git-point.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { bodyOf, type ToolUser, ToolsLab } from './tools-lab.ts';

/** Both change the same line; the one's change waits in a ticket, whose number this is. */
async function conflict(lab: ToolsLab, first: ToolUser, second: ToolUser): Promise<number> {
  await lab.file(first, 'a.txt', 'one\ntwo\nthree\n');
  await Promise.all([first, second].map(({ tools }) => tools.readFile({ path: 'a.txt' })));
  const edit = (by: string) => ({
    path: 'a.txt',
    edits: [{ search: 'two', replacement: `two ${by}` }],
    baseVersion: 1,
  });
  assert.equal((await first.tools.editFile(edit('first'))).code, 'ok');
  const answer = await second.tools.editFile(edit('second'));
  return bodyOf(answer, 'ticket').ticket.ticket;
}

test('an agent settles its own ticket against another agent’s text, and not against a person’s', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join()];
  const ticket = await conflict(lab, bob, ada);
  const listed = bodyOf(await ada.tools.tickets({}), 'tickets').tickets;
  assert.deepEqual(
    listed.map((each) => each.ticket),
    [ticket],
  );
  assert.equal((await bob.tools.settleTicket({ ticket, how: 'withdraw' })).code, 'needs_person');
  assert.equal((await ada.tools.settleTicket({ ticket, how: 'insist' })).code, 'needs_person');
  const text = 'two first and second\n';
  const settled = await ada.tools.settleTicket({ ticket, how: 'text', text });
  assert.equal(settled.code, 'ok', settled.message);
  assert.equal(await lab.text('a.txt'), 'one\ntwo first and second\nthree\n');
  assert.equal((await ada.tools.settleTicket({ ticket, how: 'insist' })).code, 'no_such_ticket');
});

test('what a person wrote is replaced by a person; an agent may give its ticket up', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, person] = [await lab.join(), await lab.join('human')];
  const ticket = await conflict(lab, person, ada);
  for (const how of ['insist', 'text'] as const) {
    const refused = await ada.tools.settleTicket({ ticket, how, text: 'mine' });
    assert.equal(refused.code, 'needs_person');
    assert.match(refused.message, /Member 2/);
  }
  const shown = bodyOf(await ada.tools.tickets({ ticket }), 'tickets').tickets[0]!;
  assert.deepEqual(
    [shown.parts[0]?.proposedText, shown.parts[0]?.textNow],
    ['two second', 'two first'],
  );
  assert.equal((await ada.tools.settleTicket({ ticket, how: 'withdraw' })).code, 'ok');
  assert.equal(await lab.text('a.txt'), 'one\ntwo first\nthree\n');
  assert.deepEqual((await ada.tools.news()).news.tickets, [], 'it closed the ticket itself');
});

test('a wait ends with a message, a change, a ticket’s decision or a claim’s end, and by itself', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'b.txt', 'one\n');
  const over = bodyOf(await ada.tools.wait({ seconds: 1 }), 'waited');
  assert.ok(over.isOver);
  const waiting = ada.tools.wait({});
  await bob.agent.say('hello');
  const told = await waiting;
  assert.ok(!bodyOf(told, 'waited').isOver);
  assert.deepEqual(
    told.news.messages.map(({ text }) => text),
    ['hello'],
  );
  const ticket = await conflict(lab, bob, ada);
  await lab.caughtUp();
  const forTicket = ada.tools.wait({ ticket });
  assert.equal((await bob.agent.insist(ticket)).tag, 'applied');
  const decided = await forTicket;
  assert.deepEqual(bodyOf(decided, 'waited').happened, [`Ticket ${ticket} is closed.`]);
  assert.match(decided.news.tickets.join(' '), /decided by Member 2/);
  const claimed = await bob.tools.claim({ path: 'b.txt' });
  const { claim } = bodyOf(claimed, 'claims').claims[0]!;
  await lab.caughtUp();
  const forClaim = ada.tools.wait({ claim });
  await bob.tools.releaseClaim({ claim });
  assert.deepEqual(bodyOf(await forClaim, 'waited').happened, [`Claim ${claim} has ended.`]);
});

test('claims are made on lines that are there, listed, extended and given back', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join()];
  await lab.file(ada, 'src/a.txt', 'one\ntwo\nthree\n');
  assert.equal(
    (await ada.tools.claim({ path: 'src/a.txt', firstLine: 3, lastLine: 2 })).code,
    'bad_range',
  );
  assert.equal((await ada.tools.claim({ path: 'src/a.txt', firstLine: 9 })).code, 'bad_range');
  const made = await ada.tools.claim({
    path: './src//a.txt',
    firstLine: 2,
    lastLine: 3,
    reason: 'a rewrite',
  });
  const own = bodyOf(made, 'claims').claims[0]!;
  assert.deepEqual([own.path, own.firstLine, own.lastLine, own.isOwn], ['src/a.txt', 2, 3, true]);
  const again = await ada.tools.claim({
    path: 'src/a.txt',
    firstLine: 2,
    lastLine: 3,
    minutes: 20,
  });
  const longer = bodyOf(again, 'claims').claims[0]!;
  assert.equal(longer.claim, own.claim);
  assert.ok(longer.endsAtMs > own.endsAtMs);
  const refused = await bob.tools.claim({ path: 'src/a.txt', firstLine: 1, lastLine: 2 });
  assert.equal(refused.code, 'locked');
  assert.match(refused.message, /Member 1/);
  assert.equal(bodyOf(await bob.tools.listClaims({ glob: '*.txt' }), 'claims').claims.length, 1);
  assert.equal((await bob.tools.releaseClaim({ claim: own.claim })).code, 'needs_person');
  assert.equal((await ada.tools.releaseClaim({ claim: own.claim })).code, 'ok');
  assert.equal((await ada.tools.releaseClaim({ claim: own.claim })).code, 'no_change');
});

test('agents talk, name points, see who is here, and what was done by whom', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.txt', 'one\ntwo\n');
  const seen = new Promise<void>((resolve) => {
    bob.session.view.presence.onChange(({ after }) => {
      if (after?.activity === 'editing') resolve();
    });
  });
  await ada.tools.readFile({ path: 'a.txt' });
  await ada.tools.editFile({ path: 'a.txt', edits: [{ search: 'two', replacement: 'zwei' }] });
  assert.equal((await ada.tools.sendMessage({ text: 'hello', to: 'member 2' })).code, 'ok');
  assert.equal((await ada.tools.sendMessage({ text: 'hello', to: 'nobody' })).code, 'bad_request');
  await lab.caughtUp();
  const { messages } = bodyOf(await bob.tools.listMessages({}), 'messages');
  assert.deepEqual(
    messages.map(({ from, to, text }) => [from, to, text]),
    [['Member 1', 'you', 'hello']],
  );
  assert.equal((await ada.tools.checkpoint({ name: 'done' })).code, 'ok');
  await lab.caughtUp();
  const { checkpoints } = bodyOf(await bob.tools.listCheckpoints(), 'checkpoints');
  assert.deepEqual(
    checkpoints.map(({ name, author }) => [name, author]),
    [['done', 'Member 1']],
  );
  await seen;
  const { members } = bodyOf(await bob.tools.listMembers(), 'members');
  const shown = members.find(({ name }) => name === 'Member 1');
  assert.deepEqual(
    [shown?.kind, shown?.at[0]?.path, shown?.at[0]?.activity],
    ['agent', 'a.txt', 'editing'],
  );
  const { ops } = bodyOf(await bob.tools.history({ path: 'a.txt' }), 'history');
  assert.deepEqual(
    ops.map(({ kind, author }) => [kind, author]),
    [
      ['edit', 'Member 1'],
      ['create', 'Member 2'],
    ],
  );
  const one = bodyOf(await bob.tools.history({ author: 'Member 1', limit: 1 }), 'history');
  assert.equal(one.ops.length, 1);
  const rest = bodyOf(
    await bob.tools.history({ author: 'Member 1', before: one.before }),
    'history',
  );
  assert.ok(rest.ops.every(({ opSeq }) => opSeq < one.before));
  const { runs } = bodyOf(await bob.tools.blame({ path: 'a.txt' }), 'blame');
  assert.deepEqual(
    runs.map(({ firstLine, lastLine, author, kind }) => [firstLine, lastLine, author, kind]),
    [
      [1, 1, 'Member 2', 'human'],
      [2, 2, 'Member 1', 'agent'],
    ],
  );
  const old = await bob.tools.readFile({ path: 'a.txt', version: 1 });
  assert.equal(bodyOf(old, 'text').text, '1→one\n2→two');
});

test('a snapshot is put into a new folder; an agent looks at what its folder has beside the world', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-tools-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const lab = await ToolsLab.open(t);
  const own = path.join(folder, 'own');
  await mkdir(path.join(own, 'node_modules'), { recursive: true });
  await writeFile(path.join(own, 'node_modules', 'x.js'), 'x\ny\n');
  await writeFile(path.join(own, '.env'), 'KEY=1\n');
  await writeFile(path.join(folder, 'secret.txt'), 'no');
  await symlink(path.join(folder, 'secret.txt'), path.join(own, 'link.txt'));
  const ada = await lab.join('agent', [own]);
  await lab.file(ada, 'a.txt', 'one\n');
  const seen = bodyOf(
    await ada.tools.readFile({ path: 'node_modules/x.js', firstLine: 2 }),
    'outside',
  );
  assert.equal(seen.text, '2→y');
  assert.equal((await ada.tools.readFile({ path: '.env' })).code, 'secret');
  assert.equal((await ada.tools.readFile({ path: '.env', secrets: true })).body.kind, 'outside');
  for (const outside of ['link.txt', '../secret.txt', path.join(folder, 'secret.txt')]) {
    const { code } = await ada.tools.readFile({ path: outside });
    assert.ok(code === 'bad_path' || code === 'no_such_file', `${outside}: ${code}`);
  }
  const target = path.join(folder, 'snapshot');
  const made = await ada.tools.snapshot({ folder: target });
  assert.equal(bodyOf(made, 'snapshot').files, 1);
  assert.equal(await readFile(path.join(target, 'a.txt'), 'utf8'), 'one\n');
  assert.equal((await ada.tools.snapshot({ folder: target })).code, 'path_taken');
  assert.equal((await ada.tools.snapshot({ folder: 'relative' })).code, 'bad_path');
});

test('whole files and folders are claimed, also for files to come, and agents hear of it', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob, cleo] = [await lab.join(), await lab.join(), await lab.join('human')];
  for (const name of ['src/a.txt', 'src/b.txt', 'c.txt']) await lab.file(ada, name, 'one\ntwo\n');
  for (const user of [bob, cleo]) await user.tools.readFile({ path: 'src/a.txt' });
  await lab.caughtUp();
  const made = await ada.tools.claim({ path: 'SRC/', reason: 'moving it' });
  const own = bodyOf(made, 'claims').claims[0]!;
  assert.deepEqual([own.path, own.firstLine, own.isOwn], ['src/**', 0, true]);
  assert.match(
    made.message,
    /Member 2 and Member 3 are there now|Member 3 and Member 2 are there now/,
  );
  const edit = { path: 'src/a.txt', edits: [{ search: 'two', replacement: '2' }] };
  const refused = await bob.tools.editFile(edit);
  assert.equal(refused.code, 'locked');
  assert.match(refused.message, /The reason: moving it\./);
  assert.deepEqual(
    refused.news.claims.map(({ path, holder }) => [path, holder]),
    [['src/**', 'Member 1']],
  );
  assert.equal((await bob.tools.createFile({ path: 'src/new.txt', text: 'x' })).code, 'locked');
  assert.equal((await bob.tools.claim({ path: 'src/b.txt' })).code, 'locked');
  assert.equal((await cleo.tools.editFile(edit)).code, 'ok', 'a person is not stopped');
  const again = bodyOf(await ada.tools.claim({ path: './src', minutes: 20 }), 'claims').claims[0]!;
  assert.equal(again.claim, own.claim);
  await ada.tools.releaseClaim({ claim: own.claim });
  await lab.caughtUp();
  const file = await bob.tools.claim({ path: './src//b.txt' });
  assert.equal(bodyOf(file, 'claims').claims[0]?.path, 'src/b.txt');
});

test('an export is for those who may, and says what stands against it', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-tools-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@b', ...args], {
      encoding: 'utf8',
    });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join()];
  const ticket = await conflict(lab, bob, ada);
  assert.equal((await ada.tools.export({ repository: folder })).code, 'forbidden');
  const owner = await lab.owner();
  assert.equal((await owner.tools.export({ repository: 'x' })).code, 'bad_path');
  const none = await owner.tools.export({ repository: tmpdir() });
  assert.equal(none.code, 'no_repository');
  const unknown = await owner.tools.export({ repository: folder });
  assert.equal(unknown.code, 'no_base', unknown.message);
  const repository = await Repository.open(folder);
  const commit = git('rev-parse', 'HEAD').trim();
  const base = { kind: 'base', commit, ...repository.frame, upTo: 0 } as const;
  await markGitPoint(owner.session, base, 'base', systemRandomBytes);
  const blocked = await owner.tools.export({ repository: folder });
  assert.equal(blocked.code, 'blocked');
  assert.match(blocked.message, /settled first.*\n.*a\.txt/);
  assert.equal(git('branch', '--list', 'world/*'), '', 'nothing was made');
  assert.equal((await ada.tools.settleTicket({ ticket, how: 'withdraw' })).code, 'ok');
  await lab.caughtUp();
  const exported = await owner.tools.export({ repository: folder, message: 'What agents made' });
  assert.equal(exported.code, 'ok', exported.message);
  const { branch, files } = bodyOf(exported, 'export');
  assert.equal(files, 1);
  assert.equal(git('show', `${branch}:a.txt`), 'one\ntwo first\nthree\n');
  const again = await owner.tools.export({ repository: folder });
  assert.match(again.message, /nothing new/);
});
