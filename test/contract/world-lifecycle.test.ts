import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Changes } from '../../src/core/change.ts';
import { type Actor, newId, newTextFile, textOf, WorldStage } from '../harness/world-stage.ts';

const TEXT = 'one\ntwo\nthree\n';

let stage: WorldStage;
let ann: Actor;
let bob: Actor;
let counter = 0;

before(async () => {
  stage = await WorldStage.open();
  ann = await stage.join('Ann');
  bob = await stage.join('Bob');
});

after(() => stage.close());

test('an edit on a base before a delete becomes a ticket; insisting on it restores the file', async () => {
  const { fileId, path } = await newFile();
  await ann.mustCall('delete_file', call(fileId, 1));
  const result = await bob.edit(fileId, 1, insert(1, 3, '!'));
  assert.equal(result.outcomes[0]!.outcome, 'ticket');
  const ticket = bob.ticket(result.outcomes[0]!.ticketId);
  assert.equal(ticket.reason, 'deleted');
  const resolved = await bob.mustCall('resolve_conflict', {
    opId: newId(),
    ticketId: ticket.ticketId,
    expectedHeadVersion: 1,
    resolution: 'rebase',
    parts: [],
  });
  assert.equal(resolved.outcomes[0]!.outcome, 'applied');
  const head = bob.head(fileId);
  assert.deepEqual([head.deleted, head.path, head.version], [false, path, 2]);
  assert.equal(textOf(bob, fileId), 'one\ntwo!\nthree\n');
});

test('a ticket on a deleted file can be given up: the file stays deleted', async () => {
  const { fileId } = await newFile();
  await ann.mustCall('delete_file', call(fileId, 1));
  const { outcomes } = await bob.edit(fileId, 1, insert(1, 3, '!'));
  await bob.mustCall('resolve_conflict', {
    opId: newId(),
    ticketId: outcomes[0]!.ticketId,
    expectedHeadVersion: 1,
    resolution: 'accept_head',
    parts: [],
  });
  assert.equal(bob.head(fileId).deleted, true);
  assert.equal(bob.ticket(outcomes[0]!.ticketId).status, 'withdrawn');
});

test('a delete over edits its sender had not seen becomes a ticket, and deletes when insisted on', async () => {
  const { fileId } = await newFile();
  const edit = await ann.edit(fileId, 1, insert(0, 0, 'zero '));
  const { outcomes } = await bob.mustCall('delete_file', call(fileId, 1));
  assert.equal(outcomes[0]!.outcome, 'ticket');
  const ticket = bob.ticket(outcomes[0]!.ticketId);
  assert.deepEqual([ticket.kind, ticket.reason], ['delete', 'concurrent']);
  assert.deepEqual(ticket.overlapping, [edit.outcomes[0]!.opSeq]);
  assert.equal(bob.head(fileId).deleted, false);
  const insist = { opId: newId(), ticketId: ticket.ticketId, resolution: 'rebase', parts: [] };
  const stale = await bob.call('resolve_conflict', { ...insist, expectedHeadVersion: 1 });
  assert.equal(stale.code, 'head_moved', 'the edit must have been looked at');
  await bob.mustCall('resolve_conflict', { ...insist, expectedHeadVersion: 2 });
  assert.equal(bob.head(fileId).deleted, true);
});

test('a delete over edits from another window of the same person becomes a ticket too', async () => {
  const { fileId } = await newFile();
  const edit = await bob.edit(fileId, 1, insert(0, 0, 'mine '));
  const { outcomes } = await bob.mustCall('delete_file', call(fileId, 1));
  assert.equal(outcomes[0]!.outcome, 'ticket');
  const ticket = bob.ticket(outcomes[0]!.ticketId);
  assert.deepEqual(ticket.overlapping, [edit.outcomes[0]!.opSeq]);
  assert.equal(bob.head(fileId).deleted, false);
});

test('a delete that saw everything just deletes', async () => {
  const { fileId } = await newFile();
  await ann.edit(fileId, 1, insert(0, 0, 'theirs '));
  const { outcomes } = await bob.mustCall('delete_file', call(fileId, 2));
  assert.equal(outcomes[0]!.outcome, 'applied');
  assert.equal(bob.head(fileId).deleted, true);
});

test('deleting twice does nothing the second time', async () => {
  const { fileId } = await newFile();
  await ann.mustCall('delete_file', call(fileId, 1));
  const { outcomes } = await bob.mustCall('delete_file', call(fileId, 1));
  assert.equal(outcomes[0]!.outcome, 'duplicate');
});

test('a rename against a rename becomes a ticket, and renames when insisted on', async () => {
  const { fileId, path } = await newFile();
  await ann.mustCall('rename_file', { ...call(fileId, 1), fromPath: path, path: `ann-${path}` });
  const rename = { ...call(fileId, 1), fromPath: path, path: `bob-${path}` };
  const { outcomes } = await bob.mustCall('rename_file', rename);
  assert.equal(outcomes[0]!.outcome, 'ticket');
  assert.equal(bob.ticket(outcomes[0]!.ticketId).reason, 'renamed');
  assert.equal(bob.head(fileId).path, `ann-${path}`);
  await bob.mustCall('resolve_conflict', {
    opId: newId(),
    ticketId: outcomes[0]!.ticketId,
    expectedHeadVersion: 1,
    resolution: 'rebase',
    parts: [],
  });
  assert.equal(bob.head(fileId).path, `bob-${path}`);
});

