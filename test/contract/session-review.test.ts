// What a person can do about the work of agents: see it, keep it, take it back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { heardBy } from '../../src/agents/own-concerns.ts';
import { replace } from '../../src/core/change.ts';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import { type DecisionResult, Review } from '../../src/review/review.ts';
import type { ReviewHunk, ShownHunk } from '../../src/review/review-hunk.ts';
import { WaitingDecisions } from '../../src/review/waiting-decisions.ts';
import {
  bringBackFile,
  createFile,
  deleteFile,
  renameFile,
  replaceFile,
  shapeFile,
} from '../../src/world/change-file.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { beginTurn, endTurn } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { bundle, caughtUp, WorldLab } from './world-lab.ts';

const ends: (() => Promise<void>)[] = [];
let lab: WorldLab;
let ada: AgentSession;
let robot: AgentSession;
let mate: AgentSession;
let review: Review;
let files = 0;

before(async () => {
  lab = await WorldLab.open({
    after(end) {
      ends.push(end as () => Promise<void>);
    },
  });
  const session = await lab.enter(lab.owner);
  ada = new AgentSession({ session, randomBytes: systemRandomBytes });
  robot = await lab.agent({ kind: 'agent' });
  mate = await lab.agent({ kind: 'agent' });
  review = new Review(session, systemRandomBytes);
});

after(async () => {
  for (const end of ends.reverse()) await end();
});

async function file(text: string, by = ada): Promise<{ path: string; fileId: number }> {
  const path = `file-${++files}.txt`;
  await by.create(path, text);
  await everybody();
  return { path, fileId: ada.session.view.fileAt(path)!.fileId };
}

async function edit(by: AgentSession, path: string, search: string, replacement: string) {
  await everybody();
  await by.read(path);
  const { tag } = await by.replace(path, [{ search, replacement }]);
  assert.equal(tag, 'applied');
  await everybody();
}

const at = (line: number, character: number) => ({ line, character });

function everybody(): Promise<void> {
  return caughtUp(ada.session, robot.session, mate.session);
}

async function text(path: string): Promise<string> {
  await everybody();
  const read = await ada.read(path);
  return read.tag === 'text' ? read.text.toString() : read.tag;
}

const shown = (hunks: readonly ReviewHunk[]) =>
  hunks.map((hunk) =>
    hunk.tag === 'text' ? [hunk.what, hunk.lines, hunk.before, hunk.after] : [hunk.change.kind],
  );

test('what agents did is shown with its lines before and after, by agent and by turn', async () => {
  const { path, fileId } = await file('one\ntwo\nthree\nfour\nfive\nsix\n');
  assert.deepEqual(await review.hunks(fileId), []);
  await new SessionTaker(robot.session).take('morning');
  const asked = { session: 'morning', name: '', client: 'a-client', title: 'tidy' };
  const turn = await beginTurn(robot.session, asked, systemRandomBytes);
  await edit(robot, path, 'one', 'ONE');
  await edit(mate, path, 'three\n', 'three\nnew\n');
  await edit(robot, path, 'six\n', '');
  await edit(ada, path, 'five', 'FIVE');
  const hunks = await review.hunks(fileId);
  assert.deepEqual(shown(hunks), [
    ['changed', [0, 0], 'one', 'ONE'],
    ['added', [3, 3], '', 'new\n'],
    ['removed', [6, 6], 'six\n', ''],
  ]);
  const { identity } = robot.session;
  assert.deepEqual(hunks[0]!.works, [{ agent: identity, turn: turn }]);
  assert.deepEqual(hunks[1]!.works, [{ agent: mate.session.identity, turn: undefined }]);
  assert.equal((await review.hunks(fileId, { agent: identity })).length, 2);
  assert.equal((await review.hunks(fileId, { turn: turn })).length, 2);
  const listed = await review.files();
  assert.deepEqual(
    listed.map(({ head, works }) => [head.path, works.length]),
    [[path, 2]],
  );
  const result = await review.keep(await review.hunks(fileId, { agent: identity }));
  assert.deepEqual(result, { decided: 2, moved: [], deciders: [], refused: [], untold: [] });
  await everybody();
  assert.equal((await review.hunks(fileId)).length, 1, 'what another one did is still there');
  assert.equal((await review.keep(await review.hunks(fileId))).decided, 1);
  await everybody();
  assert.deepEqual(review.fileIds, []);
});

