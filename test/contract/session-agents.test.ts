import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { runFormatter } from '../../src/agents/formatter-agent.ts';
import { runIndexer } from '../../src/agents/index-agent.ts';
import { findFormatter } from '../../src/agents/prettier-source.ts';
import { pauseAgents } from '../../src/world/pause-agents.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const PROJECT = new URL('../../', import.meta.url).pathname;

async function textOf(agent: AgentSession, path: string): Promise<string> {
  const read = await agent.read(path);
  return read.tag === 'text' ? read.text.toString() : read.tag;
}

/** Resolves once the file reads so, looked at after each of its versions. */
async function untilText(agent: AgentSession, path: string, fits: (text: string) => boolean) {
  const { view } = agent.session;
  for (;;) {
    const version = view.fileAt(path)?.version;
    if (version !== undefined && fits(await textOf(agent, path))) return;
    await whenever(agent.session, () => view.fileAt(path)?.version !== version);
  }
}

async function place(agent: AgentSession, path: string, line: number): Promise<void> {
  const { fileId, version } = agent.session.view.fileAt(path)!;
  await agent.show({ fileId, version }, { start: at(line), end: at(line) }, 'reading');
}

const at = (line: number) => ({ line, character: 0 });

test('an agent lists, reads, edits by quotes, and is told what became of it', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent({ kind: 'agent' });
  const bob = await lab.agent({ kind: 'agent' });
  assert.deepEqual(await ada.replace('a.txt', [{ search: 'x', replacement: 'y' }]), {
    tag: 'unread',
    path: 'a.txt',
  });
  assert.deepEqual(await ada.read('a.txt'), { tag: 'no_such_file', path: 'a.txt' });
  await ada.create('a.txt', 'one\ntwo\nthree\n');
  await whenever(bob.session, () => bob.session.view.fileAt('a.txt') !== undefined);
  await Promise.all([ada.read('a.txt'), bob.read('a.txt')]);
  const [listed] = ada.list();
  assert.deepEqual([listed?.path, listed?.version, listed?.lineCount], ['a.txt', 1, 4]);
  await bob.replace('a.txt', [{ search: 'one', replacement: '1' }]);
  assert.deepEqual(await ada.replace('a.txt', [{ search: 'three', replacement: '3' }]), {
    tag: 'applied',
    version: 3,
    rebased: true,
  });
  assert.equal(await textOf(bob, 'a.txt'), '1\ntwo\n3\n');
});

test('who comes later sees at once where the others are', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  await ada.create('a.txt', 'one\ntwo\nthree\n');
  await whenever(ada.session, () => ada.session.view.fileAt('a.txt') !== undefined);
  await place(ada, 'a.txt', 2);
  const bob = await lab.agent();
  const { connectionId } = ada.session.link!;
  const shown = () => bob.session.view.movements.get(connectionId);
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (shown()?.selections[0]?.activeLine === 2) resolve();
    };
    bob.session.view.onMovement(look);
    look();
  });
  assert.equal(shown()?.fileId, bob.session.view.fileAt('a.txt')?.fileId);
});

test('an edit of text that somebody changed meanwhile waits in a ticket', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent({ kind: 'agent' });
  const bob = await lab.agent({ kind: 'agent' });
  await ada.create('a.txt', 'one\ntwo\n');
  await whenever(bob.session, () => bob.session.view.fileAt('a.txt') !== undefined);
  await Promise.all([ada.read('a.txt'), bob.read('a.txt')]);
  await bob.replace('a.txt', [{ search: 'two', replacement: '2 of bob' }]);
  const result = await ada.replace('a.txt', [{ search: 'two', replacement: '2 of ada' }]);
  assert.equal(result.tag, 'ticketed');
  assert.equal(await textOf(bob, 'a.txt'), 'one\n2 of bob\n');
  await whenever(ada.session, () => ada.tickets().length === 1);
  const [ticket] = ada.tickets();
  assert.equal((await ada.insist(ticket!.ticketId)).tag, 'applied');
  assert.equal(await textOf(bob, 'a.txt'), 'one\n2 of ada\n');
  await whenever(ada.session, () => ada.tickets().length === 0);
});

