import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { assertSameWorld, restored } from './imported-world.ts';
import { change, identity, type Row, TestWorld } from './test-world.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] === '1' ? 400 : 25;

/** One thing that somebody tries to do; numbers pick among what there is at that moment. */
interface Step {
  readonly what: (typeof STEPS)[number];
  readonly who: number;
  readonly picks: readonly [number, number, number, number];
}

const STEPS = [
  'edit',
  'edit',
  'edit',
  'batch',
  'batch',
  'extend',
  'extend',
  'agree',
  'create',
  'rename',
  'delete',
  'restore',
  'mode',
  'replace',
  'replace',
  'resolve',
  'resolve',
  'resolve',
  'member',
  'policy',
  'note',
  'point',
  'checkpoint',
  'maintain',
] as const;

const step = fc.record<Step>({
  what: fc.constantFrom(...STEPS),
  who: fc.nat(2),
  picks: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
});

const seen = new Set<string>();

test('any history restores to the same world, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 120 }),
      fc.infiniteStream(fc.boolean()),
      async (steps, cuts) => {
        const world = await played(steps);
        const copy = await restored(world, () => cuts.next().value);
        assertSameWorld(copy, world);
        for (const ticket of world.rows('conflict_ticket')) {
          const isAdded = ticket.extends > 0 ? ' extends' : '';
          seen.add(`${ticket.kind} ${ticket.reason} ${ticket.status}${isAdded}`);
        }
        assertGoesOnAlike(copy, world);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
});

after(() => {
  for (const wanted of ['edit overlap open', 'edit overlap resolved', 'create path_taken open']) {
    assert.ok(seen.has(wanted), `no ticket ${wanted} in ${[...seen].sort().join(', ')}`);
  }
});

/** Open tickets are as usable as before: deciding them does the same in both. */
function assertGoesOnAlike(copy: TestWorld, world: TestWorld): void {
  for (const ticket of world.rows('conflict_ticket')) {
    if (ticket.status !== 'open') continue;
    const decision = decisionOf(world, ticket, 'rebase');
    world.nowMicros = copy.nowMicros;
    const outcome = world.call(world.owner, 'resolve_conflict', decision);
    assert.equal(copy.call(copy.owner, 'resolve_conflict', decision).code, outcome.code);
  }
  assertSameWorld(copy, world);
}

async function played(steps: readonly Step[]): Promise<TestWorld> {
  const limits = { staleOps: 6, versionsPerSnapshot: 3, ticketTextBytes: 12 };
  const world = await TestWorld.create({ limits: JSON.stringify(limits) });
  const people = [world.owner, world.join('ann'), world.join('robot', { kind: 'agent' })];
  for (const name of ['a.txt', 'b.txt', 'sub/c.txt']) {
    world.createFile(world.owner, name, 'one\ntwo\nthree\nfour\n');
  }
  for (const each of steps) play(world, people[each.who]!, each);
  return world;
}

