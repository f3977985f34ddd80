// Every kind of ticket by every way to resolve it, through the host: what stands in the files then.
// All of it once more where paths differ in the case of letters only: such twins are one path.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Changes } from '../../src/core/change.ts';
import {
  type Actor,
  newId,
  newOp,
  newTextFile,
  textOf,
  WorldStage,
} from '../harness/world-stage.ts';

const TEXT = 'one\ntwo\n';

type Way = 'withdraw' | 'accept_head' | 'rebase' | 'patch' | 'moved';
const WAYS: readonly Way[] = ['withdraw', 'accept_head', 'rebase', 'patch', 'moved'];

/** Whether what is proposed, and what became of the files since, has names of its own or twins. */
type Naming = 'plain' | 'twins';

/** A ticket of Bob's and the files it is about. */
interface Dispute {
  readonly ticketId: number;
  readonly files: readonly number[];
}

/**
 * `head` is what stands there without the edit; the last three are what stands there after it was
 * insisted on, after a patch puts `P` in front of each file, and after insisting on it without having
 * seen what was written at its place since. A word without `/` is the code of a refusal.
 */
interface Row {
  readonly dispute: (naming: Naming) => Promise<Dispute>;
  readonly head: string;
  readonly rebase: string;
  readonly patch: string;
  readonly moved: string;
}

let stage: WorldStage;
let ann: Actor;
let bob: Actor;
let counter = 0;

before(async () => {
  stage = await WorldStage.open({ limits: '{"staleOps":3}' });
  ann = await stage.join('Ann');
  bob = await stage.join('Bob');
});

after(() => stage.close());

