// One call edits, makes, moves and deletes several files: all of it, or nothing, or one ticket of all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitingSteps } from '../../../src/core/file-steps.ts';
import { turnOf } from '../../../src/core/turn.ts';
import { type ChangeFiles, changing, filesOf, outcomes, textContent } from './change-files-kit.ts';
import { assertSameWorld, restored } from './imported-world.ts';
import { decisionOf } from './random-steps.ts';
import { change, insert, TestWorld } from './test-world.ts';
import { wholeTicket } from './whole-ticket.ts';

test('steps are done in order: an edit of a file that was moved before, a new file where it was', async () => {
  const { world, ann, a, b, c, gone } = await project();
  const call = changing(
    world,
    { kind: 'rename', fileId: a, expectedBaseVersion: 1, fromPath: 'a.txt', path: 'lib/a.txt' },
    { kind: 'edit', fileId: a, expectedBaseVersion: 1, changes: [change(0, 0, 0, 3, 'ONE')] },
    { kind: 'edit', fileId: a, changes: insert(0, 3, '!') },
    { kind: 'create', path: 'a.txt', content: textContent('new\n') },
    { kind: 'delete', fileId: b, expectedBaseVersion: 1 },
    { kind: 'mode', fileId: a, expectedBaseVersion: 1, mode: 'executable' },
    { kind: 'restore', fileId: gone, expectedBaseVersion: 1, path: 'b.txt' },
    { kind: 'edit', fileId: gone, expectedBaseVersion: 1, changes: insert(0, 0, 'back ') },
    { kind: 'content', fileId: c, expectedBaseVersion: 1, content: textContent('whole\n') },
  );
  const result = world.mustCall(ann, 'change_files', call);
  assert.deepEqual(filesOf(world), {
    'a.txt': 'new\n',
    'b.txt': 'back gone\n',
    'c.txt': 'whole\n',
    'lib/a.txt': 'ONE!\ntwo\nthree\n',
  });
  assert.deepEqual(outcomes(result), Array(9).fill('applied'));
  assert.equal(world.headOf(a).mode, 'executable');
  const ops = world.rows('file_op').filter(({ batchId }) => batchId === call.batchId);
  assert.deepEqual(
    ops.map(({ kind }) => kind),
    ['rename', 'edit', 'edit', 'create', 'delete', 'mode', 'restore', 'edit', 'edit'],
  );
  assert.deepEqual(
    ops.map(({ opId }) => opId),
    call.steps.map(({ opId }) => opId),
  );
  await sameAgainAndAfterReplay(world, ann, call, Array(9).fill('duplicate'));
});

test('a step that would change nothing is told as such, and a repeat says the same', async () => {
  const { world, ann, a, c } = await project();
  const call = changing(
    world,
    { kind: 'mode', fileId: c, expectedBaseVersion: 1 },
    { kind: 'edit', fileId: a, expectedBaseVersion: 1, changes: insert(0, 0, 'x') },
    { kind: 'create', path: 'b.txt', content: textContent('one\ntwo\nthree\n') },
    { kind: 'edit', fileId: a, changes: insert(0, 1, 'y\n') },
  );
  const told = ['duplicate', 'applied', 'duplicate', 'applied'];
  const said = outcomes(world.mustCall(ann, 'change_files', call));
  assert.deepEqual([...said].sort(), told.sort());
  await sameAgainAndAfterReplay(world, ann, call, Array(4).fill('duplicate'));
  // A world that was restored has forgotten what changed nothing, and knows the call all the same.
  const copy = await restored(world);
  const state = copy.stateHash();
  assert.deepEqual(outcomes(copy.mustCall(ann, 'change_files', call)), Array(2).fill('duplicate'));
  assert.equal(copy.stateHash(), state);
});

