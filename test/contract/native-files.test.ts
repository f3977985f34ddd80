// What an agent's own file tools read and write, by what their hooks tell, and the tools of its server: one record.
import { beginTurn, opsOfTurn, readTurnsOf } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { CLAUDE_FORM } from '../../src/agents/hooks/claude.ts';
import type { FolderPort } from '../../src/agents/hooks/folder-port.ts';
import { HookWords } from '../../src/agents/hooks/hook-words.ts';
import { HookDesk } from '../../src/agents/hooks/hook-desk.ts';
import type { HookAnswer, HookEvent } from '../../src/agents/hooks/hook-event.ts';
import { AgentTools } from '../../src/agents/tools/agent-tools.ts';
import { SessionRecord } from '../../src/agents/tools/session-record.ts';
import { until } from '../harness/until.ts';
import { type ToolUser, ToolsLab } from './tools-lab.ts';

const OLD = 'one\ntwo\nthree\nfour\n';

type Happened = HookEvent extends infer Each
  ? Each extends HookEvent
    ? Omit<Each, 'session'>
    : never
  : never;

interface Desk {
  readonly tools: AgentTools;
  /** What the folder's mirror was asked for. */
  readonly asked: string[];
  /** Of the client's session `session`, which is the same without it. */
  readonly hook: (event: Happened, session?: string) => Promise<string>;
  /** The same while the agent may not have heard yet what others did last. */
  readonly hookAtOnce: (event: Happened) => Promise<string>;
}

interface Stage {
  readonly lab: ToolsLab;
  /** Whose hooks they are. */
  readonly ada: ToolUser;
  readonly bob: ToolUser;
  readonly folder: string;
  readonly home: string;
  /** Whether one runs the client. */
  readonly window: { runs: boolean };
  /** A server of the agent, as each start of its client makes one. */
  serve(words?: HookWords): Desk;
  /** The text of a file in the agent's folder, as its mirror or a tool of its client writes it. */
  put(name: string, text: string): Promise<string>;
}

/** No mirror keeps the folder; `asked` is told what one would be asked for. */
function nobody(asked: (what: string) => void): FolderPort {
  const of = (what: string) => (): Promise<undefined> => {
    asked(what);
    return Promise.resolve(undefined);
  };
  return { turnsChanged: of('turns'), bring: of('bring'), writing: of('hold'), take: of('take') };
}

async function stage(t: TestContext): Promise<Stage> {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  const place = await mkdtemp(path.join(tmpdir(), 'agent-world-native-'));
  t.after(() => rm(place, { recursive: true, force: true }));
  const [folder, home] = [await mkdtemp(path.join(place, 'own')), path.join(place, 'home')];
  await lab.file(bob, 'a.txt', OLD);
  await bob.agent.read('a.txt');
  const { agent, session } = ada;
  let servers = 0;
  const window = { runs: false };
  const serve = (words?: HookWords): Desk => {
    const { database, identity } = session;
    const unnamed = `server ${++servers}`;
    const record = new SessionRecord({ home, database, identity, unnamed, nowMs: Date.now });
    t.after(() => record.flush());
    const tools = new AgentTools({ agent, record, folders: [folder] });
    const asked: string[] = [];
    const desk = new HookDesk({
      agent,
      tools,
      record,
      folder,
      words,
      port: nobody((what) => asked.push(what)),
      randomBytes: systemRandomBytes,
      keepsPrompts: false,
      hasOthers: () => false,
      isRun: () => window.runs,
    });
    const hookAtOnce = async (event: Happened, named = 's1'): Promise<string> => {
      const answer = await desk.answer({ ...event, session: named }, CLAUDE_FORM);
      record.flush();
      return textOf(answer);
    };
    const hook = async (event: Happened, named?: string): Promise<string> => {
      await lab.caughtUp();
      return hookAtOnce(event, named);
    };
    return { tools, asked, hook, hookAtOnce };
  };
  const put = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return file;
  };
  return { lab, ada, bob, folder, home, window, serve, put };
}