test('an agent gives a ticket up, and the text stays', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent({ kind: 'agent' });
  const bob = await lab.agent({ kind: 'agent' });
  await ada.create('a.txt', 'one\n');
  await whenever(bob.session, () => bob.session.view.fileAt('a.txt') !== undefined);
  await Promise.all([ada.read('a.txt'), bob.read('a.txt')]);
  await bob.replace('a.txt', [{ search: 'one', replacement: 'bob' }]);
  const result = await ada.replace('a.txt', [{ search: 'one', replacement: 'ada' }]);
  assert.ok(result.tag === 'ticketed');
  await whenever(ada.session, () => ada.tickets().length === 1);
  await ada.withdraw(result.ticketId);
  await whenever(ada.session, () => ada.tickets().length === 0);
  assert.equal(await textOf(bob, 'a.txt'), 'bob\n');
});

test('claimed lines refuse other agents until they are released', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent({ kind: 'agent' });
  const bob = await lab.agent({ kind: 'agent' });
  await ada.create('a.txt', 'one\ntwo\nthree\n');
  await whenever(bob.session, () => bob.session.view.fileAt('a.txt') !== undefined);
  await Promise.all([ada.read('a.txt'), bob.read('a.txt')]);
  const lines = { firstLine: 1, lastLine: 1 };
  const claim = await ada.claim('a.txt', lines, 'rewriting it', 60_000);
  assert.ok(claim.tag === 'claimed');
  const change = [{ search: 'two', replacement: '2' }];
  const refused = await bob.replace('a.txt', change);
  assert.equal(refused.tag === 'refused' && refused.refusal.code, 'locked');
  const { lockId, expiresAtMs } = claim.lock;
  const longer = await ada.extend(lockId, 300_000);
  assert.ok(longer.tag === 'claimed' && longer.lock.lockId === lockId);
  assert.ok(longer.lock.expiresAtMs > expiresAtMs + 200_000);
  const another = await bob.extend(lockId, 300_000);
  assert.equal(another.tag === 'refused' && another.refusal.code, 'locked');
  await ada.release(lockId);
  assert.equal((await bob.replace('a.txt', change)).tag, 'applied');
});

test('agents hear what is said to them and to all, and name points of the history', async (t) => {
  const lab = await WorldLab.open(t);
  const [ada, bob, cleo] = [
    await lab.agent(),
    await lab.agent({ kind: 'agent' }),
    await lab.agent(),
  ];
  await ada.say('to all');
  await ada.say('to Bob', bob.session.identity);
  await bob.say('to Cleo', cleo.session.identity);
  await whenever(cleo.session, () => cleo.heard().length === 2);
  assert.deepEqual(
    bob.heard().map(({ text }) => text),
    ['to all', 'to Bob'],
  );
  assert.deepEqual(
    bob.heard(bob.heard()[0]!.noteId).map(({ text }) => text),
    ['to Bob'],
  );
  await bob.checkpoint('before');
  await bob.checkpoint('after');
  assert.deepEqual(
    bob.checkpoints().map(({ name }) => name),
    ['after', 'before'],
  );
  assert.equal(cleo.heard().length, 2, 'a checkpoint is no message');
});

test('the formatter puts right what others wrote, but not where somebody is', async (t) => {
  const lab = await WorldLab.open(t);
  const [ada, agent] = [await lab.agent(), await lab.agent({ kind: 'agent' })];
  const formatter = await findFormatter(PROJECT, []);
  assert.ok(formatter);
  await ada.create('a.js', 'const  a=1;\nconst  b=2;\n');
  await place(ada, 'a.js', 1);
  const ending = new AbortController();
  const running = runFormatter({ agent, formatter, signal: ending.signal, quietMs: 30, stepMs: 5 });
  const moved: number[] = [];
  ada.session.view.onMovement((event) => {
    const line = event.selections[0]?.activeLine;
    if (event.identity === agent.session.identity && line !== undefined) moved.push(line);
  });
  await agent.session.whenOnline();
  await ada.read('a.js');
  await ada.replace('a.js', [{ search: '=1', replacement: '=10' }]);
  await untilText(ada, 'a.js', (text) => text === 'const a = 10;\nconst  b=2;\n');
  assert.deepEqual(moved.slice(0, 2), [0, 0], 'its cursor was seen at the line before it changed');
  await place(ada, 'a.js', 0);
  await untilText(ada, 'a.js', (text) => text === 'const a = 10;\nconst b = 2;\n');
  ending.abort();
  await running;
});