function play(world: TestWorld, who: string, { what, picks }: Step): void {
  const heads = world.rows('file_head');
  const head = heads[picks[0] % heads.length]!;
  const base = Math.max(1, head.version - (picks[1] % 4));
  const opId = world.nextId();
  const file = { opId, author: '', fileId: head.fileId, expectedBaseVersion: base };
  switch (what) {
    case 'edit':
      return void world.edit(who, head.fileId, base, [changeOf(picks)], {
        intent: picks[3] % 2 === 0 ? 'typing' : 'patch',
      });
    case 'batch': {
      const other = heads[picks[3] % heads.length]!;
      // Line in, line out: what lies below is moved by each and by both together is not.
      const isUndone = picks[1] % 2 === 0;
      const put = isUndone ? change(0, 0, 0, 0, 'new line\n') : changeOf(picks);
      const first = world.op(head.fileId, isUndone ? head.version : base, [put]);
      const then = isUndone ? change(0, 0, 1, 0, '') : change(0, 0, 0, 1, 'M');
      const ops = [first, world.op(head.fileId, 0, [then])];
      if (other !== head) ops.push(world.op(other.fileId, other.version, [changeOf(picks)]));
      const batch = { batchId: world.nextId(), extends: 0, ops };
      return void world.call(who, 'apply_file_ops', { batch });
    }
    case 'extend': {
      const tickets = world.rows('conflict_ticket').filter(({ kind }) => kind === 'edit');
      const ticket = tickets[picks[2] % tickets.length];
      if (!ticket) return;
      const ops = ticket.parts.map((part) => {
        const { version } = world.headOf(part.fileId);
        const onto = Math.max(1, version - (picks[1] % 2));
        // Changes that touch are one in normal form.
        const touching = [change(1, 0, 1, 1, 'a'), change(1, 1, 1, 2, 'b')];
        return world.op(part.fileId, onto, picks[3] % 2 ? touching : [changeOf(picks)]);
      });
      const batch = { batchId: world.nextId(), extends: ticket.ticketId, ops };
      return void world.call(ticket.actor.toHexString(), 'apply_file_ops', { batch });
    }
    case 'agree': {
      const open = world.rows('conflict_ticket').filter(({ status }) => status === 'open');
      const ticket = open[picks[1] % open.length];
      const [part] = ticket?.parts ?? [];
      if (!ticket || !part) return;
      const actor = picks[2] % 2 === 0 ? ticket.actor.toHexString() : who;
      const { version } = world.headOf(part.fileId);
      return void world.edit(actor, part.fileId, version, part.changes);
    }
    case 'create': {
      const made = world.newFile(`${['a', 'b', 'd'][picks[1] % 3]}.txt`, `new\n${picks[2] % 9}`);
      return void world.call(who, 'create_file', { author: '', file: made });
    }
    case 'rename': {
      const fromPath = picks[2] % 3 === 0 ? 'elsewhere.txt' : head.path;
      const path = `moved-${picks[3] % 5}.txt`;
      return void world.call(who, 'rename_file', { ...file, fromPath, path });
    }
    case 'delete':
      return void world.call(who, 'delete_file', file);
    case 'restore':
      return void world.call(who, 'restore_file', { ...file, path: '' });
    case 'mode': {
      const shape = { mode: 'executable', eol: picks[2] % 2 ? 'crlf' : 'lf', bom: true };
      return void world.call(who, 'set_file_mode', { ...file, ...shape });
    }
    case 'replace': {
      const isText = picks[2] % 3 > 0;
      const bytes = isText ? new Uint8Array() : Uint8Array.of(0, picks[3] % 256);
      const text = isText ? `whole\n${picks[3] % 50}\nnew\n` : '';
      const kind = isText ? 'text' : 'binary';
      const content = { kind, eol: 'lf', bom: false, text, bytes };
      const expectedBaseVersion = picks[1] % 2 === 0 ? head.version : base;
      return void world.call(who, 'replace_content', { ...file, expectedBaseVersion, content });
    }
    case 'resolve': {
      const open = world.rows('conflict_ticket').filter(({ status }) => status === 'open');
      const ticket = open[picks[1] % open.length];
      const resolution = (['accept_head', 'rebase', 'patch'] as const)[picks[2] % 3]!;
      if (!ticket) return;
      return void world.call(who, 'resolve_conflict', decisionOf(world, ticket, resolution));
    }
    case 'member': {
      const ann = world.rows('workspace_member').find(({ displayName }) => displayName === 'ann')!;
      if (ann.removedAt !== undefined) return void world.join('ann');
      const row = { identity: identity(ann.identity.toHexString()) };
      if (picks[1] % 4 === 0) return void world.call(world.owner, 'remove_member', row);
      const rights = { role: 'editor', capabilities: ['edit', 'resolve'], pathScope: [] };
      return void world.call(world.owner, 'set_member', {
        ...row,
        ...rights,
        paused: picks[2] % 4 === 0,
      });
    }
    case 'policy': {
      const policyMode = ['auto', 'strict', 'line', 'last_write_wins'][picks[1] % 4]!;
      const limits = JSON.stringify({ staleOps: 2 + (picks[2] % 9), ticketTextBytes: 30 });
      const rules = { policyMode, lockPolicy: 'enforce', limits };
      return void world.call(world.owner, 'set_policy', rules);
    }
    case 'note': {
      const to = picks[1] % 2 === 0 ? '' : world.owner;
      const kind = picks[2] % 2 === 0 && to === '' ? 'checkpoint' : 'message';
      return void world.call(who, 'add_note', { opId, kind, to, text: `note ${picks[3] % 9}` });
    }
    case 'point': {
      const commit = (picks[1] % 9).toString(16).repeat(40);
      const point = { kind: 'base', commit, folder: '', autoLineEnds: 'false', upTo: 1 };
      const args = { opId, point: JSON.stringify(point), text: `point ${picks[3] % 9}` };
      return void world.call(who, 'mark_git_point', args);
    }
    case 'checkpoint':
      return void world.call(who, 'checkpoint_file', { fileId: head.fileId });
    case 'maintain':
      return void world.maintain();
  }
}

function changeOf([, b, c, d]: Step['picks']) {
  const line = c % 3;
  const end = d % 3 === 0 ? line + 1 : line;
  return change(line, b % 3, end, end > line ? 0 : (b % 3) + (c % 2), d % 2 ? 'x' : 'y\n');
}

function decisionOf(world: TestWorld, ticket: Row<'conflict_ticket'>, resolution: string) {
  const parts = ticket.parts.map((part) => ({
    fileId: part.fileId,
    expectedHeadVersion: world.headOf(part.fileId).version,
    changes: resolution === 'patch' ? [change(0, 0, 0, 0, 'patched ')] : [],
  }));
  const { ticketId } = ticket;
  const expectedHeadVersion = world.headOf(ticket.fileId).version;
  return { opId: world.nextId(), ticketId, expectedHeadVersion, resolution, parts };
}