test('an edit is moved over what others wrote elsewhere, as a single one is', async () => {
  const { world, ann, bob, a } = await project();
  world.edit(bob, a, 1, insert(0, 0, 'bob\n'));
  const call = changing(
    world,
    { kind: 'edit', fileId: a, expectedBaseVersion: 1, changes: [change(2, 0, 2, 5, 'THREE')] },
    { kind: 'create', path: 'new.txt', content: textContent('') },
  );
  assert.deepEqual(outcomes(world.mustCall(ann, 'change_files', call)), ['rebased', 'applied']);
  assert.equal(world.text(a), 'bob\none\ntwo\nTHREE\n');
});

test('where a path is taken, a claim holds, or a right is missing, nothing of the call is done', async () => {
  const { world, ann, robot, a, b } = await project();
  const edit = { kind: 'edit', fileId: a, expectedBaseVersion: 1, changes: insert(0, 0, 'x') };
  const claim = { requestId: world.nextId(), fileId: b, version: 1, firstLine: 0, lastLine: 0 };
  world.mustCall(ann, 'acquire_soft_lock', { ...claim, reason: '', durationMs: 60_000 });
  const scoped = world.join('scoped', { pathScope: ['a.txt', 'out/**'] });
  const onB = { fileId: b, expectedBaseVersion: 1 };
  const refused: [string, string, Parameters<typeof changing>[1]][] = [
    ['path_taken', ann, { kind: 'rename', ...onB, fromPath: 'b.txt', path: 'C.txt' }],
    ['path_taken', ann, { kind: 'create', path: 'a.txt/deep', content: textContent('') }],
    ['bad_path', ann, { kind: 'create', path: '../x', content: textContent('') }],
    ['bad_request', ann, { kind: 'create', path: 'x' }],
    ['bad_request', ann, { kind: 'dance', ...onB }],
    ['bad_request', ann, { kind: 'mode', ...onB, mode: 'loud' }],
    ['bad_range', ann, { kind: 'delete', ...onB, expectedBaseVersion: 2 }],
    ['no_such_file', ann, { kind: 'delete', fileId: 999, expectedBaseVersion: 1 }],
    ['locked', robot, { kind: 'delete', ...onB }],
    ['locked', robot, { kind: 'edit', ...onB, changes: insert(0, 1, 'y') }],
    ['out_of_scope', scoped, { kind: 'delete', ...onB }],
    ['out_of_scope', scoped, { kind: 'create', path: 'in.txt', content: textContent('') }],
    [
      'bad_request',
      ann,
      { kind: 'content', fileId: a, expectedBaseVersion: 1, content: textContent('') },
    ],
  ];
  const before = filesOf(world);
  for (const [code, who, step] of refused) {
    const state = world.stateHash();
    assert.equal(
      world.call(who, 'change_files', changing(world, edit, step)).code,
      code,
      step.kind,
    );
    assert.equal(world.stateHash(), state, `${code} of ${step.kind} leaves all as it was`);
  }
  assert.deepEqual(filesOf(world), before);
  assert.equal(world.call(ann, 'change_files', changing(world)).code, 'bad_request');
  const viewer = world.join('viewer', { role: 'viewer', capabilities: [] });
  assert.equal(world.call(viewer, 'change_files', changing(world, edit)).code, 'forbidden');
});

test('one step that cannot follow holds up all: one ticket, which shows every part', async () => {
  const { world, ann, bob, a, b, c } = await project();
  world.edit(bob, a, 1, [change(0, 0, 0, 3, 'bob')]);
  const call = mixed(world, { a, b, c });
  const before = filesOf(world);
  const result = world.mustCall(ann, 'change_files', call);
  assert.deepEqual(filesOf(world), before, 'nothing is applied');
  const [told, ...more] = result.inserted('op_outcome');
  assert.deepEqual([told!.opId, told!.outcome, more], [call.steps[0]!.opId, 'ticket', []]);
  const [ticket, ...others] = world.rows('conflict_ticket');
  assert.deepEqual(others, []);
  const { kind, reason, fileId, ticketId } = ticket!;
  assert.deepEqual([kind, reason, fileId, ticketId], ['edit', 'overlap', a, told!.ticketId]);
  const { payload, parts } = wholeTicket(world, ticket!);
  assert.deepEqual(
    waitingSteps(payload)!.map((step) => step.kind),
    ['create', 'edit', 'rename', 'delete', 'mode'],
  );
  assert.deepEqual(
    parts.map(({ baseText, proposedText, headText }) => [baseText, proposedText, headText]),
    [['one', 'ann', 'bob']],
  );
  await sameAgainAndAfterReplay(world, ann, call, ['ticket']);
});

