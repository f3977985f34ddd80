// What a world believes of text that is said to have come back: only what stood at this place, went
// away, and is enough. Everything else is whose it is that sent it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorshipOfFile } from '../../../src/core/authorship-fold.ts';
import type { Changes } from '../../../src/core/change.ts';
import { returnedOf } from '../../../src/core/op-payload.ts';
import { Text } from '../../../src/core/text.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { assertSameWorld, forged as forgedLog, restored } from './imported-world.ts';
import { type Arguments, change, TestWorld } from './test-world.ts';

type Piece = Arguments<'return_text'>['returned'][number];

const ADAS = 'let a = 1;\nlet b = 2;\nlet c = 3;\n';
const PIECE: Piece = {
  op: 0,
  change: 0,
  at: 0,
  length: ADAS.length,
  version: 2,
  fromLine: 1,
  fromCharacter: 0,
};

/** Ada wrote three lines, and the bot took them away: version 3 is as the file was at first. */
async function scene() {
  const world = await TestWorld.create();
  const ada = world.join('ada');
  const bot = world.join('bot', { kind: 'agent' });
  const cleo = world.join('cleo');
  const fileId = world.createFile(world.owner, 'a.ts', 'first\nlast\n');
  mustEdit(world, ada, fileId, 1, [change(1, 0, 1, 0, ADAS)]);
  mustEdit(world, bot, fileId, 2, [change(1, 0, 4, 0, '')]);
  return { world, ada, bot, cleo, fileId };
}

function mustEdit(
  world: TestWorld,
  who: string,
  fileId: number,
  base: number,
  changes: Changes,
): void {
  assert.equal(world.edit(who, fileId, base, changes).code, 'ok');
}

function giveBack(
  world: TestWorld,
  who: string,
  fileId: number,
  changes: Changes,
  pieces: readonly Piece[],
  base = world.headOf(fileId).version,
) {
  const op = world.op(fileId, base, changes, { intent: 'patch' });
  const batch = { batchId: world.nextId(), extends: 0, ops: [op] };
  return { batch, ...world.call(who, 'return_text', { batch, returned: [...pieces] }) };
}

/** Whose the lines are, by the names of members; the owner is who made the file. */
function blame(world: TestWorld, fileId: number): string[] {
  const ops = world.rows('file_op').map(opRecordOf);
  const names = new Map(
    world
      .rows('workspace_member')
      .map(({ identity, displayName }) => [identity.toHexString(), displayName]),
  );
  const text = Text.of(world.text(fileId));
  return authorshipOfFile(ops, fileId)!
    .linesByAuthor(text)
    .flatMap(({ firstLine, lastLine, author }) =>
      Array<string>(lastLine - firstLine + 1).fill(names.get(author)!.toLowerCase()),
    );
}

function lastOp(world: TestWorld) {
  return opRecordOf(
    world.rows('file_op').reduce((last, op) => (op.opSeq > last.opSeq ? op : last)),
  );
}

const BACK = [change(1, 0, 1, 0, ADAS)];

test('text that comes back is whose it was, and the op says where it comes from and who put it back', async () => {
  const { world, cleo, fileId } = await scene();
  const { batch, ...result } = giveBack(world, cleo, fileId, BACK, [PIECE]);
  assert.equal(result.code, 'ok');
  assert.deepEqual(blame(world, fileId), ['owner', 'ada', 'ada', 'ada', 'owner']);
  const op = lastOp(world);
  assert.equal(op.author, cleo);
  const { op: _, ...piece } = PIECE;
  assert.deepEqual(returnedOf(op), [piece]);

  const before = world.rows('file_op').length;
  const again = world.call(cleo, 'return_text', { batch, returned: [PIECE] });
  assert.equal(again.code, 'ok');
  assert.deepEqual(
    again.inserted('op_outcome').map(({ outcome }) => outcome),
    ['duplicate'],
  );
  assert.equal(world.rows('file_op').length, before, 'a repeat is known');
  assertSameWorld(await restored(world), world);
});

test('the same words that somebody types are the typist’s', async () => {
  const { world, cleo, fileId } = await scene();
  mustEdit(world, cleo, fileId, 3, BACK);
  assert.deepEqual(blame(world, fileId), ['owner', 'cleo', 'cleo', 'cleo', 'owner']);
  // Nor does it help to say of them later that they came back.
  const again = [change(1, 0, 4, 0, ADAS)];
  assert.equal(giveBack(world, cleo, fileId, again, [PIECE]).code, 'ok');
  assert.deepEqual(blame(world, fileId), ['owner', 'cleo', 'cleo', 'cleo', 'owner']);
});