function textOf(answer: HookAnswer): string {
  if (answer.kind === 'nothing') return '';
  return answer.kind === 'told' ? answer.text : answer.reason;
}

async function changes({ lab, bob }: Stage, search: string, replacement: string): Promise<void> {
  await lab.caughtUp();
  await bob.agent.read('a.txt');
  const { tag } = await bob.agent.replace('a.txt', [{ search, replacement }]);
  assert.equal(tag, 'applied');
  await lab.caughtUp();
}

const shown = { text: OLD, firstLine: 1, isWhole: true };

test('an edit by a tool of the server is judged on the text that the client’s own tool showed', async (t) => {
  const on = await stage(t);
  const { tools, hook } = on.serve();
  const file = await on.put('a.txt', OLD);
  await hook({ kind: 'read', file, shown });
  await changes(on, 'two', 'TWO');
  const written = await tools.writeFile({ path: 'a.txt', text: OLD.replace('four', '4') });
  assert.equal(written.code, 'ok', written.message);
  assert.equal(await on.lab.text('a.txt'), 'one\nTWO\nthree\n4\n', 'bob’s change stays');

  await hook({ kind: 'read', file, shown: { ...shown, text: 'one\nTWO\nthree\n4\n' } });
  await changes(on, 'three', 'THREE');
  const met = await tools.editFile({
    path: 'a.txt',
    edits: [{ search: 'three', replacement: '3' }],
  });
  assert.equal(met.code, 'ticket', 'what it read is not there any more');
});

test('of a file that was read in part, or that the disk had newer than was shown, no more counts as known', async (t) => {
  const on = await stage(t);
  const { tools, hook } = on.serve();
  const file = await on.put('a.txt', OLD);
  await hook({ kind: 'read', file, shown: { text: 'two\nthree', firstLine: 2, isWhole: false } });
  const part = await tools.writeFile({ path: 'a.txt', text: 'x\n' });
  assert.equal(part.code, 'partly_read');
  assert.match(part.message, /lines 2-3/);
  await changes(on, 'two', 'TWO');
  await on.put('a.txt', OLD.replace('two', 'TWO'));
  await hook({ kind: 'read', file, shown: { text: 'two\nthree', firstLine: 2, isWhole: false } });
  assert.equal((await tools.writeFile({ path: 'a.txt', text: 'x\n' })).code, 'stale_copy');
  await hook({ kind: 'read', file });
  assert.equal(
    (await tools.writeFile({ path: 'a.txt', text: 'x\n' })).code,
    'ok',
    'all that is on disk',
  );
});

test('others see where the client’s own tool reads and writes', async (t) => {
  const on = await stage(t);
  const { hook, hookAtOnce } = on.serve();
  const file = await on.put('a.txt', OLD);
  const { view } = on.bob.session;
  const isDoing =
    (activity: string, name = 'a.txt') =>
    () =>
      [...view.presence.values()].some(
        (each) =>
          each.identity === on.ada.session.identity &&
          each.activity === activity &&
          each.fileId === view.fileAt(name)?.fileId,
      );
  const lines: number[] = [];
  view.onMovement(({ identity, selections }) => {
    if (identity === on.ada.session.identity) lines.push(selections[0]?.anchorLine ?? -1);
  });
  await hook({ kind: 'read', file, shown: { text: 'two\nthree', firstLine: 2, isWhole: false } });
  await until(isDoing('reading lines 2–3'));
  const text = OLD.replace('three', '3');
  await on.put('a.txt', text);
  await hook({ kind: 'wrote', files: [{ file, written: { text, before: OLD } }] });
  await until(isDoing('editing'));
  await until(() => lines.at(-1) === 2);

  // A file that it made may be known to its server a moment later than to whoever brought it in.
  await on.bob.agent.create('new.txt', 'new\n');
  const made = await on.put('new.txt', 'new\n');
  await hookAtOnce({ kind: 'wrote', files: [{ file: made, written: { text: 'new\n' } }] });
  await until(isDoing('editing', 'new.txt'));
});