test('a ticket of all steps is decided as one: taken back, done on the newest text, or with another text', async () => {
  for (const resolution of ['accept_head', 'rebase', 'patch'] as const) {
    const { world, ann, bob, a, b, c } = await project();
    world.edit(bob, a, 1, [change(0, 0, 0, 3, 'bob')]);
    world.mustCall(ann, 'change_files', mixed(world, { a, b, c }));
    const { ticketId } = world.rows('conflict_ticket')[0]!;
    world.edit(bob, a, 2, insert(0, 0, 'above\n'));
    const parts = [
      { fileId: a, expectedHeadVersion: 3, changes: [change(1, 0, 1, 3, 'both')] },
      { fileId: c, expectedHeadVersion: 1, changes: [] },
    ];
    const decision = { opId: world.nextId(), ticketId, expectedHeadVersion: 3, resolution, parts };
    const before = filesOf(world);
    world.mustCall(world.owner, 'resolve_ticket', decision);
    const [first, rest] = [
      { accept_head: 'bob', rebase: 'ann', patch: 'both' }[resolution],
      '\ntwo\nthree\n',
    ];
    const done = {
      'a.txt': `above\n${first}${rest}`,
      'lib/b.txt': 'one\ntwo\nthree\n',
      'new.txt': 'n\n',
    };
    assert.deepEqual(filesOf(world), resolution === 'accept_head' ? before : done);
    assert.equal(world.ticket(ticketId).status, 'resolved');
    const ofAnn = world.rows('file_op').filter(({ batchId, author }) => {
      return batchId === decision.opId && author.toHexString() === ann;
    });
    const kinds = {
      accept_head: [],
      rebase: ['create', 'edit', 'rename', 'delete', 'mode'],
      patch: ['create', 'rename', 'delete', 'mode'],
    };
    assert.deepEqual(
      ofAnn.map(({ kind }) => kind),
      kinds[resolution],
      'the work is hers',
    );
    const state = world.stateHash();
    world.mustCall(world.owner, 'resolve_ticket', decision);
    assert.equal(world.stateHash(), state, 'once more it changes nothing');
    await sameAfterReplay(world);
  }
});

test('what waited is done in the turn that it was made in, whoever decides', async () => {
  const { world, robot, bob, a, b, c } = await project();
  world.edit(bob, a, 1, [change(0, 0, 0, 3, 'bob')]);
  const names = { session: 's', name: 'turn', client: 'a-client', title: 'tidying up' };
  const begun = { opId: world.nextId(), ...names, prompt: '', salt: new Uint8Array() };
  const turn = world.mustCall(robot, 'begin_turn', begun).inserted('op_outcome')[0]!.opSeq;
  world.mustCall(robot, 'change_files', { ...mixed(world, { a, b, c }), turn: 's' });
  const [ticket] = world.rows('conflict_ticket');
  const decision = decisionOf(world, ticket!, 'rebase');
  world.mustCall(world.owner, 'resolve_ticket', decision);
  const ops = world.rows('file_op').filter(({ batchId }) => batchId === decision.opId);
  assert.deepEqual(
    ops.map((op) => [op.kind, turnOf(op)]),
    [
      ['create', turn],
      ['edit', turn],
      ['rename', turn],
      ['delete', turn],
      ['mode', turn],
      ['resolve', undefined],
    ],
  );
  await sameAfterReplay(world);
});