test('the formatter leaves alone what it cannot read', async (t) => {
  const lab = await WorldLab.open(t);
  const [ada, agent] = [await lab.agent(), await lab.agent({ kind: 'agent' })];
  const formatter = await findFormatter(PROJECT, []);
  await ada.create('broken.js', 'const = ;\n');
  await ada.create('data.unknown', 'a   b\n');
  await ada.create('good.js', 'a( )\n');
  const ending = new AbortController();
  const { signal } = ending;
  const running = runFormatter({ agent, formatter: formatter!, signal, quietMs: 20, stepMs: 5 });
  for (const path of ['broken.js', 'data.unknown', 'good.js']) {
    await ada.read(path);
    const start = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
    await ada.edit(path, [{ ...start, text: '\n' }]);
  }
  await untilText(ada, 'good.js', (text) => text === 'a();\n');
  assert.equal(await textOf(ada, 'broken.js'), '\nconst = ;\n');
  assert.equal(await textOf(ada, 'data.unknown'), '\na   b\n');
  ending.abort();
  await running;
});

test('the indexer follows headings and files as they come and go', async (t) => {
  const lab = await WorldLab.open(t);
  const [ada, agent] = [await lab.agent(), await lab.agent({ kind: 'agent' })];
  const empty = '<!-- toc -->\n<!-- /toc -->\n\n## One\n\n<!-- files -->\n<!-- /files -->\n';
  await ada.create('README.md', empty);
  const ending = new AbortController();
  const running = runIndexer({ agent, signal: ending.signal, quietMs: 20, stepMs: 5 });
  await untilText(ada, 'README.md', (text) => text.includes('- [One](#one)'));
  await ada.create('src/new.js', 'x\n');
  await untilText(ada, 'README.md', (text) => text.includes('- [src/new.js](src/new.js)'));
  await ada.read('README.md');
  await ada.replace('README.md', [{ search: '## One', replacement: '## Two' }]);
  await untilText(ada, 'README.md', (text) => text.includes('- [Two](#two)\n'));
  ending.abort();
  await running;
});

test('all agents are paused at once by an owner, people and the one who asks are not, and all go on together', async (t) => {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const [ada, bob] = [await lab.agent({ kind: 'agent' }), await lab.agent({ kind: 'agent' })];
  const person = await lab.agent({ kind: 'human' });
  await caughtUp(owner);
  bob.session.close();
  const { changed, failed } = await pauseAgents(owner, true);
  assert.deepEqual(failed, []);
  assert.equal(changed.length, 2, 'also one that is away: it may come back');
  const refused = await ada.create('a.txt', 'x\n');
  assert.ok(refused.tag === 'refused' && refused.refusal.code === 'paused');
  assert.equal((await person.create('b.txt', 'x\n')).tag, 'applied');
  await caughtUp(owner);
  assert.deepEqual((await pauseAgents(owner, true)).changed, [], 'nobody is left');
  assert.equal((await pauseAgents(owner, false)).changed.length, 2);
  assert.equal((await ada.create('a.txt', 'x\n')).tag, 'applied');
});

test('who is no owner pauses nobody, and is told so for each agent', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent({ kind: 'agent' });
  const person = await lab.agent({ kind: 'human' });
  const { changed, failed } = await pauseAgents(person.session, true);
  assert.deepEqual(changed, []);
  assert.equal(failed.length, 1);
  assert.match(failed[0]!.why, /^forbidden/);
  assert.equal((await ada.create('a.txt', 'x\n')).tag, 'applied');
});