test('insisting on a rename that somebody else has made since does nothing more', async () => {
  const { fileId, path } = await newFile();
  const [here, there] = [`ann-${path}`, `bob-${path}`];
  await ann.mustCall('rename_file', { ...call(fileId, 1), fromPath: path, path: here });
  const rename = { ...call(fileId, 1), fromPath: path, path: there };
  const { outcomes } = await bob.mustCall('rename_file', rename);
  await ann.mustCall('rename_file', { ...call(fileId, 1), fromPath: here, path: there });
  const { ticketId } = outcomes[0]!;
  const insist = { opId: newId(), ticketId, resolution: 'rebase', parts: [] };
  await bob.mustCall('resolve_conflict', { ...insist, expectedHeadVersion: 1 });
  assert.equal(bob.head(fileId).path, there);
  assert.equal(bob.ticket(ticketId).status, 'resolved');
});

test('two renames to the same path agree', async () => {
  const { fileId, path } = await newFile();
  await ann.mustCall('rename_file', { ...call(fileId, 1), fromPath: path, path: `new-${path}` });
  const again = { ...call(fileId, 1), fromPath: path, path: `new-${path}` };
  const { outcomes } = await bob.mustCall('rename_file', again);
  assert.equal(outcomes[0]!.outcome, 'duplicate');
});

test('an edit across a rename passes', async () => {
  const { fileId, path } = await newFile();
  await ann.mustCall('rename_file', { ...call(fileId, 1), fromPath: path, path: `moved-${path}` });
  const { outcomes } = await bob.edit(fileId, 1, insert(0, 0, 'zero '));
  assert.equal(outcomes[0]!.outcome, 'applied');
  assert.equal(textOf(bob, fileId), `zero ${TEXT}`);
});

test('a rename across edits passes, and to a taken path is refused', async () => {
  const { fileId, path } = await newFile();
  await ann.edit(fileId, 1, insert(0, 0, 'zero '));
  const rename = { ...call(fileId, 1), fromPath: path, path: `later-${path}` };
  assert.equal((await bob.mustCall('rename_file', rename)).outcomes[0]!.outcome, 'applied');
  const other = await newFile();
  const onto = { ...call(fileId, 2), fromPath: `later-${path}`, path: other.path };
  assert.equal((await bob.call('rename_file', onto)).code, 'path_taken');
});

test('a file may take a twin of its own path', async () => {
  const { fileId, path } = await newFile();
  const upper = path.toUpperCase();
  await bob.mustCall('rename_file', { ...call(fileId, 1), fromPath: path, path: upper });
  assert.equal(bob.head(fileId).path, upper);
});

test('creating the same content at the same path again does nothing', async () => {
  const { fileId, path } = await newFile();
  const again = { author: '', file: newTextFile(path, TEXT) };
  const { outcomes } = await bob.mustCall('create_file', again);
  assert.deepEqual([outcomes[0]!.outcome, outcomes[0]!.opSeq], ['duplicate', fileId]);
});

test('creating other content on a taken path becomes a ticket that can replace what is there', async () => {
  const { fileId, path } = await newFile();
  const file = newTextFile(path, 'something else\n');
  const { outcomes } = await bob.mustCall('create_file', { author: '', file });
  assert.equal(outcomes[0]!.outcome, 'ticket');
  const ticket = bob.ticket(outcomes[0]!.ticketId);
  assert.deepEqual([ticket.fileId, ticket.reason, ticket.kind], [fileId, 'path_taken', 'create']);
  assert.equal(ticket.parts[0]!.proposedText, 'something else\n');
  assert.equal(ticket.parts[0]!.headText, TEXT);
  await bob.mustCall('resolve_conflict', {
    opId: newId(),
    ticketId: ticket.ticketId,
    expectedHeadVersion: 1,
    resolution: 'rebase',
    parts: [],
  });
  assert.equal(textOf(bob, fileId), 'something else\n');
});

test('a file cannot stand in the place of a folder, nor a folder in that of a file', async () => {
  await ann.createFile(`tree-${counter}/leaf.txt`, TEXT);
  const asFolder = { author: '', file: newTextFile(`TREE-${counter}`, TEXT) };
  assert.equal((await bob.call('create_file', asFolder)).code, 'path_taken');
  const below = { author: '', file: newTextFile(`tree-${counter}/leaf.txt/deeper`, TEXT) };
  assert.equal((await bob.call('create_file', below)).code, 'path_taken');
});

test('a file is not in its own way: it may move into a folder of its name, and out of one that it leaves empty', async () => {
  const name = `own-${counter}`;
  const fileId = await ann.createFile(name, TEXT);
  const rename = (fromPath: string, path: string) => ({ ...call(fileId, 1), fromPath, path });
  await bob.mustCall('rename_file', rename(name, `${name}/in/deep`));
  await ann.createFile(`${name}/other`, TEXT);
  const out = rename(`${name}/in/deep`, name);
  assert.equal((await bob.call('rename_file', out)).code, 'path_taken');
  await bob.mustCall('rename_file', rename(`${name}/in/deep`, `${name}/in`));
});