test('where the decision cannot do one part it does none', async () => {
  const { world, ann, bob, a, b, c } = await project();
  world.edit(bob, a, 1, [change(0, 0, 0, 3, 'bob')]);
  world.mustCall(ann, 'change_files', mixed(world, { a, b, c }));
  const { ticketId } = world.rows('conflict_ticket')[0]!;
  const decide = (parts: { fileId: number; expectedHeadVersion: number }[]) => {
    const named = parts.map((part) => ({ ...part, changes: [] }));
    const args = { ticketId, expectedHeadVersion: 2, resolution: 'rebase', parts: named };
    return world.call(world.owner, 'resolve_ticket', { opId: world.nextId(), ...args }).code;
  };
  const seenC = { fileId: c, expectedHeadVersion: 1 };
  const state = world.stateHash();
  assert.equal(decide([]), 'head_moved', 'nobody has said that they saw the file that goes');
  const stranger = world.createFile(bob, 'other.txt', '');
  assert.equal(decide([seenC, { fileId: stranger, expectedHeadVersion: 1 }]), 'bad_request');
  world.createFile(bob, 'new.txt', 'of bob\n');
  assert.equal(decide([seenC]), 'path_taken');
  world.mustCall(bob, 'rename_file', {
    opId: world.nextId(),
    author: '',
    fileId: world.head('new.txt').fileId,
    expectedBaseVersion: 1,
    fromPath: 'new.txt',
    path: 'bobs.txt',
  });
  assert.notEqual(state, world.stateHash());
  assert.equal(decide([seenC]), 'ok');
  await sameAfterReplay(world);
});

test('every kind of step can be what holds the others up', async () => {
  const onto = { expectedBaseVersion: 1 };
  const stuckBy: [
    string,
    string,
    (ids: Ids) => Parameters<typeof changing>[1],
    (world: TestWorld, bob: string, ids: Ids) => void,
  ][] = [
    [
      'rename',
      'renamed',
      ({ b }) => ({ kind: 'rename', fileId: b, ...onto, fromPath: 'b.txt', path: 'd.txt' }),
      (world, bob, { b }) =>
        world.mustCall(bob, 'rename_file', { ...of(world, b), fromPath: 'b.txt', path: 'e.txt' }),
    ],
    [
      'delete',
      'concurrent',
      ({ b }) => ({ kind: 'delete', fileId: b, ...onto }),
      (world, bob, { b }) => world.edit(bob, b, 1, insert(0, 0, 'x')),
    ],
    [
      'content',
      'concurrent',
      ({ b }) => ({ kind: 'content', fileId: b, ...onto, content: textContent('whole') }),
      (world, bob, { b }) => world.edit(bob, b, 1, insert(0, 0, 'x')),
    ],
    [
      'create',
      'path_taken',
      () => ({ kind: 'create', path: 'd.txt', content: textContent('mine\n') }),
      (world, bob) => world.createFile(bob, 'd.txt', 'yours\n'),
    ],
    [
      'edit',
      'deleted',
      ({ b }) => ({ kind: 'edit', fileId: b, ...onto, changes: insert(0, 0, 'x') }),
      (world, bob, { b }) => world.mustCall(bob, 'delete_file', of(world, b)),
    ],
  ];
  for (const [kind, reason, step, meanwhile] of stuckBy) {
    const { world, ann, bob, ...ids } = await project();
    meanwhile(world, bob, ids);
    const edit = { kind: 'edit', fileId: ids.a, ...onto, changes: insert(0, 0, 'x') };
    const before = filesOf(world);
    world.mustCall(ann, 'change_files', changing(world, edit, step(ids)));
    assert.deepEqual(filesOf(world), before, kind);
    const [ticket] = world.rows('conflict_ticket');
    assert.deepEqual([ticket!.kind, ticket!.reason], [kind, reason]);
    const shown = ticket!.parts.map(({ headText, proposedText }) => [headText, proposedText]);
    const isShown = shown.some(([now, then]) => now === 'yours\n' && then === 'mine\n');
    assert.equal(isShown, kind === 'create', 'both texts of a path that two files want are shown');
    await sameAfterReplay(world);
    const seen = [ids.a, ids.b, ticket!.fileId].map((fileId) => {
      return { fileId, expectedHeadVersion: world.headOf(fileId).version, changes: [] };
    });
    const known = new Set([...ticket!.parts.map(({ fileId }) => fileId), ticket!.fileId, ids.a]);
    const decision = {
      opId: world.nextId(),
      ticketId: ticket!.ticketId,
      expectedHeadVersion: world.headOf(ticket!.fileId).version,
      resolution: 'rebase',
      parts: seen.filter(({ fileId }) => known.has(fileId)),
    };
    assert.equal(
      world.call(world.owner, 'resolve_conflict', decision).code,
      'upgrade_needed',
      'a client of before shows one part at most',
    );
    world.mustCall(world.owner, 'resolve_ticket', { ...decision, opId: world.nextId() });
    const after = filesOf(world);
    assert.equal(after['a.txt'], 'xone\ntwo\nthree\n', kind);
    const done: Record<string, unknown> = {
      rename: after['d.txt'] === 'one\ntwo\nthree\n',
      delete: after['b.txt'] === undefined,
      content: after['b.txt'] === 'whole',
      create: after['d.txt'] === 'mine\n',
      edit: after['b.txt'] === 'xone\ntwo\nthree\n',
    };
    assert.equal(done[kind], true, kind);
    await sameAfterReplay(world);
  }
});