const FORGED: readonly (readonly [what: string, piece: Partial<Piece>, changes?: Changes])[] = [
  ['another text', {}, [change(1, 0, 1, 0, ADAS.replace('a', 'x'))]],
  ['another place', {}, [change(0, 0, 0, 0, ADAS)]],
  ['one line', { length: 11 }],
  [
    'a part of two lines',
    { at: 4, length: 14, fromCharacter: 4 },
    [change(1, 0, 1, 0, 'var a = 1;\nlet b = x\n')],
  ],
  ['more than the change has', { length: ADAS.length + 1 }],
  ['nothing', { length: 0 }],
  ['a version to come', { version: 9 }],
  ['the version that it is made on', { version: 3 }],
  ['no version', { version: 0 }],
  ['a version that had no such lines', { version: 1 }],
  ['another change', { change: 1 }],
  ['another op', { op: 1 }],
  ['lines beyond the text', { fromLine: 100 }],
  ['numbers as large as they may be', { at: 0xffff_ffff, length: 0xffff_ffff }],
];

for (const [what, forged, changes] of FORGED) {
  test(`nothing is given back by what does not hold: ${what}`, async () => {
    const { world, cleo, fileId } = await scene();
    const piece = { ...PIECE, ...forged };
    assert.equal(giveBack(world, cleo, fileId, changes ?? BACK, [piece]).code, 'ok');
    assert.ok(!blame(world, fileId).includes('ada'));
    assert.equal(lastOp(world).payload, '');
  });
}

test('nothing is given back by the text of another file', async () => {
  const { world, cleo, fileId } = await scene();
  const other = world.createFile(world.owner, 'b.ts', 'first\nlast\n');
  mustEdit(world, cleo, other, 1, [change(0, 0, 0, 0, 'x')]);
  mustEdit(world, cleo, other, 2, [change(0, 0, 0, 1, '')]);
  assert.equal(giveBack(world, cleo, other, BACK, [PIECE]).code, 'ok');
  assert.ok(!blame(world, other).includes('ada'));
  assert.ok(!blame(world, fileId).includes('ada'));
});

test('text that is there again cannot come back once more', async () => {
  const { world, cleo, bot, fileId } = await scene();
  giveBack(world, cleo, fileId, BACK, [PIECE]);
  giveBack(world, bot, fileId, BACK, [PIECE], 3);
  const owners = blame(world, fileId);
  assert.equal(owners.filter((owner) => owner === 'ada').length, 3);
});

test('at least forty characters within a line come back, fewer do not', async () => {
  for (const length of [39, 40]) {
    const world = await TestWorld.create();
    const ada = world.join('ada');
    const cleo = world.join('cleo');
    const fileId = world.createFile(world.owner, 'a.md', '<>\n');
    const words = 'w'.repeat(length);
    mustEdit(world, ada, fileId, 1, [change(0, 1, 0, 1, words)]);
    mustEdit(world, cleo, fileId, 2, [change(0, 1, 0, 1 + length, '')]);
    const piece = { ...PIECE, length, version: 2, fromLine: 0, fromCharacter: 1 };
    giveBack(world, cleo, fileId, [change(0, 1, 0, 1, words)], [piece]);
    assert.deepEqual(blame(world, fileId), [length < 40 ? 'cleo' : 'ada']);
  }
});

test('two lines of which a part stayed come back whole, and a piece keeps its place after a rebase', async () => {
  const world = await TestWorld.create();
  const ada = world.join('ada');
  const bot = world.join('bot');
  const cleo = world.join('cleo');
  const fileId = world.createFile(world.owner, 'a.ts', 'first\nlast\n');
  mustEdit(world, ada, fileId, 1, [change(1, 0, 1, 0, 'one\ntwo\n')]);
  mustEdit(world, bot, fileId, 2, [change(1, 1, 2, 3, 'nly')]);
  mustEdit(world, bot, fileId, 3, [change(0, 0, 0, 0, 'header\n')]);
  // Made on version 3, where the line is `only`.
  const piece = { ...PIECE, length: 6, fromLine: 1, fromCharacter: 1 };
  giveBack(world, cleo, fileId, [change(1, 1, 1, 4, 'ne\ntwo')], [piece], 3);
  assert.equal(world.text(fileId), 'header\nfirst\none\ntwo\nlast\n');
  assert.deepEqual(blame(world, fileId), ['bot', 'owner', 'ada', 'ada', 'owner']);
  assertSameWorld(await restored(world), world);
});