test('what the client’s own tool wrote is known once the world has it', async (t) => {
  const on = await stage(t);
  const { tools, hook } = on.serve();
  const file = await on.put('a.txt', OLD);
  await hook({ kind: 'read', file, shown });
  const edited = OLD.replace('four', '4');
  await on.put('a.txt', edited);
  await hook({ kind: 'wrote', files: [{ file, written: { text: edited, before: OLD } }] });
  assert.equal((await tools.writeFile({ path: 'a.txt', text: 'x\n' })).code, 'stale_copy');
  // The mirror sends it, and somebody else goes on.
  await changes(on, 'four', '4');
  await changes(on, 'one', 'ONE');
  const whole = edited.replace('three', '3');
  assert.equal((await tools.writeFile({ path: 'a.txt', text: whole })).code, 'ok');
  assert.equal(await on.lab.text('a.txt'), 'ONE\ntwo\n3\n4\n');

  // It changed a part of what it had not seen.
  await hook({
    kind: 'wrote',
    files: [{ file, written: { text: 'ONE\n2\n3\n4\n', before: 'ONE\ntwo\n3\n4\n' } }],
  });
  await changes(on, 'two', '2');
  assert.equal((await tools.writeFile({ path: 'a.txt', text: 'x\n' })).code, 'stale_copy');
});

test('what a hook told is not told again by a tool, nor the reverse, nor after a restart', async (t) => {
  const on = await stage(t);
  const first = on.serve();
  const file = await on.put('a.txt', OLD);
  await first.hook({ kind: 'session-began' });
  await first.tools.readFile({ path: 'a.txt' });
  await changes(on, 'two', 'TWO');
  assert.match(await first.hook({ kind: 'prompted', prompt: '' }), /a\.txt changed by Member 2/);
  assert.deepEqual((await first.tools.listFiles({})).news.changes, []);
  await changes(on, 'one', 'ONE');
  await on.bob.agent.say('hello');
  await on.lab.caughtUp();
  const { news } = await first.tools.listFiles({});
  assert.deepEqual([news.changes.length, news.messages.length], [1, 1]);
  assert.equal(await first.hook({ kind: 'prompted', prompt: '' }), '');

  // Another server for the same session of the client.
  const second = on.serve();
  await second.hook({ kind: 'prompted', prompt: '' });
  assert.equal(await second.hook({ kind: 'prompted', prompt: '' }), '');
  const known = await second.tools.writeFile({ path: 'a.txt', text: 'one\n2\nthree\nfour\n' });
  assert.equal(known.code, 'ticket', 'made on what the agent was given before the restart');
  assert.equal((await readdir(path.join(on.home, 'agent-records'))).length, 1);
  assert.equal(file, path.join(on.folder, 'a.txt'));

  // Its model begins anew: it was given nothing.
  await second.hook({ kind: 'session-began' }, 's2');
  assert.equal((await second.tools.writeFile({ path: 'a.txt', text: 'x\n' })).code, 'unread');
});

test('a claim stops a write at the lines that it has in the world, also where the folder or a reading is older', async (t) => {
  const on = await stage(t);
  const { hook, hookAtOnce } = on.serve();
  const file = await on.put('a.txt', OLD);
  await hook({ kind: 'read', file, shown });
  // The claimed line stands two further down in the world than on disk.
  await changes(on, 'one\n', 'one\nmore\nand more\n');
  const three = { firstLine: 4, lastLine: 4 };
  const claimed = await on.bob.agent.claim('a.txt', three, 'mine', 60_000);
  assert.equal(claimed.tag, 'claimed');
  const edit = (quote: string): Happened => ({
    kind: 'writing',
    files: [{ file, write: { kind: 'quotes', quotes: [quote] } }],
  });
  const whole = (text: string): Happened => ({
    kind: 'writing',
    files: [{ file, write: { kind: 'whole', text } }],
  });
  // Nothing has told the agent of the claim yet: it is asked for.
  assert.match(await hookAtOnce(edit('three\n')), /has claimed lines 5 to 5 of a\.txt .*mine/);
  assert.match(await hook(whole(OLD.replace('three', '3'))), /has claimed lines 5 to 5/);
  assert.equal(await hook(edit('four\n')), '', 'beside it');
  assert.equal(await hook(whole(OLD.replace('two', '2'))), '');
  assert.equal(await hook(edit('more\n')), '', 'what the disk has not yet');
});