test('an id that another call has is refused, wherever it stands', async () => {
  const { world, ann, a, b } = await project();
  const edit = { kind: 'edit', expectedBaseVersion: 1, changes: insert(0, 0, 'x') };
  const call = changing(world, { ...edit, fileId: a }, { ...edit, fileId: b });
  world.mustCall(ann, 'change_files', call);
  const later = changing(world, { kind: 'mode', fileId: a, expectedBaseVersion: 1 });
  const second = { ...later.steps[0]!, opId: call.steps[1]!.opId };
  for (const steps of [[second], [later.steps[0]!, second], [later.steps[0]!, later.steps[0]!]]) {
    const { code } = world.call(ann, 'change_files', { ...later, steps });
    assert.equal(code, steps[1]?.opId === steps[0]!.opId ? 'bad_request' : 'op_id_reused');
  }
  const half = { ...call, steps: [call.steps[0]!] };
  assert.equal(world.call(ann, 'change_files', half).code, 'op_id_reused');
});

interface Ids {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A new file, an edit, a file that moves, one that goes, and a mode. */
function mixed(world: TestWorld, { a, b, c }: Ids): ChangeFiles {
  return changing(
    world,
    { kind: 'create', path: 'new.txt', content: textContent('n\n') },
    { kind: 'edit', fileId: a, expectedBaseVersion: 1, changes: [change(0, 0, 0, 3, 'ann')] },
    { kind: 'rename', fileId: b, expectedBaseVersion: 1, fromPath: 'b.txt', path: 'lib/b.txt' },
    { kind: 'delete', fileId: c, expectedBaseVersion: 1 },
    { kind: 'mode', fileId: b, expectedBaseVersion: 1, mode: 'executable' },
  );
}

async function project() {
  const world = await TestWorld.create();
  const [ann, bob, robot] = [
    world.join('ann'),
    world.join('bob'),
    world.join('robot', { kind: 'agent' }),
  ];
  const [a, b, c, gone] = ['a.txt', 'b.txt', 'c.txt', 'gone.txt'].map((name) =>
    world.createFile(world.owner, name, name === 'gone.txt' ? 'gone\n' : 'one\ntwo\nthree\n'),
  ) as [number, number, number, number];
  world.mustCall(world.owner, 'delete_file', of(world, gone));
  return { world, ann, bob, robot, a, b, c, gone };
}

function of(world: TestWorld, fileId: number) {
  return { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
}

async function sameAgainAndAfterReplay(
  world: TestWorld,
  who: string,
  call: ChangeFiles,
  told: readonly string[],
): Promise<void> {
  const state = world.stateHash();
  assert.deepEqual(outcomes(world.mustCall(who, 'change_files', call)), told);
  assert.equal(world.stateHash(), state, 'once more it changes nothing');
  await sameAfterReplay(world);
}

async function sameAfterReplay(world: TestWorld): Promise<void> {
  assertSameWorld(await restored(world), world);
}