const TABLE: Readonly<Record<string, Row>> = {
  overlap: {
    dispute: async () => {
      const fileId = await newFile();
      await ann.edit(fileId, 1, put(0, 0, 3, 'ONE'));
      return disputeOf(await bob.edit(fileId, 1, put(0, 0, 3, '1')), [fileId]);
    },
    head: 'ONE/two/',
    rebase: '1/two/',
    patch: 'PONE/two/',
    moved: 'head_moved',
  },
  concurrent: {
    dispute: async () => {
      const fileId = await newFile();
      await ann.edit(fileId, 1, put(1, 0, 3, 'TWO'));
      await setPolicy('strict');
      const result = await bob.edit(fileId, 1, put(0, 0, 3, '1'));
      await setPolicy('auto');
      return disputeOf(result, [fileId]);
    },
    head: 'one/TWO/',
    rebase: '1/TWO/',
    patch: 'Pone/TWO/',
    moved: 'head_moved',
  },
  'range changed': {
    dispute: async () => {
      const fileId = await newFile();
      const range = { startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 3 };
      const hash = new Uint8Array(createHash('sha256').update('two').digest());
      await ann.edit(fileId, 1, put(1, 1, 2, 'W'));
      const rangeHashes = [{ ...range, hash }];
      return disputeOf(await bob.edit(fileId, 1, put(0, 0, 3, '1'), { rangeHashes }), [fileId]);
    },
    head: 'one/tWo/',
    rebase: '1/tWo/',
    patch: 'Pone/tWo/',
    moved: 'head_moved',
  },
  'too stale': {
    dispute: async () => {
      const fileId = await newFile();
      for (let version = 1; version <= 4; version++) {
        await ann.edit(fileId, version, put(1, 0, 0, 'x'));
      }
      return disputeOf(await bob.edit(fileId, 1, put(0, 0, 3, '1')), [fileId]);
    },
    head: 'one/xxxxtwo/',
    rebase: 'too_stale',
    patch: 'Pone/xxxxtwo/',
    moved: 'head_moved',
  },
  'held batch of two files': {
    dispute: async () => {
      const files = [await newFile(), await newFile()] as const;
      await ann.edit(files[1], 1, put(0, 0, 3, 'ONE'));
      const ops = [
        newOp(files[0], 1, put(1, 0, 3, '2')),
        newOp(files[0], 0, put(1, 1, 1, '!')),
        newOp(files[1], 1, put(0, 0, 3, '1')),
      ];
      const result = await bob.send(ops);
      assert.deepEqual(
        result.outcomes.map(({ outcome }) => outcome),
        ['held', 'held', 'ticket'],
      );
      return disputeOf(result, files);
    },
    head: 'one/two/ + ONE/two/',
    rebase: 'one/2!/ + 1/two/',
    patch: 'Pone/two/ + PONE/two/',
    moved: 'head_moved',
  },
  extended: {
    dispute: async () => {
      const fileId = await newFile();
      await ann.edit(fileId, 1, put(0, 0, 3, 'ONE'));
      const { ticketId } = disputeOf(await bob.edit(fileId, 1, put(0, 0, 3, '1')), [fileId]);
      for (const text of ['1, ', '1, and more']) {
        await bob.send([newOp(fileId, 2, put(0, 0, 3, text))], ticketId);
      }
      return { ticketId, files: [fileId] };
    },
    head: 'ONE/two/',
    rebase: '1, and more/two/',
    patch: 'PONE/two/',
    moved: 'head_moved',
  },
  'extension of a closed one': {
    dispute: async () => {
      const fileId = await newFile();
      await ann.edit(fileId, 1, put(0, 0, 3, 'ONE'));
      const first = disputeOf(await bob.edit(fileId, 1, put(0, 0, 3, '1')), [fileId]);
      await ann.caughtUp();
      await ann.mustCall('resolve_conflict', decisionOf(ann, first, 'accept_head'));
      const again = await bob.send([newOp(fileId, 2, put(0, 0, 3, '1st'))], first.ticketId);
      const dispute = disputeOf(again, [fileId]);
      assert.equal(bob.ticket(dispute.ticketId).extends, first.ticketId);
      const more = [newOp(fileId, 2, put(0, 0, 3, '1st!'))];
      await bob.send(more, dispute.ticketId);
      return dispute;
    },
    head: 'ONE/two/',
    rebase: '1st!/two/',
    patch: 'PONE/two/',
    moved: 'head_moved',
  },
  'edit of a deleted file': {
    dispute: async () => {
      const fileId = await newFile();
      await ann.mustCall('delete_file', on(fileId, 1));
      return disputeOf(await bob.edit(fileId, 1, put(0, 0, 3, '1')), [fileId]);
    },
    head: 'gone',
    rebase: '1/two/',
    patch: 'Pone/two/',
    moved: '1/two/',
  },
  delete: {
    dispute: async () => {
      const fileId = await newFile();
      await ann.edit(fileId, 1, put(0, 0, 3, 'ONE'));
      return disputeOf(await bob.mustCall('delete_file', on(fileId, 1)), [fileId]);
    },
    head: 'ONE/two/',
    rebase: 'gone',
    patch: 'bad_request',
    moved: 'head_moved',
  },
  rename: {
    dispute: async (naming) => {
      const fileId = await newFile();
      const fromPath = ann.head(fileId).path;
      const moving = { ...on(fileId, 1), fromPath };
      await ann.mustCall('rename_file', { ...moving, path: `ann-${fromPath}` });
      const path = `${naming === 'plain' ? 'bob' : 'Ann'}-${fromPath}`;
      const late = { ...moving, opId: newId(), path };
      return disputeOf(await bob.mustCall('rename_file', late), [fileId]);
    },
    head: 'one/two/ ann',
    rebase: 'one/two/ bob',
    patch: 'bad_request',
    moved: 'head_moved',
  },
  'file at a taken path': {
    dispute: async (naming) => {
      const fileId = await newFile();
      const { path } = ann.head(fileId);
      const taken = naming === 'plain' ? path : path.toUpperCase();
      const file = newTextFile(taken, '1\ntwo\n');
      return disputeOf(await bob.mustCall('create_file', { author: '', file }), [fileId]);
    },
    head: 'one/two/',
    rebase: '1/two/',
    patch: 'Pone/two/',
    moved: 'head_moved',
  },
  'content over content': {
    dispute: async () => {
      const fileId = await newFile();
      await ann.edit(fileId, 1, put(0, 0, 3, 'ONE'));
      const { content } = newTextFile('', 'all new\n');
      const args = { ...on(fileId, 1), content };
      return disputeOf(await bob.mustCall('replace_content', args), [fileId]);
    },
    head: 'ONE/two/',
    rebase: 'all new/',
    patch: 'bad_request',
    moved: 'head_moved',
  },
};

for (const [kind, row] of Object.entries(TABLE)) {
  for (const way of WAYS) {
    const expected = way === 'withdraw' || way === 'accept_head' ? row.head : row[way];
    test(`${kind}, ${way}: ${expected}`, () => decideOne(row, way, expected, 'plain'));
    test(`${kind} among twins, ${way}: ${expected}`, () => decideOne(row, way, expected, 'twins'));
  }
}

async function decideOne(row: Row, way: Way, expected: string, naming: Naming): Promise<void> {
  const dispute = await row.dispute(naming);
  if (naming === 'twins') await renameToTwins(dispute);
  await stage.caughtUp();
  assert.ok(ann.rows('conflict_ticket').some(isOf(dispute)));
  assert.ok(dispute.files.every((id) => isSame(id)));
  assert.equal(shown(dispute), row.head, 'until it is decided nothing of it is there');
  await decide(dispute, way, expected);
}

/** Somebody gives every file of the dispute a name that differs in the case of its letters only. */
async function renameToTwins({ files }: Dispute): Promise<void> {
  await stage.caughtUp();
  for (const fileId of files) {
    const { path: fromPath, version, deleted } = stage.owner.head(fileId);
    if (deleted) continue;
    const renaming = { ...on(fileId, version), fromPath, path: fromPath.toUpperCase() };
    await stage.owner.mustCall('rename_file', renaming);
  }
}

