// A call of several steps does what the calls for one step do one after the other, or nothing at all.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type ChangeFiles, type Step as FileStep, outcomes } from './change-files-kit.ts';
import { assertSameWorld, restored } from './imported-world.ts';
import { busyWorld, decisionOf, play, type Step, steps, togetherOf } from './random-steps.ts';
import type { CallResult, TestWorld } from './test-world.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] === '1' ? 1500 : 30;

const seen = { done: 0, ticket: 0, refused: 0, decided: 0 };

test('all steps are done as one by one, or none is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps(['edit', 'delete', 'rename']), { maxLength: 12 }),
      fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
      fc.nat(1),
      async (before, picks, who) => {
        const { world, people } = await busyWorld();
        for (const each of before) play(world, people[each.who]!, each);
        await compare(world, people[who]!, picks);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
});

after(() => {
  for (const [what, count] of Object.entries(seen)) {
    assert.ok(count >= RUNS / 30, `too few were ${what}: ${JSON.stringify(seen)}`);
  }
});

async function compare(world: TestWorld, who: string, picks: Step['picks']): Promise<void> {
  const call = togetherOf(world, world.rows('file_head'), picks);
  const other = world.reopened();
  const state = world.stateHash();
  const files = stateOf(world);
  const isOnOld = hasEditsOnOldText(world, call);
  const result = world.call(who, 'change_files', call);
  const alone = oneByOne(other, who, call);
  // What depends on the paths of the world is looked at when a ticket is decided.
  const isHeldUp = alone.hasTicket || alone.codes.some((code) => code !== 'ok');
  if (result.code !== 'ok') {
    seen.refused += 1;
    assert.equal(world.stateHash(), state, 'a refused call changes nothing');
    // The call refuses more than each step: what makes no sense together.
    const isOwn = result.code === 'bad_request' || result.code === 'path_taken';
    assert.ok(isOwn || isHeldUp, result.message);
    return;
  }
  if (outcomes(result).includes('ticket')) {
    seen.ticket += 1;
    assert.deepEqual(outcomes(result), ['ticket'], 'it is told once');
    assert.deepEqual(stateOf(world), files, 'nothing of a call that waits is done');
    assert.ok(isHeldUp, 'one of the steps alone would not be done either');
    decide(world);
  } else if (!isOnOld) {
    seen.done += 1;
    assert.equal(outcomes(result).length, call.steps.length);
    assert.deepEqual(alone, { codes: call.steps.map(() => 'ok'), hasTicket: false });
    assert.deepEqual(stateOf(world), stateOf(other), 'what is done is the same');
  }
  const after = world.stateHash();
  world.mustCall(who, 'change_files', call);
  assert.equal(world.stateHash(), after, 'once more it changes nothing');
  assertSameWorld(await restored(world), world);
}

/** Edits on top of one that was moved along mean places of its author's text, which no other call can name. */
function hasEditsOnOldText(world: TestWorld, { steps: all }: ChangeFiles): boolean {
  const edits = all.filter(({ kind }) => kind === 'edit');
  return edits.some(({ fileId, expectedBaseVersion: base }) => {
    const isTwice = edits.filter((other) => other.fileId === fileId).length > 1;
    return isTwice && base > 0 && base < world.headOf(fileId).version;
  });
}

/** All of the ticket is done, or nothing. */
function decide(world: TestWorld): void {
  const ticket = world.rows('conflict_ticket').at(-1)!;
  const files = stateOf(world);
  const { code } = world.call(world.owner, 'resolve_ticket', decisionOf(world, ticket, 'rebase'));
  if (code === 'ok') seen.decided += 1;
  else assert.deepEqual(stateOf(world), files, code);
  assert.equal(world.ticket(ticket.ticketId).status, code === 'ok' ? 'resolved' : 'open');
}

/** The same by the calls that there are for one step; whoever makes them sees what the last one did. */
function oneByOne(world: TestWorld, who: string, { steps: all, turn: _turn }: ChangeFiles) {
  const codes: string[] = [];
  let hasTicket = false;
  const written = new Map<number, number>();
  for (const step of all) {
    const { version } = step.fileId > 0 ? world.headOf(step.fileId) : { version: 0 };
    const own = written.get(step.fileId) ?? 0;
    const named = step.expectedBaseVersion;
    // Who saw all that there was before has seen what they did themselves.
    const isNewest = named === 0 || named === version - own;
    const base = isNewest ? version : named;
    const result = callOf(world, who, step, base);
    codes.push(result.code);
    if (result.code !== 'ok') continue;
    if (outcomes(result).some((outcome) => outcome === 'ticket')) hasTicket = true;
    const isText = step.kind === 'edit' || step.kind === 'content';
    if (isText) written.set(step.fileId, own + 1);
  }
  return { codes, hasTicket };
}

function callOf(world: TestWorld, who: string, step: FileStep, base: number): CallResult {
  const { opId, fileId, path, fromPath, mode, eol, bom, content } = step;
  const on = { opId, author: '', fileId, expectedBaseVersion: base };
  switch (step.kind) {
    case 'edit': {
      const op = world.op(fileId, base, step.changes, { opId, intent: 'patch' });
      const batch = { batchId: world.nextId(), extends: 0, ops: [op] };
      return world.call(who, 'apply_file_ops', { batch });
    }
    case 'create':
      return world.call(who, 'create_file', {
        author: '',
        file: { opId, path, mode, content: content! },
      });
    case 'rename':
      return world.call(who, 'rename_file', { ...on, fromPath, path });
    case 'delete':
      return world.call(who, 'delete_file', on);
    case 'restore':
      return world.call(who, 'restore_file', { ...on, path });
    case 'mode':
      return world.call(who, 'set_file_mode', { ...on, mode, eol, bom });
    default:
      return world.call(who, 'replace_content', { ...on, content: content! });
  }
}

/** Every file as it is, and every op of files, but for what tells the calls apart. */
function stateOf(world: TestWorld) {
  const heads = world
    .rows('file_head')
    .map(({ updatedAt: _at, ...head }) => ({ ...head, updatedBy: head.updatedBy.toHexString() }))
    .sort((one, two) => one.fileId - two.fileId);
  const ops = world
    .rows('file_op')
    .filter(({ kind }) => !['conflict', 'resolve', 'checkpoint'].includes(kind))
    .map(({ kind, opId, fileId, version, changes, payload }) => {
      return { kind, opId, fileId, version, changes, payload };
    });
  return { heads, ops };
}
