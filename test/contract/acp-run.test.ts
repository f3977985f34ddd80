// An agent's client that is run over the Agent Client Protocol: a scripted one, in a folder of its own of a real world.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { AgentRun, RunEntry } from '../../src/acp/agent-run.ts';
import { holdFolder } from '../../src/acp/folder-hold.ts';
import { PastRuns } from '../../src/acp/past-runs.ts';
import { isRun, whereRun } from '../../src/agents/run-lock.ts';
import { opsOfTurn } from '../../src/world/turns.ts';
import type { AgentStep } from '../harness/acp-agent.ts';
import { AcpStage } from '../harness/acp-stage.ts';
import { startedWindow } from '../harness/acp-window.ts';
import { until } from '../harness/until.ts';

const TEXT = 'one\ntwo\nthree\n';

let stage: AcpStage;

before(async () => {
  const files = [
    'a.txt',
    'read.txt',
    'write.txt',
    'shown.txt',
    'turn.txt',
    'claimed.txt',
    'along.txt',
  ];
  stage = await AcpStage.open(Object.fromEntries(files.map((name) => [name, TEXT])));
});

after(() => stage.close());

test('a prompt is answered step by step: thoughts, a plan, tools with their diff, and an end', async () => {
  const run = await stage.ready();
  const a = stage.at('a.txt');
  const plan = (status: string): AgentStep => ({
    update: { sessionUpdate: 'plan', entries: [{ content: 'Look', priority: 'high', status }] },
  });
  await stage.ask(run, [
    { think: 'Hm, ' },
    { think: 'let me see.' },
    plan('in_progress'),
    {
      update: {
        sessionUpdate: 'tool_call',
        toolCallId: 't1',
        title: 'Edit\na.txt',
        kind: 'edit',
        locations: [{ path: a, line: 2 }, { path: '/etc/hosts' }],
      },
    },
    plan('completed'),
    {
      update: {
        sessionUpdate: 'tool_call_update',
        toolCallId: 't1',
        status: 'completed',
        content: [{ type: 'diff', path: a, oldText: 'two', newText: 'zwei' }],
      },
    },
    { update: { sessionUpdate: 'of_a_later_version', anything: 1 } },
    { say: 'Done' },
    { say: '.' },
  ]);
  assert.deepEqual(run.entries.map(plain), [
    { kind: 'prompt' },
    { kind: 'thought', text: 'Hm, let me see.' },
    { kind: 'plan', steps: [{ text: 'Look', priority: 'high', status: 'completed' }] },
    {
      kind: 'tool',
      tool: {
        toolCallId: 't1',
        title: 'Edit a.txt',
        kind: 'edit',
        status: 'completed',
        locations: [
          { path: 'a.txt', file: a, line: 2 },
          { path: '', file: '/etc/hosts', line: undefined },
        ],
        diffs: [{ path: 'a.txt', file: a, oldText: 'two', newText: 'zwei', isCut: false }],
        text: '',
      },
    },
    { kind: 'answer', text: 'Done.' },
    { kind: 'end', reason: 'end_turn' },
  ]);
  assert.equal(run.about.version, 'scripted 1.2.3');
  run.setMode('do');
  await stage.until(run, () => run.about.mode === 'do');
  await run.stop();
  assert.equal(run.state, 'ended');
  assert.equal(run.prompt('more'), false, 'it takes no prompt any more');
});