test('taking back leaves what others wrote inside, and is done once', async () => {
  const { path, fileId } = await file('one\ntwo\nthree\n');
  const changed: number[] = [];
  const stop = review.onChange((each) => changed.push(each));
  await edit(robot, path, 'two', 'a long line of the robot’s');
  await edit(ada, path, 'long', 'long and winding');
  stop();
  assert.deepEqual(new Set(changed), new Set([fileId]), 'whoever shows it hears of each op');
  assert.ok(changed.length >= 2);
  const [hunk] = await review.hunks(fileId);
  assert.ok(hunk?.tag === 'text');
  assert.deepEqual(
    hunk.builtOn.map((each) => each.text),
    [' and winding'],
  );
  const result = await review.takeBack([hunk], { words: 'Leave this line alone.' });
  assert.equal(result.decided, 1);
  assert.equal(await text(path), 'one\ntwo and winding\nthree\n');
  assert.deepEqual(review.fileIds, []);
  const again = await review.takeBack([hunk]);
  const { deciders, ...rest } = again;
  const none = { decided: 0, moved: [hunk], refused: [], untold: [] };
  assert.deepEqual(rest, none, 'it is looked at again');
  assert.deepEqual(
    deciders.map(({ who, does }) => [who, does]),
    [[ada.session.identity, 'take']],
  );
  await everybody();
  const messages = [...robot.session.view.notes.values()].map((note) => [note.to, note.text]);
  assert.deepEqual(messages, [
    [
      robot.session.identity,
      `I took back what you did in ${path} (line 2). My words: Leave this line alone.`,
    ],
  ]);
  assert.deepEqual(heardBy(robot.session, 0).length, 1, 'its next answer, or hook, brings it');
});

test('a hunk that moved is decided; one that others changed since it was shown is not', async () => {
  const { path, fileId } = await file('one\ntwo\nthree\n');
  await edit(robot, path, 'two', 'TWO');
  await edit(robot, path, 'three', 'THREE');
  await edit(ada, path, 'TWO\n', 'TWO\nmine\n');
  const hunks = await review.hunks(fileId);
  assert.equal(hunks.length, 2);
  await edit(ada, path, 'one', 'zero\none');
  await edit(ada, path, 'THREE', 'TH-REE');
  const result = await review.takeBack(hunks);
  assert.deepEqual([result.decided, result.moved, result.deciders], [1, [hunks[1]], []]);
  assert.equal(await text(path), 'zero\none\ntwo\nmine\nTH-REE\n');
  await review.keep(await review.hunks(fileId));
});

test('of changes that read alike the one is decided that was shown, wherever it stands by now', async () => {
  const { path, fileId } = await file('old\nmiddle\nold\nend\nold\n');
  await everybody();
  await robot.read(path);
  const { tag } = await robot.edit(
    path,
    [0, 2, 4].map((line) => replace(at(line, 0), at(line, 3), 'new')),
  );
  assert.equal(tag, 'applied');
  await everybody();
  const [, second, third] = await review.hunks(fileId);
  await edit(ada, path, 'middle', 'before the middle\nmiddle');
  assert.equal((await review.takeBack([second!])).decided, 1);
  await everybody();
  assert.equal(await text(path), 'new\nbefore the middle\nmiddle\nold\nend\nnew\n');
  assert.equal((await review.keep([third!])).decided, 1);
  const late = await review.takeBack([second!, third!]);
  assert.deepEqual(late.moved, [second, third], 'that was decided before');
  assert.deepEqual(
    late.deciders.map(({ does }) => does),
    ['keep'],
    'each person is named once',
  );
  await everybody();
  assert.deepEqual(shown(await review.hunks(fileId)), [['changed', [0, 0], 'old', 'new']]);
  await review.keep(await review.hunks(fileId));
});