/** Decides a ticket, and sees that it is decided once: again is answered, another decision refused. */
async function decide(dispute: Dispute, way: Way, expected: string): Promise<void> {
  const who = way === 'withdraw' || way === 'rebase' ? bob : ann;
  const resolution = way === 'withdraw' ? 'accept_head' : way === 'moved' ? 'rebase' : way;
  const decision = decisionOf(who, dispute, resolution);
  if (way === 'moved') await writeInDispute(dispute);
  const stateBefore = who.stateHash();
  const { code, message } = await who.call('resolve_conflict', decision);
  if (!expected.includes('/') && expected !== 'gone') {
    assert.equal(code, expected, message);
    assert.equal(who.stateHash(), stateBefore, 'a refusal changes nothing');
    if (code === 'head_moved') assertFresh(dispute, message);
    return;
  }
  assert.equal(code, 'ok', message);
  assert.equal(shown(dispute, who), expected);
  const { status, resolution: noted } = who.ticket(dispute.ticketId);
  assert.deepEqual([status, noted], [way === 'withdraw' ? 'withdrawn' : 'resolved', resolution]);
  const decided = who.stateHash();
  assert.equal((await who.call('resolve_conflict', decision)).code, 'ok', 'sent twice');
  const other = { ...decision, opId: newId() };
  assert.equal((await who.call('resolve_conflict', other)).code, 'already_resolved');
  assert.equal(who.stateHash(), decided);
}

/** The refusal tells what stands there now, and by it the decision can be made. */
function assertFresh({ files }: Dispute, message: string): void {
  const details = JSON.parse(message.split('\n')[1]!) as Record<string, unknown>;
  const fileId = Number(details['fileId']);
  assert.ok(files.includes(fileId));
  assert.equal(details['headVersion'], bob.head(fileId).version);
  const { headText } = details;
  if (typeof headText === 'string') assert.ok(textOf(ann, fileId).includes(headText));
}

/** Somebody writes at the place of the dispute, or on the file that it is about. */
async function writeInDispute({ ticketId, files }: Dispute): Promise<void> {
  const ticket = stage.owner.ticket(ticketId);
  for (const fileId of files) {
    const { version, deleted } = stage.owner.head(fileId);
    const part = ticket.parts.find((each) => each.fileId === fileId);
    const line = part?.startLine ?? 0;
    if (!deleted) await stage.owner.edit(fileId, version, put(line, 0, 0, '~'));
  }
  await stage.caughtUp();
  assert.ok(files.every(isSame));
}

function decisionOf(who: Actor, { ticketId, files }: Dispute, resolution: string) {
  const parts = files.map((fileId) => ({
    fileId,
    expectedHeadVersion: who.head(fileId).version,
    changes: resolution === 'patch' ? put(0, 0, 0, 'P').map((change) => ({ ...change })) : [],
  }));
  const isText = who.ticket(ticketId).parts.length > 0;
  const { expectedHeadVersion } = parts[0]!;
  const named = isText ? parts : [];
  return { opId: newId(), ticketId, expectedHeadVersion, resolution, parts: named };
}

function shown({ files }: Dispute, who: Actor = bob): string {
  const one = (fileId: number) => {
    const { deleted, path } = who.head(fileId);
    if (deleted) return 'gone';
    const [, mover] = /^(ann|bob|ANN|Ann)-/.exec(path) ?? [];
    const by = mover === 'Ann' ? 'bob' : mover?.toLowerCase();
    return `${textOf(who, fileId).replaceAll('\n', '/')}${by ? ` ${by}` : ''}`;
  };
  return files.map(one).join(' + ');
}

function disputeOf(
  { outcomes }: { readonly outcomes: readonly { readonly ticketId: number }[] },
  files: readonly number[],
): Dispute {
  const ticketId = Math.max(0, ...outcomes.map((outcome) => outcome.ticketId));
  assert.ok(ticketId > 0, 'there is a ticket');
  return { ticketId, files };
}

function isOf({ ticketId }: Dispute) {
  return (row: { readonly ticketId: number }): boolean => row.ticketId === ticketId;
}

/** All three see the same version of a file. */
function isSame(fileId: number): boolean {
  const states = [stage.owner, ann, bob].map((who) => {
    const head = who.rows('file_head').find((row) => row.fileId === fileId);
    return `${head?.version} ${head?.path} ${head?.deleted}`;
  });
  return new Set(states).size === 1;
}

async function setPolicy(policyMode: string): Promise<void> {
  const rules = { lockPolicy: 'enforce', limits: '{"staleOps":3}' };
  await stage.owner.mustCall('set_policy', { policyMode, ...rules });
}

function newFile(): Promise<number> {
  return ann.createFile(`file-${counter++}.txt`, TEXT);
}

function on(fileId: number, expectedBaseVersion: number) {
  return { opId: newId(), author: '', fileId, expectedBaseVersion };
}

function put(line: number, from: number, to: number, text: string): Changes {
  return [{ startLine: line, startCharacter: from, endLine: line, endCharacter: to, text }];
}