test('a permission waits for its answer, and one that is cancelled with its prompt is no yes', async () => {
  const run = await stage.ready();
  const ask: AgentStep = {
    ask: {
      toolCall: {
        toolCallId: 'p1',
        title: 'Write a.txt',
        kind: 'edit',
        content: [{ type: 'diff', path: stage.at('a.txt'), oldText: null, newText: 'x' }],
      },
      options: [
        { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
        { optionId: 'no', name: 'Reject', kind: 'reject_once' },
      ],
    },
  };
  const asked = async (): Promise<RunEntry & { readonly kind: 'permission' }> => {
    await stage.until(run, () => run.state === 'asking');
    const entry = run.entries.findLast(({ kind }) => kind === 'permission');
    assert.ok(entry?.kind === 'permission' && entry.outcome.tag === 'open');
    return entry;
  };
  assert.ok(run.prompt(JSON.stringify([ask, { say: 'after' }])));
  const first = await asked();
  assert.equal(first.tool.diffs[0]?.newText, 'x');
  assert.deepEqual(
    first.options.map(({ name }) => name),
    ['Allow', 'Reject'],
  );
  assert.equal(run.prompt('more'), false, 'one prompt at a time');
  assert.equal(run.answerPermission(first.id, 'maybe'), false);
  assert.equal(run.answerPermission(first.id, 'no'), true);
  assert.equal(run.answerPermission(first.id, 'yes'), false, 'it is answered');
  await stage.until(run, () => run.state === 'ready');
  assert.match(stage.said(run), /^no.*after$/s);

  assert.ok(run.prompt(JSON.stringify([ask, { hang: true }])));
  const second = await asked();
  run.cancel();
  await stage.until(run, () => run.state === 'ready');
  const entry = run.entries.find(({ id }) => id === second.id);
  assert.deepEqual(entry?.kind === 'permission' && entry.outcome, { tag: 'cancelled' });
  assert.match(stage.said(run), /cancelled/, 'the client is told');
  assert.deepEqual(lastEnd(run), 'cancelled');
  await run.stop();
});

test('files are answered from its folder as the world has them, and never from outside', async () => {
  const run = await stage.ready();
  const read = (name: string, more = {}): Promise<string> =>
    stage.does(run, { read: { path: path.resolve(stage.agent.folder, name), ...more } });
  await stage.changes('read.txt', 'two', 'two, by Ada');
  assert.equal(await read('read.txt'), 'one\ntwo, by Ada\nthree\n', 'also what has just come');
  assert.equal(await read('read.txt', { line: 2, limit: 1 }), 'two, by Ada');
  assert.equal(await read('not-there.txt'), '', 'as its client wants it');
  fs.writeFileSync(path.join(stage.installed.place, 'secret.txt'), 'secret');
  fs.symlinkSync(path.join(stage.installed.place, 'secret.txt'), stage.at('link.txt'));
  fs.mkdirSync(stage.at('node_modules'));
  fs.writeFileSync(stage.at('node_modules/bytes.bin'), Buffer.from([0xff, 0xfe, 0x00]));
  fs.writeFileSync(stage.at('node_modules/long.txt'), 'x'.repeat(5_000_000));
  for (const outside of ['../secret.txt', '/etc/passwd', 'link.txt', '.git/config']) {
    assert.match(await read(outside), /^error: .*outside/, outside);
  }
  assert.match(await read('node_modules/bytes.bin'), /^error: .*no text/);
  assert.match(await read('node_modules/long.txt'), /^error: .*longer than/);
  const write = { path: path.join(stage.installed.place, 'secret.txt'), content: 'mine' };
  assert.match(await stage.does(run, { write }), /^error: .*outside/);
  assert.equal(fs.readFileSync(write.path, 'utf8'), 'secret');
  const refused = run.entries.findLast(({ kind }) => kind === 'file');
  assert.ok(refused?.kind === 'file' && refused.wanted === 'write', 'the person sees it');
  await run.stop();
});

test('a whole text is judged on what the agent read: others’ words stay, or it is told', async () => {
  const run = await stage.ready();
  const file = stage.at('write.txt');
  const write = (content: string, name = 'write.txt'): Promise<string> =>
    stage.does(run, { write: { path: stage.at(name), content } });
  assert.match(await write('mine\n'), /^error: .*have not read it/);
  assert.equal(fs.readFileSync(file, 'utf8'), TEXT);

  await stage.does(run, { read: { path: file } });
  await stage.changes('write.txt', 'three', 'three, by Ada');
  assert.equal(await write('one, by Gem\ntwo\nthree\n'), 'written');
  const both = 'one, by Gem\ntwo\nthree, by Ada\n';
  assert.equal(await stage.text('write.txt'), both);
  await until(() => fs.readFileSync(file, 'utf8') === both);

  // What it says that it read, by the diff of a tool call, counts: it asked the disk.
  await stage.changes('shown.txt', 'three', 'three, by Ada');
  await stage.ask(run, [
    {
      update: {
        sessionUpdate: 'tool_call',
        toolCallId: 'w1',
        title: 'Write',
        content: [
          {
            type: 'diff',
            path: stage.at('shown.txt'),
            oldText: TEXT,
            newText: TEXT.replace('one', '1'),
          },
        ],
      },
    },
    { write: { path: stage.at('shown.txt'), content: TEXT.replace('one', '1') } },
  ]);
  assert.equal(await stage.text('shown.txt'), '1\ntwo\nthree, by Ada\n');

  assert.equal(await write('new\n', 'made/by-it.txt'), 'written');
  assert.equal(await stage.text('made/by-it.txt'), 'new\n');
  const blame = await stage.installed.run(stage.machine.home, 'blame', 'write.txt', stage.project);
  assert.match(blame.out, /Gem/);

  await stage.does(run, { read: { path: stage.at('claimed.txt') } });
  await stage.claims('claimed.txt');
  assert.match(await write('x\n', 'claimed.txt'), /^error: .*Ada has claimed/);
  assert.equal(await stage.text('claimed.txt'), TEXT);
  assert.match(await write('x'.repeat(5_000_000)), /^error: .*longer than/);
  await run.stop();
});

test('files go along with a prompt: as texts where the client takes them, else as links', async () => {
  const hears = path.join(stage.installed.place, 'heard.json');
  const heard = (): unknown => JSON.parse(fs.readFileSync(hears, 'utf8'));
  const part = { first: 2, last: 3, text: 'two\nthree' };
  const files = [{ path: 'along.txt' }, { path: 'a.txt', part }, { path: 'not-there.txt' }];
  const uri = (name: string): string => pathToFileURL(stage.at(name)).href;
  const link = (name: string): object => ({ type: 'resource_link', name, uri: uri(name) });
  const sent = async (run: AgentRun): Promise<unknown> => {
    assert.ok(run.prompt('Look', files));
    await stage.until(run, () => run.state === 'ready');
    const prompt = run.entries.findLast(({ kind }) => kind === 'prompt');
    assert.deepEqual(prompt?.kind === 'prompt' && prompt.locations[1], {
      path: 'a.txt',
      file: stage.at('a.txt'),
      line: 2,
    });
    return heard();
  };
  const linked = await stage.ready({ way: { hears } });
  assert.deepEqual(await sent(linked), [
    { type: 'text', text: 'Look' },
    link('along.txt'),
    link('a.txt'),
    { type: 'text', text: 'Lines 2 to 3 of a.txt:\n\ntwo\nthree' },
    link('not-there.txt'),
  ]);
  await linked.stop();

  const run = await stage.ready({ way: { hears, embeds: true } });
  await stage.changes('along.txt', 'two', 'two, by Ada');
  const mimeType = 'text/plain';
  const resource = (name: string, text: string): object => ({
    type: 'resource',
    resource: { uri: name, mimeType, text },
  });
  assert.deepEqual(await sent(run), [
    { type: 'text', text: 'Look' },
    resource(uri('along.txt'), 'one\ntwo, by Ada\nthree\n'),
    resource(`${uri('a.txt')}#L2-L3`, 'two\nthree'),
    // That it is not there it finds out by itself.
    link('not-there.txt'),
  ]);
  // What it was given it has read.
  const content = 'one\ntwo, by Gem\nthree\n';
  const write = { path: stage.at('along.txt'), content };
  assert.equal(await stage.does(run, { write }), 'written');
  assert.deepEqual(run.findFiles('along', 20), ['along.txt']);
  await run.stop();
});

test('a prompt is a turn of all that is done for it, and its end ends it', async () => {
  const run = await stage.ready();
  const file = stage.at('turn.txt');
  await stage.ask(run, [{ read: { path: file } }, { write: { path: file, content: 'in it\n' } }]);
  const [turn, ...others] = (await stage.turns()).filter(
    ({ session }) => session === run.session?.name,
  );
  assert.equal(turn?.isOpen, false);
  assert.deepEqual(others, []);
  const paths: (number | undefined)[] = [];
  for await (const ops of opsOfTurn(stage.ada, turn.turnId)) {
    paths.push(...ops.map(({ fileId }) => fileId));
  }
  assert.ok(paths.includes(stage.ada.view.fileAt('turn.txt')?.fileId));
  await run.stop();
});

test('one that ends in the middle is told, and the next goes on with its session where it can', async () => {
  const memory = path.join(stage.installed.place, 'memory.json');
  const past = new PastRuns(stage.machine.home);
  const first = await stage.ready({ way: { memory, resume: 'load' } });
  const notPast = await past.all();
  assert.deepEqual(notPast, [], 'it goes on');
  await stage.ask(first, [{ say: 'so far' }, { die: 3 }], 'failed');
  assert.equal(first.error?.code, 'client_died');
  assert.match(first.error.message, /exit code 3.*Something is broken/);
  assert.equal(lastEnd(first), 'error');
  const [cut] = await past.all(stage.agent.database);
  assert.equal(cut?.ending, 'cut-off');
  assert.equal(cut.wasWorking, true);
  assert.deepEqual([cut.session, cut.resume], [first.session?.name, 'load']);

  const second = await stage.ready({ way: { memory, resume: 'load' }, resume: cut });
  assert.equal(second.resumed, 'replayed');
  assert.deepEqual(
    second.entries.map(({ kind }) => kind),
    ['prompt', 'answer'],
  );
  assert.equal((await stage.turns()).filter(({ isOpen }) => isOpen).length, 0, 'none stays open');
  await second.stop();
  const [ended] = await past.all();
  assert.deepEqual([ended?.ending, ended?.wasWorking], ['ended', false]);

  const third = await stage.ready({ way: { memory, resume: 'resume' }, resume: ended! });
  assert.equal(third.resumed, 'continued');
  assert.deepEqual(third.entries, []);
  await third.stop();

  // It does not remember, or cannot: a new one, and the person is told so.
  for (const resume of ['load', undefined] as const) {
    const anew = await stage.ready({ way: resume ? { resume } : {}, resume: ended! });
    assert.equal(anew.resumed, 'anew');
    const [notice] = anew.entries;
    assert.match(notice?.kind === 'notice' ? notice.text : '', /A new one has begun/);
    await anew.stop();
  }
  const [last] = await past.all();
  await past.forget(last!);
  assert.deepEqual(await past.all(), []);
});

test('what keeps it from starting is told by a stable code, and no process is left', async () => {
  const codeOf = async (terms: Parameters<AcpStage['start']>[0]): Promise<string | undefined> => {
    const run = stage.start(terms);
    await run.over;
    assert.equal(run.state, 'failed');
    return run.error?.code;
  };
  assert.equal(await codeOf({ client: 'claude' }), 'client_missing');
  assert.equal(await codeOf({ way: { dies: 2, words: 'no key' } }), 'client_died');
  assert.equal(await codeOf({ way: { silent: true }, times: { startMs: 800 } }), 'client_silent');
  assert.equal(await codeOf({ way: { garbage: 2_000 } }), 'client_garbled');
  assert.equal(await codeOf({ way: { version: 7 } }), 'protocol_version');
  assert.equal(await codeOf({ way: { refuses: 'sign-in' } }), 'sign_in');
  assert.equal(await codeOf({ way: { refuses: 'No, and why.' } }), 'client_refused');
  const run = await stage.ready({ way: { garbage: 20 } });
  assert.equal(await codeOf({}), 'folder_busy');
  const long = 17 * 1024 * 1024;
  await stage.ask(run, [{ say: 'x'.repeat(100_000) }, { long }, { hang: true }], 'failed');
  assert.equal(run.error?.code, 'client_too_long');
  const answer = run.entries.find(({ kind }) => kind === 'answer');
  assert.ok(answer?.kind === 'answer' && answer.isCut && answer.text.length === 65_536);
});

test('a folder takes one client at a time, in a panel or in a terminal', async () => {
  const { machine, agent } = stage;
  const release = await holdFolder(machine, agent, 'terminal');
  assert.equal(whereRun(machine.home, agent.folder), 'terminal');
  assert.equal(isRun(machine.home, agent.folder), false, 'its hooks begin turns');
  const second = stage.start();
  await second.over;
  assert.equal(second.error?.code, 'folder_busy');
  assert.match(second.error.message, /Gem runs in a terminal already/);
  release();
  const run = await stage.ready();
  assert.equal(whereRun(machine.home, agent.folder), 'panel');
  await assert.rejects(holdFolder(machine, agent, 'terminal'), /Gem runs in a panel already/);
  await run.stop();
  assert.equal(whereRun(machine.home, agent.folder), undefined);
});

test('what is cancelled or stopped while it begins, or ends by itself, ends once and in order', async () => {
  const stays = path.join(stage.installed.place, 'stays-deaf');
  const run = await stage.ready({ way: { stays, deaf: true } });
  // Before the client has heard of it.
  assert.ok(run.prompt('[{"say":"heard"}]'));
  run.cancel();
  run.cancel();
  await stage.until(run, () => run.state === 'ready');
  assert.deepEqual(run.entries.map(plain), [
    { kind: 'prompt' },
    { kind: 'end', reason: 'cancelled' },
  ]);

  assert.ok(run.prompt('[{"say":"so far"},{"hang":true}]'));
  await stage.until(run, () => stage.said(run) === 'so far');
  run.cancel();
  process.kill(alive(stays)[0]!, 'SIGKILL');
  run.cancel();
  await run.over;
  assert.deepEqual([run.state, run.error?.code], ['failed', 'client_died']);
  run.cancel();
  assert.equal(run.state, 'failed');
  const kinds = run.entries.map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(2), ['prompt', 'answer', 'end'], 'its end is told once');
  for (const pid of alive(stays)) process.kill(pid, 'SIGKILL');

  const stopped = await stage.ready();
  assert.ok(stopped.prompt('[{"say":"heard"}]'));
  let changes = 0;
  await stopped.stop();
  stopped.onChange(() => changes++);
  assert.equal(stopped.entries.at(-1)?.kind, 'end', 'it is over when that is told');
  assert.equal((await stage.turns()).filter(({ isOpen }) => isOpen).length, 0);
  assert.equal(changes, 0);
});

