import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesOf } from '../../../src/core/other-ends.ts';
import { LogVerifier } from '../../../src/core/verify-log.ts';
import { nativeHash } from '../../../src/world/native-hash.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { assertSameWorld, forged, restored } from './imported-world.ts';
import { busyWorld, play, steps } from './random-steps.ts';
import { change, TestWorld } from './test-world.ts';

test('a text comes with the ends that its lines have, and each keeps its own as others edit around it', async () => {
  const { world, fileId } = await mixedFile('one\ntwo\nthree\nfour\n', 'lf 1-2');
  assert.deepEqual([world.headOf(fileId).eol, endsOf(world, fileId)], ['lf', 'LCCL']);
  assert.equal(world.edit(world.owner, fileId, 1, [change(0, 0, 0, 0, 'zero\n')]).code, 'ok');
  assert.equal(endsOf(world, fileId), 'LLCCL');
  // A line that is split gives its end to both.
  assert.equal(world.edit(world.owner, fileId, 2, [change(2, 1, 2, 1, '\n')]).code, 'ok');
  assert.equal(endsOf(world, fileId), 'LLCCCL');
  // Typed on an older version, and moved: the end of a line goes with the line.
  assert.equal(world.edit(world.owner, fileId, 1, [change(2, 0, 3, 0, '')]).code, 'ok');
  assert.equal(endsOf(world, fileId), 'LLCCL');
  assert.equal(world.edit(world.owner, fileId, 4, [change(2, 0, 4, 0, '')]).code, 'ok');
  assert.deepEqual([endsOf(world, fileId), world.rows('line_ends')], ['LLL', []]);
  await assertFolds(world);
});

test('two who change the ends of different lines at once both have their way', async () => {
  const { world, fileId } = await mixedFile('one\ntwo\nthree\nfour\n', 'lf');
  const bob = world.join('bob');
  const set = (who: string, lines: { crlf?: string; lf?: string }) =>
    world.call(who, 'set_line_ends', {
      opId: world.nextId(),
      author: '',
      fileId,
      expectedBaseVersion: 1,
      crlf: '',
      lf: '',
      ...lines,
    }).code;
  assert.equal(set(world.owner, { crlf: '0' }), 'ok');
  assert.equal(world.edit(bob, fileId, 1, [change(1, 0, 1, 0, 'new\n')]).code, 'ok');
  assert.equal(set(bob, { crlf: '3' }), 'ok');
  assert.equal(endsOf(world, fileId), 'CLLLC');
  assert.equal(set(bob, { lf: '3' }), 'ok');
  assert.equal(endsOf(world, fileId), 'CLLLL');
  await assertFolds(world);
  // Where all are alike in the end, the head says so, to clients of before as well.
  const { version: expectedBaseVersion } = world.headOf(fileId);
  const all = {
    opId: world.nextId(),
    author: '',
    fileId,
    expectedBaseVersion,
    crlf: '0-4',
    lf: '',
  };
  assert.equal(world.call(bob, 'set_line_ends', all).code, 'ok');
  assert.deepEqual([world.headOf(fileId).eol, world.rows('line_ends')], ['crlf', []]);
  await assertFolds(world);
});

test('a client that knows all ends alike loses none of them', async () => {
  const { world, fileId } = await mixedFile('one\ntwo\nthree\n', 'crlf 1');
  const shape = (eol: string, bom: boolean) => ({
    opId: world.nextId(),
    author: '',
    fileId,
    expectedBaseVersion: 1,
    mode: 'executable',
    eol,
    bom,
  });
  assert.equal(world.call(world.owner, 'set_file_mode', shape('crlf', true)).code, 'ok');
  assert.equal(endsOf(world, fileId), 'CLC');
  assert.equal(world.call(world.owner, 'set_file_mode', shape('lf', true)).code, 'ok');
  assert.equal(endsOf(world, fileId), 'LLL');
  await assertFolds(world);
});

test('lines that the text has not are refused', async () => {
  const { world, fileId } = await mixedFile('one\ntwo\nthree\n', 'lf 0');
  const file = { author: '', fileId, expectedBaseVersion: 1 };
  for (const lines of ['3', '1,1', 'all', '0-5']) {
    const args = { ...file, opId: world.nextId(), crlf: lines, lf: '' };
    assert.equal(world.call(world.owner, 'set_line_ends', args).code, 'bad_range', lines);
    const made = world.newFile('b.txt', 'one\ntwo\nthree\n');
    made.content = { ...made.content, eol: `lf ${lines}` };
    const code = world.call(world.owner, 'create_file', { author: '', file: made }).code;
    assert.equal(code, 'bad_request', lines);
  }
});

test('a history that names lines which its text has not is refused', async () => {
  const { world, fileId } = await mixedFile('one\ntwo\nthree\n', 'lf 0');
  const log = forged(world, fileId, (payload) =>
    payload.replace('"otherEnds":"0"', '"otherEnds":"7"'),
  );
  const copy = await TestWorld.published();
  assert.equal(copy.call(copy.owner, 'import_log', log).code, 'bad_log');
});

test('whatever members do, the log alone tells which lines end otherwise', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps(['edit', 'mode', 'mode', 'replace']), { minLength: 20, maxLength: 60 }),
      async (done) => {
        const { world, people } = await busyWorld();
        for (const each of done) play(world, people[each.who]!, each);
        await assertFolds(world);
      },
    ),
    { numRuns: process.env['AGENT_WORLD_SOAK'] === '1' ? 300 : 15 },
  );
});

async function mixedFile(text: string, eol: string) {
  const world = await TestWorld.create();
  const file = world.newFile('a.txt', text);
  file.content = { ...file.content, eol };
  world.mustCall(world.owner, 'create_file', { author: '', file });
  return { world, fileId: world.head('a.txt').fileId };
}

/** How the lines of a file end, in order: `C` for CRLF. */
function endsOf(world: TestWorld, fileId: number): string {
  const { eol, lineCount } = world.headOf(fileId);
  const row = world.rows('line_ends').find((each) => each.fileId === fileId);
  if (row) assert.equal(row.ends, lineCount - 1);
  const others = new Set(linesOf(row?.others ?? ''));
  return Array.from({ length: lineCount - 1 }, (_, line) => {
    return (eol === 'crlf') !== others.has(line) ? 'C' : 'L';
  }).join('');
}

/** What a client folds, and what a world makes of the log, is what the world has. */
async function assertFolds(world: TestWorld): Promise<void> {
  const parts = new Map(world.rows('content_chunk').map((row) => [row.hash, row]));
  const verifier = new LogVerifier(nativeHash, (key) => parts.get(key));
  for (const row of world.rows('file_op')) assert.equal(verifier.add(opRecordOf(row)), undefined);
  const rows = new Map(world.rows('line_ends').map((row) => [row.fileId, row.others]));
  for (const { fileId, otherEnds, eol } of verifier.files()) {
    assert.equal(otherEnds, rows.get(fileId) ?? '');
    assert.equal(eol, world.headOf(fileId).eol);
  }
  assertSameWorld(await restored(world), world);
}