test('changes that touch are one in the world, and their pieces are found there', async () => {
  const { world, cleo, fileId } = await scene();
  const changes = [change(1, 0, 1, 0, 'new\n'), change(1, 0, 1, 0, ADAS)];
  giveBack(world, cleo, fileId, changes, [{ ...PIECE, change: 1 }]);
  assert.deepEqual(blame(world, fileId), ['owner', 'cleo', 'ada', 'ada', 'ada', 'owner']);
});

test('what came back in a batch that becomes a ticket is looked up when that is let in', async () => {
  const { world, ada, cleo, fileId } = await scene();
  mustEdit(world, ada, fileId, 3, [change(0, 0, 0, 5, 'FIRST')]);
  const changes = [change(0, 0, 0, 5, 'fast'), change(1, 0, 1, 0, ADAS)];
  giveBack(world, cleo, fileId, changes, [{ ...PIECE, change: 1 }], 3);
  const [ticket] = world.rows('conflict_ticket');
  assert.ok(!blame(world, fileId).includes('cleo'));
  const decided = world.call(ada, 'resolve_ticket', {
    opId: world.nextId(),
    ticketId: ticket!.ticketId,
    expectedHeadVersion: 4,
    resolution: 'rebase',
    parts: [],
  });
  assert.equal(decided.code, 'ok');
  assert.equal(world.text(fileId), `fast\n${ADAS}last\n`);
  assert.deepEqual(blame(world, fileId), ['cleo', 'ada', 'ada', 'ada', 'owner']);
  const { op: _, ...piece } = PIECE;
  assert.deepEqual(returnedOf(lastOp(world)), [{ ...piece, change: 1 }]);
  const forgery = forgedLog(world, lastOp(world).opSeq, (payload) =>
    payload.replace('"version":2', '"version":7'),
  );
  const proposed = world.rows('file_op').find(({ kind }) => kind === 'conflict')!.opSeq;
  const numbers = forgedLog(world, proposed, (payload) => payload.replace('"at":0', '"at":"0"'));
  const list = forgedLog(world, proposed, (payload) =>
    payload.replace('"returned":[', '"returned":7,"also":['),
  );
  for (const log of [forgery, numbers, list]) {
    const copy = await TestWorld.published();
    assert.equal(copy.call(copy.owner, 'import_log', log).code, 'bad_log');
  }
  assertSameWorld(await restored(world), world);
});

test('a call says of so many pieces, no more', async () => {
  const { world, cleo, fileId } = await scene();
  const many = Array.from({ length: 257 }, () => PIECE);
  assert.equal(giveBack(world, cleo, fileId, BACK, many).code, 'too_many');
});

test('a text that one save made bytes of has its authors again when it is a text again', async () => {
  const { world, ada, cleo, fileId } = await scene();
  giveBack(world, cleo, fileId, BACK, [PIECE]);
  const whole = (text: string, bytes: Uint8Array) => ({
    opId: world.nextId(),
    author: '',
    fileId,
    expectedBaseVersion: world.headOf(fileId).version,
    content: { kind: text === '' ? 'binary' : 'text', eol: 'lf', bom: false, text, bytes },
  });
  const text = world.text(fileId);
  for (const byte of [1, 2]) {
    world.mustCall(ada, 'replace_content', whole('', new Uint8Array([byte])));
  }
  world.mustCall(
    ada,
    'replace_content',
    whole(text.replace('last', 'new\nlast'), new Uint8Array()),
  );
  assert.deepEqual(blame(world, fileId), ['owner', 'ada', 'ada', 'ada', 'ada', 'owner']);
  assertSameWorld(await restored(world), world);
});

test('a log whose op says of its text what cannot be is refused', async () => {
  const { world, cleo, fileId } = await scene();
  giveBack(world, cleo, fileId, BACK, [PIECE]);
  const { opSeq } = lastOp(world);
  const forgeries = [
    ['"version":2', '"version":4'],
    [`"length":${ADAS.length}`, `"length":${ADAS.length + 1}`],
    ['"change":0', '"change":1'],
    ['"change":0', '"change":"0"'],
    ['"change":0', '"also":1,"change":0'],
    ['{"returned"', '{"also":1,"returned"'],
    ['[{', '{{'],
    ['[{', '[null,{'],
  ] as const;
  for (const [from, to] of forgeries) {
    const copy = await TestWorld.published();
    const log = forgedLog(world, opSeq, (payload) => payload.replace(from, to));
    assert.equal(copy.call(copy.owner, 'import_log', log).code, 'bad_log', to);
  }
});