test('one that hangs, hears nothing and floods is ended by a click, and so is what it had started', async () => {
  const stays = path.join(stage.installed.place, 'stays');
  const run = await stage.ready({ way: { stays, deaf: true } });
  let changes = 0;
  run.onChange(() => changes++);
  const flood = {
    update: { sessionUpdate: 'notice', severity: 'info', title: 'x'.repeat(50_000) },
  };
  const steps = [...Array.from({ length: 200 }, () => flood), { flood: 'more and more ' }];
  assert.ok(run.prompt(JSON.stringify(steps)));
  await stage.until(run, () => run.leftOut > 0);
  const kept = run.entries.reduce((sum, entry) => sum + JSON.stringify(entry).length, 0);
  assert.ok(kept < 6_000_000, `${kept} characters are kept`);
  assert.ok(changes < 1_000, `${changes} changes were told`);
  run.cancel();
  assert.equal(run.state, 'cancelling');
  await run.stop();
  assert.equal(run.state, 'ended');
  assert.deepEqual(alive(stays), []);
});

test('one that left a program which keeps its output open ends by a click, and by itself', async () => {
  const leaves = path.join(stage.installed.place, 'leaves');
  const left: number[] = [];
  try {
    const stopped = await stage.ready({ way: { leaves } });
    left.push(...alive(leaves));
    await stopped.stop();
    assert.equal(stopped.state, 'ended');
    const died = await stage.ready({ way: { leaves } });
    left.push(...alive(leaves));
    assert.ok(died.prompt(JSON.stringify([{ die: 3 }])));
    await died.over;
    assert.equal(died.error?.code, 'client_died');
    assert.equal(left.length, 2);
  } finally {
    for (const pid of left) process.kill(pid, 'SIGKILL');
  }
});

