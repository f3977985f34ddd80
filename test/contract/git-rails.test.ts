// What is told before a commit is made, what holds it up, and what a world says no to.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  blocking,
  DEFAULT_RAILS,
  describeFinding,
  findByRails,
  told,
} from '../../src/git/guard-rails.ts';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { GitLab } from '../harness/git-lab.ts';
import { bringIn, exportTo } from '../harness/git-world.ts';
import { whenever, WorldLab } from './world-lab.ts';

test('all that an export should wait for is told with its place, and settings say what blocks', async (t) => {
  const world = await WorldLab.open(t);
  const lab = await GitLab.init(path.join(world.folder, 'repository'));
  await lab.write({ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'bee\n', 'c.txt': 'sea\n' });
  lab.commitAll();
  const session = await world.enter(world.owner);
  await bringIn(session, lab.folder);
  await lab.link('link', 'a.txt');
  const owner = new AgentSession({ session, randomBytes: systemRandomBytes });
  const person = await world.agent();
  const agent = await world.agent({ kind: 'agent' });
  await owner.read('a.txt');
  await agent.read('a.txt');
  await owner.replace('a.txt', [{ search: 'two', replacement: 'TWO' }]);
  await agent.replace('a.txt', [{ search: 'two', replacement: 'Two' }]);
  for (const each of [agent, person]) {
    const file = each === agent ? 'b.txt' : 'c.txt';
    await each.read(file);
    await each.claim(file, { firstLine: 0, lastLine: 0 }, 'my part', 60_000);
  }
  const { view } = session;
  await whenever(session, () => view.tickets.size === 1 && view.locks.size === 2);
  const findings = await findByRails({
    session,
    folder: lab.folder,
    secrets: [{ path: 'b.txt', line: 1, kind: 'PrivateKey' }],
    replacedLinks: ['was-a-link'],
    unsent: ['a.txt'],
    drafts: ['c.txt'],
  });
  assert.deepEqual(findings.map(describeFinding), [
    'a.txt: a conflict waits for a decision (overlap), opened by Member 2',
    'a.txt: edits that were not sent yet',
    'c.txt: an edit that the world did not take',
    'b.txt:1: looks like a secret (PrivateKey)',
    'b.txt:1: the agent Member 2 holds a claim (my part)',
    'was-a-link: a link in the commit before, a file in the world',
    'link: lies outside of the world (symlink)',
  ]);
  const railsOf = (list: typeof findings) => list.map(({ rail }) => rail);
  assert.deepEqual(railsOf(blocking(findings, DEFAULT_RAILS)), [
    'tickets',
    'unsent',
    'drafts',
    'secrets',
  ]);
  const wanted = { ...DEFAULT_RAILS, tickets: 'off', secrets: 'warn', claims: 'block' } as const;
  assert.deepEqual(railsOf(blocking(findings, wanted)), ['unsent', 'drafts', 'claims']);
  assert.ok(!railsOf(told(findings, wanted)).includes('tickets'));
});

test('whom the world does not let export moves no ref, and the history tells of nothing', async (t) => {
  const world = await WorldLab.open(t);
  const lab = await GitLab.init(path.join(world.folder, 'repository'));
  await lab.write({ 'a.txt': 'one\n' });
  lab.commitAll();
  const owner = await world.enter(world.owner);
  await bringIn(owner, lab.folder);
  const agent = await world.agent({ kind: 'agent' });
  await agent.create('made.txt', 'made\n');
  await assert.rejects(exportTo(agent.session, lab.folder), /forbidden|not cover/);
  assert.deepEqual(lab.git('for-each-ref', '--format=%(refname)').split('\n'), ['refs/heads/main']);
  assert.equal((await exportTo(owner, lab.folder)).outcome, 'exported', 'nothing is left locked');
  lab.fsck();
});
