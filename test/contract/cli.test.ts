import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { nodeAliases } from '../../scripts/build.mjs';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import type { Changes } from '../../src/core/change.ts';
import type { Text } from '../../src/core/text.ts';
import { removeMember } from '../../src/world/change-member.ts';
import { systemClock } from '../../src/world/clock.ts';
import { fileIdentityStore, newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import { createInvite } from '../../src/world/invite.ts';
import { joinWorld } from '../../src/world/join.ts';
import { silentLog } from '../../src/world/log.ts';
import { SessionDesk } from '../../src/world/session-desk.ts';
import { beginTurn, endTurn } from '../../src/world/turns.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { openWorld } from '../../src/world/world-session.ts';
import { killHost } from '../harness/host-life.ts';
import { withoutWaits } from '../harness/without-waits.ts';
import { bundle, caughtUp } from './world-lab.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let place: string;
let home: string;
let folder: string;

/** An installation as the package holds it, a home, and a small project. */
before(async () => {
  place = await realpath(await mkdtemp(path.join(tmpdir(), 'agent-world-cli-')));
  home = path.join(place, 'home');
  folder = path.join(place, 'project');
  const dist = path.join(place, 'installed', 'dist');
  await mkdir(dist, { recursive: true });
  const node = { bundle: true, platform: 'node', format: 'cjs', target: 'node20' } as const;
  await Promise.all([
    build({
      ...node,
      alias: nodeAliases,
      absWorkingDir: ROOT,
      entryPoints: ['src/cli.ts'],
      outfile: `${dist}/cli.cjs`,
    }),
    build({
      ...node,
      absWorkingDir: ROOT,
      entryPoints: ['src/host/main.ts'],
      outfile: `${dist}/host.cjs`,
    }),
    bundle().then((bytes) => writeFile(`${dist}/module.js`, bytes)),
    copyFile(path.join(ROOT, 'package.json'), path.join(place, 'installed', 'package.json')),
  ]);
  await mkdir(folder);
  await writeFile(path.join(folder, 'README.md'), '# P\n\n<!-- toc -->\n<!-- /toc -->\n\n## One\n');
  await writeFile(path.join(folder, 'a.js'), 'const  a=1\n');
});

after(async () => {
  await killHost(home);
  await rm(place, { recursive: true, force: true });
});

function start(...args: readonly string[]): ChildProcess {
  const { AGENT_WORLD_HOST_URI: _, ...environment } = process.env;
  return spawn(process.execPath, [path.join(place, 'installed/dist/cli.cjs'), ...args], {
    env: { ...environment, AGENT_WORLD_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(...args: readonly string[]): Promise<Ended> {
  const child = start(...args);
  let out = '';
  let err = '';
  child.stdout!.on('data', (text) => (out += String(text)));
  child.stderr!.on('data', (text) => (err += String(text)));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

/** Somebody else's connection to the world that the commands look at. */
async function enter(uri: string, database: string, self: StoredIdentity): Promise<AgentSession> {
  const surroundings = { clock: systemClock, random: Math.random, log: silentLog };
  const session = openWorld({ uri, database, self, ...surroundings });
  await session.whenOnline();
  return new AgentSession({ session, randomBytes: systemRandomBytes });
}

/** Two edits of the first line that did not know of each other; returns the second one's ticket. */
async function dispute(agent: AgentSession, refused = 'eins'): Promise<number> {
  const before = await firstRead(agent);
  const changed = await agent.submit(before, firstLineTo(before.text, 'base'), 'patch');
  assert.equal(changed.tag, 'applied');
  const base = await firstRead(agent);
  const first = await agent.submit(base, firstLineTo(base.text, 'ONE'), 'patch');
  assert.equal(first.tag, 'applied');
  const second = await agent.submit(base, firstLineTo(base.text, refused), 'patch');
  assert.ok(second.tag === 'ticketed');
  return second.ticketId;
}

async function firstRead(agent: AgentSession) {
  const read = await agent.read('a.txt');
  assert.ok(read.tag === 'text');
  return read;
}

async function firstLineOf(agent: AgentSession): Promise<string> {
  return (await firstRead(agent)).text.line(0);
}

function firstLineTo(text: Text, content: string): Changes {
  const end = { endLine: 0, endCharacter: text.line(0).length };
  return [{ startLine: 0, startCharacter: 0, ...end, text: content }];
}

/** The objects that a command with `--json` prints. */
function rows({ out, err, code }: Ended) {
  assert.equal(code, 0, err);
  return out
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

async function firstLine(child: ChildProcess, stream: 'stdout' | 'stderr', part: string) {
  for await (const line of createInterface({ input: child[stream]! })) {
    if (line.includes(part)) return line;
  }
  throw new Error(`it ended without saying ${part}`);
}

test('what it can do is explained, and a wrong command line is told with exit code 2', async () => {
  const overview = await run('--help');
  assert.equal(overview.code, 0);
  assert.match(overview.out, /open FOLDER/);
  const help = await run('verify', '--help');
  assert.deepEqual([help.code, /--json/.test(help.out)], [0, true]);
  assert.equal((await run('help', 'verify')).out, help.out);
  assert.match((await run('help', 'exit-codes')).out, /3 {2}no host or world could be reached/);
  for (const wrong of [
    ['nothing'],
    ['help', 'nothing'],
    ['open'],
    ['invite', '--uses', 'x'],
    ['host', 'dance'],
  ]) {
    const { code, out } = await run(...wrong);
    assert.deepEqual([code, out], [2, ''], wrong.join(' '));
  }
});

test('a world of a folder: made, found again, watched, verified, and invited to', async () => {
  assert.equal((await run('host', 'status')).code, 3, 'nothing runs at first');
  const opened = await run('open', folder, '--json');
  assert.equal(opened.code, 0, opened.err);
  const world = JSON.parse(opened.out);
  assert.deepEqual([world.folder, world.files, world.imported.files], [folder, 2, 2]);
  const again = JSON.parse((await run('open', folder, '--json')).out);
  assert.deepEqual([again.database, again.imported], [world.database, undefined]);
  assert.equal((await run('host', 'status')).code, 0);
  const counted = `project +${world.database}.* ${world.headSeq} ops at \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC`;
  assert.match((await run('worlds')).out, new RegExp(counted));

  const watching = start('watch', folder, '--from', '1');
  await firstLine(watching, 'stdout', 'create a.js v1');
  watching.kill('SIGINT');
  await once(watching, 'close');
  assert.equal(watching.exitCode, 0);

  const verified = await run('verify', 'project');
  assert.deepEqual([verified.code, verified.out.startsWith('verified ')], [0, true], verified.err);
  const invited = await run('invite', folder, '--json', '--agent');
  assert.match(
    JSON.parse(invited.out).invite,
    /^agent-world:\/\/join\/project-[0-9a-f]+\?for=agent#[0-9a-f]{64}$/,
  );
});

test('a folder of many files is brought in with a short summary where nobody watches', async () => {
  const many = path.join(place, 'many');
  await mkdir(many);
  const letters = Array.from({ length: 40 }, (_, number) => number);
  // Each is a call of its own, since it fills one.
  for (const number of letters.slice(0, 5)) {
    await writeFile(path.join(many, `large-${number}.bin`), Buffer.alloc(1024 * 1024, number));
  }
  for (const number of letters) await symlink('large-0.bin', path.join(many, `link-${number}`));
  const { code, out, err } = await run('open', many);
  assert.equal(code, 0, err);
  assert.match(out, /^Brought in 5 files, 5242880 bytes; /m);
  const told = withoutWaits(err);
  assert.equal(told.length, 11, err);
  assert.equal(told.at(-1), 'left out: 30 more');
});

test('no command prints a token or the key of the host, but the address that was asked for', async () => {
  const { uri } = JSON.parse((await run('open', folder, '--json')).out);
  const key = new URL(uri).pathname.replaceAll('/', '');
  for (const command of [['open', folder], ['worlds'], ['host', 'status'], ['verify', folder]]) {
    const { out, err } = await run(...command);
    assert.ok(!out.includes(key) && !err.includes(key), command.join(' '));
    assert.doesNotMatch(out + err, /eyJ/, command.join(' '));
  }
});

test('a history that is not the one this machine saw does not verify', async () => {
  await run('open', folder);
  await run('verify', folder);
  const file = path.join(home, 'worlds.json');
  const list = JSON.parse(await readFile(file, 'utf8'));
  const known = list.worlds.find((world: { folder: string }) => world.folder === folder);
  const { lastHead } = known;
  known.lastHead = { ...lastHead, chainHash: '00'.repeat(32) };
  await writeFile(file, JSON.stringify(list));
  const { code, out } = await run('verify', folder);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`op ${lastHead.opSeq}: .*rewritten`));
  known.lastHead = lastHead;
  await writeFile(file, JSON.stringify(list));
});

test('a world that is gone is told with exit code 3', async () => {
  const file = path.join(home, 'worlds.json');
  const list = JSON.parse(await readFile(file, 'utf8'));
  const gone = { ...list.worlds[0], database: 'gone-1', name: 'gone', folder: '/gone' };
  await writeFile(file, JSON.stringify({ worlds: [...list.worlds, gone] }));
  const { code, err } = await run('verify', 'gone');
  assert.deepEqual([code, /no world gone-1/.test(err)], [3, true]);
});

test('members, notes, claims and rules are seen and changed from the command line', async () => {
  await run('open', folder);
  const [self] = rows(await run('members', folder, '--json'));
  assert.deepEqual([self.role, self.kind], ['owner', 'human']);
  assert.equal((await run('members', folder, '--change', 'Nobody', '--pause')).code, 2);
  assert.equal((await run('members', folder, '--pause')).code, 2);

  assert.equal((await run('note', 'Lunch?', '--in', folder)).code, 0);
  assert.equal((await run('note', 'v1', '--checkpoint', '--in', folder)).code, 0);
  const notes = rows(await run('note', '--in', folder, '--json'));
  assert.deepEqual(
    notes.map(({ kind, text }) => [kind, text]),
    [
      ['message', 'Lunch?'],
      ['checkpoint', 'v1'],
    ],
  );

  const claim = ['locks', folder, '--claim', 'README.md:1-3', '--reason', 'mine', '--for', '1m'];
  const [claimed] = rows(await run(...claim, '--json'));
  assert.deepEqual([claimed.path, claimed.firstLine, claimed.lastLine], ['README.md', 1, 3]);
  assert.match((await run('locks', folder)).out, /README\.md:1–3 .* mine/);
  const extend = ['locks', folder, '--extend', String(claimed.lock), '--for', '5m', '--json'];
  const [extended] = rows(await run(...extend));
  assert.deepEqual([extended.lock, extended.reason], [claimed.lock, 'mine']);
  assert.ok(extended.leftSeconds > 200 && claimed.leftSeconds <= 60);
  assert.equal((await run('locks', folder, '--extend', '9999')).code, 2);
  assert.equal((await run('locks', folder, '--release', String(claimed.lock))).code, 0);
  assert.match((await run('locks', folder)).out, /No claims/);
  assert.equal((await run('locks', folder, '--claim', 'README.md:900')).code, 4);
  const whole = ['locks', folder, '--file', path.join(folder, 'README.md'), '--json'];
  const [file] = rows(await run(...whole));
  assert.deepEqual([file.file, file.endsWithSession], ['README.md', false]);
  const wide = ['locks', folder, '--folder', './src//{a,b}*', '--reason', 'both', '--json'];
  assert.equal(rows(await run(...wide))[0].folder, 'src/{a,b}*');
  const below = rows(await run('locks', folder, '--folder', 'new/place', '--json'));
  assert.equal(below[0].folder, 'new/place/**');
  assert.match(
    (await run('locks', folder)).out,
    /#f1 {2}README\.md .*\n#f2 {2}src\/\{a,b\}\* .* both/,
  );
  assert.equal((await run('locks', folder, '--folder', '../x/**')).code, 2);
  assert.equal((await run('locks', folder, '--file', '.git/config')).code, 2);
  assert.match((await run('locks', folder, '--folder', 'src/{a,..}/*')).err, /bad_path/);
  const longer = rows(await run('locks', folder, '--extend', 'f2', '--for', '5m', '--json'));
  assert.deepEqual([longer[0].lock, longer[0].reason], ['f2', 'both']);
  for (const lock of ['f1', '#f2', 'f3']) {
    assert.equal((await run('locks', folder, '--release', lock)).code, 0);
  }
  assert.match((await run('locks', folder)).out, /No claims/);

  const strict = await run(
    'policy',
    folder,
    '--mode',
    'strict',
    '--limit',
    'opsPerBatch=12',
    '--json',
  );
  assert.deepEqual(rows(strict), [
    {
      policyMode: 'strict',
      lockPolicy: 'enforce',
      limits: { opsPerBatch: 12 },
      restorations: { agents: 'ask', people: 'ask' },
      exports: 'any',
    },
  ]);
  const asking = await run('policy', folder, '--exports', 'reviewed');
  assert.match(asking.out, /exports reviewed: people look at what agents did before/);
  assert.equal((await run('policy', folder, '--mode', 'line', '--exports', 'some')).code, 2);
  const [still] = rows(await run('policy', folder, '--json'));
  assert.deepEqual([still!.policyMode, still!.exports], ['strict', 'reviewed'], 'nothing is done');
  assert.equal(rows(await run('policy', folder, '--exports', 'any', '--json'))[0]!.exports, 'any');
  assert.equal((await run('policy', folder, '--limit', 'nonsense=1')).code, 2);
  const back = await run('policy', folder, '--mode', 'auto', '--limit', 'opsPerBatch=', '--json');
  assert.deepEqual(rows(back)[0]!.limits, {});
});

test('what a world may keep is shown, changed by its owner, and told when it is nearly used up', async () => {
  const place = path.join(folder, '..', 'kept');
  await mkdir(place);
  await writeFile(path.join(place, 'large.txt'), 'x'.repeat(1_200_000));
  await run('open', place);
  const shown = rows(await run('quota', place, '--json'))[0]!;
  assert.deepEqual(
    [shown.memberMebibytes, shown.memberNotes, shown.worldMebibytes],
    [512, 20_000, 8192],
  );
  assert.equal((await run('quota', place, '--set', 'worldMebibytes=0')).code, 2);
  assert.equal((await run('quota', place, '--set', 'nonsense=1')).code, 2);
  const near = await run('quota', place, '--set', 'worldMebibytes=1');
  assert.match(near.out, /the world: 1\.\d of 1 MiB/);
  assert.match(near.err, /Nearly used up/);
  const wide = await run('quota', place, '--set', 'worldMebibytes=100');
  assert.doesNotMatch(wide.err, /Nearly used up/);
  assert.match((await run('verify', place)).out, /verified/i);
});

test('a conflict is seen and decided from the command line, each way', async () => {
  const place = path.join(folder, '..', 'disputed');
  await mkdir(place);
  await writeFile(path.join(place, 'a.txt'), 'one\ntwo\nthree\n');
  const { uri, database, identity } = rows(await run('open', place, '--json'))[0]!;
  const person = await fileIdentityStore(home).read('embedded', 'person');
  assert.equal(person?.identity, identity);
  const agent = await enter(uri, database, person!);
  for (const [args, expected] of [
    [['--head'], 'ONE'],
    [['--mine'], 'eins'],
    [['--with', path.join(place, 'a.txt')], 'one'],
  ] as const) {
    const ticketId = await dispute(agent);
    const [listed] = rows(await run('tickets', place, '--json', '--text'));
    assert.deepEqual([listed.ticket, listed.path, listed.reason], [ticketId, 'a.txt', 'overlap']);
    assert.deepEqual([listed.parts[0].proposedText, listed.parts[0].headText], ['eins', 'ONE']);
    assert.doesNotMatch((await run('tickets', place)).out, /eins|ONE/, 'no text unless asked for');
    const decided = await run('resolve', String(ticketId), place, ...args);
    assert.equal(decided.code, 0, decided.err);
    assert.equal(await firstLineOf(agent), expected);
    assert.match((await run('tickets', place)).out, /No open tickets/);
  }
  const long = 'lang '.repeat(10_000).trim();
  const ticketId = await dispute(agent, long);
  const [shown] = rows(await run('tickets', place, '--json', '--text'));
  assert.deepEqual([shown.parts[0].proposedText, shown.parts[0].headText], [long, 'ONE']);
  assert.equal((await run('resolve', String(ticketId), place, '--mine')).code, 0);
  assert.equal(await firstLineOf(agent), long);
  assert.equal((await run('resolve', '999', place, '--head')).code, 2);
  agent.session.close();
});

test('changes that wait together are listed in words, long or short, and decided as one', async (t) => {
  const place = path.join(folder, '..', 'together');
  await mkdir(place);
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await writeFile(path.join(place, name), 'one\n');
  const { uri, database } = rows(await run('open', place, '--json'))[0]!;
  const person = await fileIdentityStore(home).read('embedded', 'person');
  const agent = await enter(uri, database, person!);
  t.after(() => agent.session.close());
  const read = await firstRead(agent);
  await agent.submit(read, firstLineTo(read.text, 'ONE'), 'patch');
  const { view } = agent.session;
  const [b, c] = ['b.txt', 'c.txt'].map((name) => {
    const { fileId, version } = view.fileAt(name)!;
    return { fileId, version };
  });
  const hold = (text: string) =>
    agent.changeFiles([
      { kind: 'edit', on: read, changes: firstLineTo(read.text, text) },
      {
        kind: 'create',
        path: 'new.txt',
        content: { kind: 'text', text: 'n\n', eol: 'lf', bom: false },
      },
      { kind: 'rename', ...b!, from: 'b.txt', to: 'lib/b.txt' },
      { kind: 'delete', ...c! },
    ]);
  for (const text of ['eins', 'lang '.repeat(10_000).trim()]) {
    const held = await hold(text);
    assert.equal(held.tag, 'ticketed');
    const { out } = await run('tickets', place);
    assert.match(out, /a\.txt:1 {2}4 changes that wait together by \S.* {2}overlap/);
    const parts = ['edit a.txt', 'make new.txt', 'rename b.txt to lib/b.txt', 'delete c.txt'];
    for (const words of parts) assert.ok(out.includes(`    ${words}\n`), words);
    const [listed] = rows(await run('tickets', place, '--json'));
    assert.deepEqual(listed.steps[2], { kind: 'rename', path: 'b.txt', to: 'lib/b.txt' });
    const way = text === 'eins' ? '--head' : '--mine';
    const decided = await run('resolve', String(listed.ticket), place, way);
    assert.equal(decided.code, 0, decided.err);
  }
  const later = await enter(uri, database, person!);
  t.after(() => later.session.close());
  assert.deepEqual(
    later.list().map((file) => file.path),
    ['a.txt', 'lib/b.txt', 'new.txt'],
  );
});

test('lines that are restored are named, and blame counts no line behind the last line end', async () => {
  const place = path.join(folder, '..', 'restored');
  await mkdir(place);
  await writeFile(path.join(place, 'a.txt'), 'one\ntwo\nthree\n');
  const { uri, database } = rows(await run('open', place, '--json'))[0]!;
  const person = await fileIdentityStore(home).read('embedded', 'person');
  const agent = await enter(uri, database, person!);
  const read = await firstRead(agent);
  const rest = { startLine: 0, startCharacter: 0, endLine: 2, endCharacter: 5, text: 'all new' };
  assert.equal((await agent.submit(read, [rest], 'patch')).tag, 'applied');
  agent.session.close();
  assert.match((await run('blame', 'a.txt', place)).out, /^1 [^\n]*\n$/);
  const restore = (...more: string[]) => run('restore-file', 'a.txt', '1', place, ...more);
  const lines = await restore('--lines', '1-2');
  assert.match(lines.out, /^a\.txt, lines 1–2: as at version 1 again, now version 3$/m);
  const whole = await restore();
  assert.match(whole.out, /^a\.txt: as at version 1 already$/m);
  const [told] = rows(await restore('--lines', '2-2', '--json'));
  assert.deepEqual(told.lines, { firstLine: 2, lastLine: 2 });
});

test('what an agent did in a turn is listed, blamed and taken back; what was asked for is shown and erased', async (t) => {
  const place = path.join(folder, '..', 'turns');
  await mkdir(place);
  await writeFile(path.join(place, 'a.txt'), 'one\ntwo\n');
  const { uri, database } = rows(await run('open', place, '--json'))[0]!;
  const person = await fileIdentityStore(home).read('embedded', 'person');
  const owner = await enter(uri, database, person!);
  const bot = await botOf(owner, uri, database);
  t.after(() => {
    owner.session.close();
    bot.session.close();
  });
  assert.match((await run('turns', place)).out, /No turns/);
  await new SessionTaker(bot.session).take('s');
  const names = { session: 's', name: '', client: 'a-client', title: 'counting' };
  const turn = await beginTurn(bot.session, { ...names, prompt: 'count!' }, systemRandomBytes);
  await bot.read('a.txt');
  await bot.replace('a.txt', [{ search: 'one', replacement: 'this is line number 1' }]);
  await endTurn(bot.session, 's', systemRandomBytes);
  const blamed = rows(await run('blame', 'a.txt', place, '--json'));
  assert.deepEqual(
    blamed.map(({ firstLine, kind, turn: of }) => [firstLine, kind, of]),
    [
      [1, 'agent', turn],
      [2, 'human', null],
    ],
  );
  await bot.read('a.txt');
  await bot.replace('a.txt', [{ search: 'two', replacement: 'and this is number 2' }]);
  assert.match(
    (await run('turns', place)).out,
    / {2}bot {2}a-client {2}ended {2}counting {2}prompt kept/,
  );
  const named = String(turn);
  const done = rows(await run('history', place, '--turn', named, '--json'));
  assert.deepEqual(
    done.map((op) => [op.kind, op.version, op.turn]),
    [['edit', 2, turn]],
  );
  assert.match((await run('turns', place, '--prompt', named)).out, /^count!$/m);
  assert.equal((await run('turns', place, '--erase', `#${named}`)).code, 0);
  assert.match((await run('turns', place, '--prompt', named)).err, /was erased/);
  assert.equal((await run('turns', place, '--prompt', 'x')).code, 2);
  const back = await run('take-back', 'bot', place, '--turn', named, '--apply');
  assert.equal(back.code, 0, back.err);
  await caughtUp(owner.session);
  assert.equal(await textOf(owner), 'one\nand this is number 2\n');
});

test('what agents did is listed, kept and taken back from the command line', async (t) => {
  const place = path.join(folder, '..', 'looked-at');
  await mkdir(place);
  await writeFile(path.join(place, 'a.txt'), 'one\ntwo\nthree\nfour\n');
  const { uri, database } = rows(await run('open', place, '--json'))[0]!;
  const person = await fileIdentityStore(home).read('embedded', 'person');
  const owner = await enter(uri, database, person!);
  const bot = await botOf(owner, uri, database);
  t.after(() => {
    owner.session.close();
    bot.session.close();
  });
  assert.match((await run('review', place)).out, /Everything that agents did was looked at/);
  const edit = async (search: string, replacement: string): Promise<void> => {
    await bot.read('a.txt');
    await bot.replace('a.txt', [{ search, replacement }]);
  };
  await edit('one', '1');
  await new SessionTaker(bot.session).take('s');
  const names = { session: 's', name: '', client: 'a-client', title: 'counting' };
  const turn = await beginTurn(bot.session, names, systemRandomBytes);
  await edit('three', '3');
  await edit('four\n', '');
  const listed = await run('review', place);
  const wanted = `bot
  turn #${turn}
    a.txt
      line 3: changed
  outside of any turn
    a.txt
      line 1: changed
`;
  assert.equal(listed.out, wanted);
  const [json] = rows(await run('review', place, '--json'));
  assert.deepEqual(json!.change, {
    kind: 'changed',
    firstLine: 3,
    lastLine: 3,
    before: 'three\nfour\n',
    after: '3\n',
  });
  await run('policy', place, '--exports', 'reviewed');
  const held = await run('export', place, '--init', '--json');
  assert.equal(held.code, 4);
  const said = held.err.trim().split('\n').at(-1)!;
  const { code, message } = (JSON.parse(said) as { error: { code: string; message: string } })
    .error;
  assert.equal(code, 'unreviewed');
  assert.match(message, /2 changes were not looked at: a\.txt \(bot\)\. A person can look/);
  const made = await run('export', place, '--init', '--unreviewed');
  assert.match(made.out, /1 commits, 1 files changed/, made.err);
  assert.match((await run('history', place)).out, /although the world asks for review/);
  assert.equal((await run('keep', place)).code, 2, 'what to keep is said');
  const kept = await run('keep', place, '--file', 'a.txt', '--lines', '1-2');
  assert.match(kept.out, /kept: 1 hunk/, kept.err);
  const back = await run('take-back', 'bot', place, '--unreviewed', '--say', 'no', '--apply');
  assert.match(back.out, /taken back: 1 hunk/, back.err);
  await caughtUp(owner.session);
  assert.equal(await textOf(owner), '1\ntwo\nthree\nfour\n');
  assert.match((await run('review', place)).out, /Everything that agents did was looked at/);
  assert.match((await run('history', place)).out, /took back what agents did: no/);
});

test('what a folder asks is listed and answered from the command line, and may be switched off', async (t) => {
  const place = path.join(folder, '..', 'asking');
  await mkdir(place);
  await writeFile(path.join(place, 'a.txt'), 'one\n');
  const { uri, database } = rows(await run('open', place, '--json'))[0]!;
  const person = await fileIdentityStore(home).read('embedded', 'person');
  const owner = await enter(uri, database, person!);
  t.after(() => owner.session.close());
  assert.match((await run('restorations', '--world', place)).out, /No folder asks anything/);

  const bot = await botOf(owner, uri, database);
  t.after(() => bot.session.close());
  const { fileId } = bot.session.view.fileAt('a.txt')!;
  const question = {
    cause: 'git',
    folderName: 'clone',
    items: [{ fileId, path: 'a.txt', what: 'changed' }],
    fileCount: 3,
    owners: [person!.identity],
  } as const;
  const desk = new SessionDesk(bot.session, systemRandomBytes);
  const asked = await desk.ask(question, newUuid(Date.now(), systemRandomBytes));
  const listed = await run('restorations', '--world', place);
  const lines = listed.out.trim().split('\n');
  assert.match(
    lines[0]!,
    /^#\d+  git in bot’s folder “clone” puts back 3 files as they were before /,
  );
  assert.deepEqual(lines.slice(1, 3), ['      a.txt', '      and 2 more']);
  assert.match(lines[3]!, /^    may answer: you$/);
  const [row] = rows(await run('restorations', '--world', place, '--json'));
  assert.deepEqual([row.question, row.status, row.isYours], [asked, 'open', true]);
  assert.deepEqual(row.mayAnswer, [person!.identity]);
  const [told] = bot.questions();
  assert.equal(told?.restorationId, asked, 'the agent knows what its folder waits for');

  const answer = (...words: string[]) => run('restorations', 'answer', ...words, '--world', place);
  for (const words of [['1'], ['1', 'maybe'], ['x', 'take']]) {
    assert.equal((await answer(...words)).code, 2, words.join(' '));
  }
  const left = await answer(`#${asked}`, 'leave');
  assert.equal(left.code, 0, left.err);
  assert.match(
    (await run('restorations', '--world', place)).out,
    /left as it is by .*answered anew/,
  );
  assert.equal((await answer(String(asked), 'put-back', '--json')).code, 0);
  await caughtUp(bot.session);
  assert.equal(desk.answerOf(asked), 'put_back');
  const late = await answer(String(asked), 'take', '--json');
  assert.deepEqual([late.code, JSON.parse(late.err).error.code], [4, 'already_resolved']);
  const none = await answer('999', 'take', '--json');
  assert.deepEqual([none.code, JSON.parse(none.err).error.code], [4, 'no_such_restoration']);
  assert.match((await run('restorations', '--world', place)).out, /No folder asks anything/);

  assert.equal((await run('policy', place, '--agent-folders', 'perhaps')).code, 2);
  const [rules] = rows(await run('policy', place, '--agent-folders', 'take', '--json'));
  assert.deepEqual(rules.restorations, { agents: 'take', people: 'ask' });
  assert.match((await run('policy', place)).out, /folders of agents take: /);
  await caughtUp(bot.session);
  assert.equal(desk.rule(), 'take');

  const last = await desk.ask(question, newUuid(Date.now(), systemRandomBytes));
  await removeMember(owner.session, bot.session.identity);
  const orphan = (await run('restorations', '--world', place)).out;
  assert.match(orphan, /was removed: it can only be ended\n +may end it: you\n/);
  const refused = await answer(String(last), 'take', '--json');
  assert.deepEqual([refused.code, JSON.parse(refused.err).error.code], [4, 'no_such_member']);
  assert.equal((await run('restorations', 'end', '--world', place)).code, 2);
  assert.match((await run('restorations', 'end', `#${last}`, '--world', place)).out, /is ended/);
  assert.match((await run('restorations', '--world', place)).out, /No folder asks anything/);
  assert.match((await run('verify', place)).out, /verified/i);
});

test('a world is renamed, and deleted only by its name', async () => {
  const place = path.join(folder, '..', 'doomed');
  await mkdir(place);
  await writeFile(path.join(place, 'a.txt'), 'stays\n');
  const { database } = rows(await run('open', place, '--json'))[0]!;
  assert.equal((await run('rename', 'Better', place)).code, 0);
  assert.match((await run('worlds')).out, new RegExp(`Better +${database}`));
  assert.equal((await run('delete', 'Better')).code, 2);
  assert.equal((await run('delete', 'Better', '--name', 'doomed')).code, 2);
  const deleted = await run('delete', 'Better', '--name', 'Better');
  assert.equal(deleted.code, 0, deleted.err);
  assert.doesNotMatch((await run('worlds')).out, new RegExp(database));
  assert.equal(await readFile(path.join(place, 'a.txt'), 'utf8'), 'stays\n');
});

test('the home is put in order: its command runs this installation, what a restore left is gone', async () => {
  const left = path.join(home, 'restores', 'gone.archive');
  await mkdir(path.dirname(left), { recursive: true });
  await writeFile(left, 'half of an archive');
  const [tidied] = rows(await run('tidy', '--json'));
  assert.match(await readFile(tidied.command, 'utf8'), /installed\/dist\/cli\.cjs/);
  assert.deepEqual(await readdir(path.dirname(left)), []);
});

test('agents come to the folder and leave when interrupted', async () => {
  const agents = start('demo-agents', folder);
  await firstLine(agents, 'stderr', 'Indexer');
  const watching = start('watch', folder, '--from', '1');
  await firstLine(watching, 'stdout', 'Indexer edit README.md');
  for (const child of [agents, watching]) {
    child.kill('SIGINT');
    await once(child, 'close');
    assert.equal(child.exitCode, 0);
  }
});

test('the demonstration works on a copy and ends with the verdict', async () => {
  const { code, out, err } = await run('demo', folder, '--for', '2s');
  assert.equal(code, 0, err);
  assert.match(out, /^#\d+ .* Anna edit README\.md v2/m);
  assert.match(out, /keys typed/);
  assert.match(out, /^verified \d+ ops/m);
  assert.equal(await readFile(path.join(folder, 'a.js'), 'utf8'), 'const  a=1\n');
});

/** An agent that an owner lets in. */
async function botOf(owner: AgentSession, uri: string, database: string): Promise<AgentSession> {
  const self = await newIdentity(uri);
  const rights = { kind: 'agent', role: 'editor', capabilities: ['edit'], pathScope: [] } as const;
  const terms = { ...rights, uses: 1, expiresAtMs: Date.now() + 60_000 };
  const { secret } = await createInvite(owner.session, uri, terms, systemRandomBytes);
  const profile = { displayName: 'bot', gitName: '', gitEmail: '', color: '' };
  await joinWorld({ uri, database, secret, self, profile });
  return enter(uri, database, self);
}

async function textOf(agent: AgentSession): Promise<string> {
  const read = await agent.read('a.txt');
  return read.tag === 'text' ? read.text.toString() : read.tag;
}