test('a window that is killed leaves no client behind, and the next says what was cut off', async () => {
  const stays = path.join(stage.installed.place, 'stays-too');
  const window = await startedWindow(stage, { stays, resume: 'load' });
  await until(() => fs.existsSync(stays) && alive(stays).length === 2);
  window.kill('SIGKILL');
  await once(window, 'close');
  await until(() => alive(stays).length === 0);
  const [cut] = await new PastRuns(stage.machine.home).all();
  assert.deepEqual([cut?.ending, cut?.wasWorking], ['cut-off', true]);
  // Its turn is open until the agent's next run.
  const run = await stage.ready();
  assert.deepEqual(
    (await stage.turns()).filter(({ isOpen }) => isOpen),
    [],
  );
  await run.stop();
});

/** What a person sees of an entry. */
function plain(entry: RunEntry): object {
  const { id: _, atMs: __, ...content } = entry;
  if (content.kind === 'prompt') return { kind: 'prompt' };
  if (content.kind !== 'answer' && content.kind !== 'thought') return content;
  assert.equal(content.isOpen, false);
  return { kind: content.kind, text: content.text };
}

function lastEnd(run: AgentRun): string | undefined {
  const end = run.entries.findLast(({ kind }) => kind === 'end');
  return end?.kind === 'end' ? end.reason : undefined;
}

/** Of the processes whose numbers a file has. */
function alive(file: string): readonly number[] {
  return fs
    .readFileSync(file, 'utf8')
    .split(' ')
    .map(Number)
    .filter((pid) => {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    });
}