test('some lines of a hunk are decided, the rest stays to be looked at', async () => {
  const { path, fileId } = await file('start\nend\n');
  await edit(robot, path, 'start\n', 'start\na\nb\nc\nd\n');
  assert.equal((await review.hunks(fileId)).length, 1);
  const select = async (first: number, last: number) => {
    const [found] = await review.files({ fileId, lines: [first, last] });
    return found!.hunks;
  };
  const middle = await select(2, 3);
  assert.deepEqual(shown(middle), [['added', [2, 3], '', 'b\nc\n']]);
  await edit(ada, path, 'start', 'before\nstart');
  assert.equal((await review.takeBack(middle)).decided, 1);
  assert.equal(await text(path), 'before\nstart\na\nd\nend\n');
  assert.equal((await review.keep(await select(2, 2))).decided, 1);
  await everybody();
  assert.deepEqual(shown(await review.hunks(fileId)), [['added', [3, 3], '', 'd\n']]);
  await review.keep(await review.hunks(fileId));
  await everybody();
  assert.deepEqual(review.fileIds, []);
});

test('what was done to a file as a whole is kept or taken back whole', async () => {
  const made = await file('new\n', robot);
  const gone = await file('gone\n');
  const moved = await file('moved\n');
  const kept = await file('kept\n');
  const changer = { session: robot.session, randomBytes: systemRandomBytes, author: '' };
  const head = (fileId: number) => robot.session.view.files.get(fileId)!;
  await deleteFile(changer, head(gone.fileId));
  await renameFile(changer, head(moved.fileId), 'elsewhere.txt');
  const content = { kind: 'text', text: '', eol: 'crlf', bom: false } as const;
  await shapeFile(changer, head(kept.fileId), { content, mode: 'executable' });
  await everybody();
  await edit(mate, 'elsewhere.txt', 'moved', 'MOVED');
  const all = await review.files();
  assert.deepEqual(
    all.map(({ head: { path }, hunks }) => [path, hunks.map((each) => shown([each])[0]![0])]),
    [
      ['elsewhere.txt', ['renamed', 'changed']],
      [made.path, ['created', 'added']],
      [gone.path, ['deleted']],
      [kept.path, ['mode']],
    ],
  );
  const result = await review.takeBack(all.flatMap(({ hunks }) => hunks));
  assert.deepEqual([result.decided, result.moved, result.refused], [6, [], []]);
  await everybody();
  const { view } = ada.session;
  assert.deepEqual(review.fileIds, []);
  assert.equal(view.files.get(made.fileId)!.deleted, true);
  assert.equal(await text(gone.path), 'gone\n');
  assert.equal(await text(moved.path), 'moved\n');
  const { mode, eol } = view.files.get(kept.fileId)!;
  assert.deepEqual([mode, eol], ['regular', 'lf']);
  const world = { server: 'test', database: lab.database };
  const worlds = new WorldList(lab.folder);
  const verdict = await verifyWorld({ session: ada.session, world, worlds, bundle });
  assert.equal(verdict.tag, 'verified', JSON.stringify(verdict));
});

test('bytes that an agent replaced come back as they were, and a file that it brought back goes', async () => {
  const changer = { session: robot.session, randomBytes: systemRandomBytes, author: '' };
  const own = { ...changer, session: ada.session };
  const bytes = (...all: number[]) =>
    ({ kind: 'binary', bytes: Uint8Array.of(0, ...all) }) as const;
  await createFile(own, 'picture.bin', { content: bytes(1, 2), mode: 'regular' });
  const gone = await file('gone\n');
  await deleteFile(own, ada.session.view.files.get(gone.fileId)!);
  await everybody();
  const { fileId, version } = robot.session.view.fileAt('picture.bin')!;
  await replaceFile(changer, { fileId, version, content: bytes(3) });
  await bringBackFile(changer, robot.session.view.files.get(gone.fileId)!);
  await everybody();
  const all = await review.files();
  assert.deepEqual(
    all.map(({ head: { path }, hunks }) => [path, shown(hunks)]),
    [
      [gone.path, [['deleted']]],
      ['picture.bin', [['content']]],
    ],
  );
  const { decided } = await review.takeBack(all.flatMap(({ hunks }) => hunks));
  assert.equal(decided, 2);
  await everybody();
  assert.deepEqual(review.fileIds, []);
  assert.equal(ada.session.view.files.get(gone.fileId)!.deleted, true);
  const now = await readFile(ada.session.link!, ada.session.view, fileId);
  assert.deepEqual(now.kind === 'binary' && [...now.bytes], [0, 1, 2]);
});