test('what is done for a prompt that no server heard is a turn, too, and one only', async (t) => {
  const on = await stage(t);
  const { hook } = on.serve();
  const file = await on.put('a.txt', OLD);
  const turns = async (): Promise<readonly boolean[]> => {
    const found = await readTurnsOf(on.ada.session, on.ada.session.identity);
    return found.map(({ isOpen }) => isOpen);
  };
  await hook({ kind: 'read', file, shown });
  await hook({ kind: 'writing', files: [{ file, write: { kind: 'somewhere' } }] });
  assert.deepEqual(await turns(), [true]);
  await hook({ kind: 'stopping', isAgain: false });
  assert.deepEqual(await turns(), [false]);
  // Another prompt is heard; what comes behind its end belongs to none.
  await hook({ kind: 'prompted', prompt: '' });
  await hook({ kind: 'read', file, shown });
  await hook({ kind: 'stopping', isAgain: false });
  await hook({ kind: 'read', file, shown });
  assert.deepEqual(await turns(), [false, false]);
  // A window that runs the client begins its turns itself, and ends them.
  on.window.runs = true;
  const { session } = on.ada;
  const turn = { session: 'of the window', name: '', client: 'claude-code', title: '' };
  await beginTurn(session, turn, systemRandomBytes);
  await hook({ kind: 'prompted', prompt: '' }, 'of the window');
  await hook({ kind: 'read', file, shown }, 'of its child');
  await hook({ kind: 'stopping', isAgain: false }, 'of the window');
  assert.deepEqual(await turns(), [true, false, false]);
  await on.ada.agent.create('in-it.txt', 'x');
  const [open] = await readTurnsOf(session, session.identity);
  const kinds: string[] = [];
  for await (const ops of opsOfTurn(session, open!.turnId)) kinds.push(...ops.map((op) => op.kind));
  assert.ok(kinds.includes('create'), `what is done belongs to it: ${kinds.join(', ')}`);
});

test('a file stays as it is while a tool reads it, where the client tells before', async (t) => {
  const on = await stage(t);
  const { asked, hook } = on.serve();
  const file = await on.put('a.txt', OLD);
  await hook({ kind: 'prompted', prompt: '' });
  asked.length = 0;
  await hook({ kind: 'read', file });
  assert.deepEqual(asked, []);
  await hook({ kind: 'reading', file });
  assert.deepEqual(asked, ['bring', 'hold']);
  await hook({ kind: 'read', file });
  assert.deepEqual(asked, ['bring', 'hold', 'take'], 'and no longer');
});

test('in a person’s folder an agent is told of what an editor has not saved there', async (t) => {
  const on = await stage(t);
  const speaker = { server: '', name: 'ada' };
  const state = path.join(on.home, 'state');
  const { hook } = on.serve(new HookWords({ state, speaker, token: '', nowMs: Date.now }));
  assert.match(await hook({ kind: 'session-began' }), /This folder is a person’s/);
  const file = await on.put('a.txt', OLD);
  assert.equal(await hook({ kind: 'read', file, shown }), '');
  await changes(on, 'two', 'TWO');
  assert.match(await hook({ kind: 'read', file, shown }), /a\.txt has changes that are not saved/);
  await on.put('a.txt', 'what a tool has just written');
  assert.equal(await hook({ kind: 'read', file }), '');
});