test('a deleted file’s path is free, and its restore is refused while it is taken', async () => {
  const { fileId, path } = await newFile();
  await ann.mustCall('delete_file', call(fileId, 1));
  const second = await ann.createFile(path, 'new\n');
  assert.notEqual(second, fileId);
  const restore = { ...call(fileId, 1), path: '' };
  assert.equal((await bob.call('restore_file', restore)).code, 'path_taken');
  await bob.mustCall('restore_file', { ...call(fileId, 1), path: `old-${path}` });
  assert.equal(textOf(bob, fileId), TEXT);
});

test('an edit made before a delete and sent after the restore is moved like any other', async () => {
  const { fileId } = await newFile();
  await ann.edit(fileId, 1, insert(0, 0, 'zero '));
  await ann.mustCall('delete_file', call(fileId, 2));
  await ann.mustCall('restore_file', { ...call(fileId, 2), path: '' });
  const { outcomes } = await bob.edit(fileId, 1, insert(2, 5, '!'));
  assert.equal(outcomes[0]!.outcome, 'rebased');
  assert.equal(textOf(bob, fileId), 'zero one\ntwo\nthree!\n');
});

test('mode, line ends and byte order mark are set, and the same again does nothing', async () => {
  const { fileId } = await newFile();
  const shape = { mode: 'executable', eol: 'crlf', bom: true };
  await ann.mustCall('set_file_mode', { ...call(fileId, 1), ...shape });
  const head = ann.head(fileId);
  assert.deepEqual({ mode: head.mode, eol: head.eol, bom: head.bom }, shape);
  assert.equal(head.version, 1, 'its text is the same');
  const { outcomes } = await bob.mustCall('set_file_mode', { ...call(fileId, 1), ...shape });
  assert.equal(outcomes[0]!.outcome, 'duplicate');
});

test('a binary file is replaced whole; over content its sender had not seen that is a ticket', async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index & 0xff);
  const path = `image-${counter++}.png`;
  const content = { kind: 'binary', eol: 'lf', bom: false, text: '', bytes };
  const file = { opId: newId(), path, mode: 'regular', content };
  const created = await ann.mustCall('create_file', { author: '', file });
  const fileId = created.outcomes[0]!.opSeq;
  assert.equal(ann.head(fileId).byteLength, 300_000);
  const next = { ...content, bytes: bytes.subarray(10) };
  await ann.mustCall('replace_content', { ...call(fileId, 1), content: next });
  assert.deepEqual([ann.head(fileId).version, ann.head(fileId).byteLength], [2, 299_990]);
  const late = { ...content, bytes: bytes.subarray(20) };
  const { outcomes } = await bob.mustCall('replace_content', { ...call(fileId, 1), content: late });
  assert.equal(outcomes[0]!.outcome, 'ticket');
  await bob.mustCall('resolve_conflict', {
    opId: newId(),
    ticketId: outcomes[0]!.ticketId,
    expectedHeadVersion: 2,
    resolution: 'rebase',
    parts: [],
  });
  assert.equal(bob.head(fileId).byteLength, 299_980);
  assert.equal((await bob.edit(fileId, 3, insert(0, 0, 'x'))).code, 'bad_text');
});

test('an edit across a replaced content becomes a ticket that only a patch resolves', async () => {
  const { fileId } = await newFile();
  const content = { kind: 'text', eol: 'lf', bom: false, text: 'fresh\n', bytes: new Uint8Array() };
  await ann.mustCall('replace_content', { ...call(fileId, 1), content });
  const { outcomes } = await bob.edit(fileId, 1, insert(1, 3, '!'));
  assert.equal(bob.ticket(outcomes[0]!.ticketId).reason, 'too_stale');
  const resolve = { opId: newId(), ticketId: outcomes[0]!.ticketId, expectedHeadVersion: 2 };
  const rebased = { ...resolve, resolution: 'rebase', parts: [] };
  assert.equal((await bob.call('resolve_conflict', rebased)).code, 'too_stale');
  const changes = insert(0, 5, '!').map((change) => ({ ...change }));
  const parts = [{ fileId, expectedHeadVersion: 2, changes }];
  await bob.mustCall('resolve_conflict', { ...resolve, resolution: 'patch', parts });
  assert.equal(textOf(bob, fileId), 'fresh!\n');
});

async function newFile(): Promise<{ fileId: number; path: string }> {
  const path = `file-${counter++}.txt`;
  return { fileId: await ann.createFile(path, TEXT), path };
}

function call(fileId: number, expectedBaseVersion: number) {
  return { opId: newId(), author: '', fileId, expectedBaseVersion };
}

function insert(line: number, character: number, text: string): Changes {
  const place = { startLine: line, startCharacter: character, endLine: line };
  return [{ ...place, endCharacter: character, text }];
}