test('a turn is taken back whole after somebody renamed one of its files', async () => {
  const [first, second] = [await file('one\n'), await file('two\n')];
  const asked = { session: 'morning', name: '', client: 'a-client', title: 'again' };
  await new SessionTaker(robot.session).take('morning');
  const turn = await beginTurn(robot.session, asked, systemRandomBytes);
  await edit(robot, first.path, 'one', 'ONE');
  await edit(robot, second.path, 'two', 'TWO');
  await edit(mate, second.path, 'TWO\n', 'TWO\nmate\n');
  const hunks = (await review.files({ turn })).flatMap((each) => each.hunks);
  const own = { session: ada.session, randomBytes: systemRandomBytes, author: '' };
  await renameFile(own, ada.session.view.files.get(first.fileId)!, 'renamed.txt');
  await everybody();
  assert.equal((await review.takeBack(hunks)).decided, 2);
  assert.equal(await text('renamed.txt'), 'one\n');
  assert.equal(await text(second.path), 'two\nmate\n');
  await everybody();
  assert.deepEqual(
    review.fileIds,
    [second.fileId],
    'what another one did is still to be looked at',
  );
  await review.keep((await review.files()).flatMap((each) => each.hunks));
  await everybody();
});

test('what waits for a turn’s end is taken back then, once, also after a restart; what changed is not', async () => {
  const [near, other, changed] = [await file('one\n'), await file('two\n'), await file('three\n')];
  const asked = { session: 'evening', name: '', client: 'a-client', title: 'go on' };
  await new SessionTaker(robot.session).take('evening');
  await beginTurn(robot.session, asked, systemRandomBytes);
  for (const [{ path }, word] of [
    [near, 'one'],
    [other, 'two'],
    [changed, 'three'],
  ] as const) {
    await edit(robot, path, word, word.toUpperCase());
  }
  let shelf = '[]';
  const done: DecisionResult<ShownHunk>[] = [];
  const waits = () =>
    new WaitingDecisions({
      session: ada.session,
      review,
      shelf: {
        read: () => JSON.parse(shelf),
        write: (wishes) => (shelf = JSON.stringify(wishes)),
      },
      onChange: () => undefined,
      onDone: (result) => done.push(result),
    });
  const hunksOf = ({ fileId }: { fileId: number }) => review.hunks(fileId);
  const [shownNear, shownOther, shownChanged] = [
    await hunksOf(near),
    await hunksOf(other),
    await hunksOf(changed),
  ];
  const first = waits();
  first.add([...shownNear, ...shownOther, ...shownChanged], 'Not now.');
  first.withdraw(shownOther);
  await first.look(new AbortController().signal);
  assert.deepEqual([done, first.size], [[], 2], 'the turn goes on');
  const again = waits();
  assert.deepEqual(
    [shownNear, shownOther].map(([hunk]) => again.isWaiting(hunk!)),
    [true, false],
  );
  await edit(robot, changed.path, 'THREE', 'THIRD');
  await edit(ada, near.path, 'ONE', 'before\nONE');
  const told = robot.session.view.notes.size;
  await endTurn(robot.session, 'evening', systemRandomBytes);
  await everybody();
  const { signal } = new AbortController();
  await Promise.all([again.look(signal), first.look(signal)]);
  await again.look(signal);
  await everybody();
  assert.equal(await text(near.path), 'before\none\n');
  assert.equal(await text(other.path), 'TWO\n');
  assert.equal(await text(changed.path), 'THIRD\n', 'it is to be looked at again');
  assert.equal(
    done.reduce((sum, { decided }) => sum + decided, 0),
    1,
  );
  assert.deepEqual([again.size, shelf], [0, '[]']);
  const notes = [...robot.session.view.notes.values()].slice(told);
  assert.deepEqual(
    notes.map((note) => note.text),
    [`I took back what you did in ${near.path} (line 2). My words: Not now.`],
  );
  const left = (await review.files()).flatMap((each) => each.hunks);
  await review.keep(left);
  await everybody();
});

test('an agent cannot decide', async () => {
  const { path, fileId } = await file('one\n');
  await edit(robot, path, 'one', 'two');
  const own = new Review(robot.session, systemRandomBytes);
  const { refused, decided } = await own.keep(await own.hunks(fileId));
  assert.deepEqual([decided, refused.map(({ code }) => code)], [0, ['forbidden']]);
});
