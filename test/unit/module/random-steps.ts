// Steps of a random history: whatever members do, each picked by numbers from what there is then.
import type { Batch } from '../../../src/core/op.ts';
import { waitingSteps } from '../../../src/core/file-steps.ts';
import { shortEditOf } from '../../../src/core/short-edit.ts';
import fc from 'fast-check';
import { changing, type StepDraft, textContent } from './change-files-kit.ts';
import { questionStep } from './question-step.ts';
import { reviewStep } from './review-step.ts';
import { turnStep } from './turn-step.ts';
import {
  type Arguments,
  type CallResult,
  change,
  identity,
  type ReducerName,
  type Row,
  TestWorld,
} from './test-world.ts';
import { wholeTicket } from './whole-ticket.ts';

/** One thing that somebody tries to do; numbers pick among what there is at that moment. */
export interface Step {
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
  'lose',
  'return',
  'extend',
  'extend',
  'agree',
  'create',
  'import',
  'rename',
  'move',
  'together',
  'together',
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
  'question',
  'turn',
  'review',
  'point',
  'checkpoint',
  'maintain',
] as const;

/** Steps of every kind, some of them the more often. */
export function steps(often: readonly Step['what'][] = []): fc.Arbitrary<Step> {
  return fc.record<Step>({
    what: fc.constantFrom(...STEPS, ...often),
    who: fc.nat(2),
    picks: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
  });
}

/** A call that was made, and what it came to. */
export interface MadeCall {
  readonly sender: string;
  readonly name: ReducerName;
  readonly args: never;
  readonly result: CallResult;
}

/** A world with three files, of an owner, an editor and an agent. */
export async function busyWorld(): Promise<{ world: TestWorld; people: readonly string[] }> {
  const limits = { staleOps: 6, versionsPerSnapshot: 3, ticketTextBytes: 12 };
  const world = await TestWorld.create({ limits: JSON.stringify(limits) });
  const people = [world.owner, world.join('ann'), world.join('robot', { kind: 'agent' })];
  for (const name of ['a.txt', 'b.txt', 'sub/c.txt']) {
    world.createFile(world.owner, name, 'one\ntwo\nthree\nfour\n');
  }
  return { world, people };
}

interface LostLines {
  readonly text: string;
  readonly version: number;
}

/** The first two lines of files, as they were when somebody took them out last. */
function lostLines(world: TestWorld): Map<number, LostLines> {
  const lost = LOST.get(world) ?? new Map<number, LostLines>();
  LOST.set(world, lost);
  return lost;
}

const LOST = new WeakMap<TestWorld, Map<number, LostLines>>();

/** Does a step; returns the call that it was, if it was one. */
export function play(world: TestWorld, who: string, { what, picks }: Step): MadeCall | undefined {
  const call = <Name extends ReducerName>(
    sender: string,
    name: Name,
    args: Arguments<Name>,
  ): MadeCall => ({ sender, name, args: args as never, result: world.call(sender, name, args) });
  const heads = world.rows('file_head');
  const head = heads[picks[0] % heads.length]!;
  const base = Math.max(1, head.version - (picks[1] % 4));
  const opId = world.nextId();
  const file = { opId, author: '', fileId: head.fileId, expectedBaseVersion: base };
  switch (what) {
    case 'edit': {
      const intent = picks[3] % 2 === 0 ? 'typing' : 'patch';
      const op = world.op(head.fileId, base, [changeOf(picks)], { intent });
      const batch = batchOf(world, [op], picks[2]);
      // As clients of today send it, and as those of 0.1.0 do.
      const edit = picks[3] % 4 === 0 ? shortEditOf(batch as Batch) : undefined;
      return edit ? call(who, 'type_text', edit) : call(who, 'apply_file_ops', { batch });
    }
    case 'batch': {
      const other = heads[picks[3] % heads.length]!;
      // Line in, line out: what lies below is moved by each and by both together is not.
      const isUndone = picks[1] % 2 === 0;
      const put = isUndone ? change(0, 0, 0, 0, 'new line\n') : changeOf(picks);
      const first = world.op(head.fileId, isUndone ? head.version : base, [put]);
      const then = isUndone ? change(0, 0, 1, 0, '') : change(0, 0, 0, 1, 'M');
      const ops = [first, world.op(head.fileId, 0, [then])];
      if (other !== head) ops.push(world.op(other.fileId, other.version, [changeOf(picks)]));
      return call(who, 'apply_file_ops', { batch: batchOf(world, ops, picks[2]) });
    }
    case 'lose': {
      const text = head.kind === 'text' ? world.text(head.fileId) : '';
      const lost = /^[^\n]*\n[^\n]*\n/.exec(text)?.[0];
      if (lost === undefined) return undefined;
      lostLines(world).set(head.fileId, { text: lost, version: head.version });
      const op = world.op(head.fileId, head.version, [change(0, 0, 2, 0, '')]);
      return call(who, 'apply_file_ops', { batch: batchOf(world, [op], 0) });
    }
    case 'return': {
      const lost = lostLines(world).get(head.fileId);
      if (!lost) return undefined;
      const { text, version } = lost;
      const op = world.op(head.fileId, base, [change(0, 0, 0, 0, text), change(1, 0, 1, 0, 'x')]);
      const piece = { op: 0, change: 0, at: 0, length: text.length };
      const returned = [{ ...piece, version, fromLine: 0, fromCharacter: 0 }];
      return call(who, 'return_text', { batch: batchOf(world, [op], picks[2]), returned });
    }
    case 'extend': {
      const tickets = world.rows('conflict_ticket').filter(({ kind }) => kind === 'edit');
      const ticket = tickets[picks[2] % tickets.length];
      if (!ticket) return undefined;
      const ops = ticket.parts.map((part) => {
        const { version } = world.headOf(part.fileId);
        const onto = Math.max(1, version - (picks[1] % 2));
        // Changes that touch are one in normal form.
        const touching = [change(1, 0, 1, 1, 'a'), change(1, 1, 1, 2, 'b')];
        return world.op(part.fileId, onto, picks[3] % 2 ? touching : [changeOf(picks)]);
      });
      const batch = { ...batchOf(world, ops, picks[0]), extends: ticket.ticketId };
      return call(ticket.actor.toHexString(), 'apply_file_ops', { batch });
    }
    case 'agree': {
      const open = world.rows('conflict_ticket').filter(({ status }) => status === 'open');
      const ticket = open[picks[1] % open.length];
      const [part] = ticket ? wholeTicket(world, ticket).parts : [];
      if (!ticket || !part) return undefined;
      const actor = picks[2] % 2 === 0 ? ticket.actor.toHexString() : who;
      const { version } = world.headOf(part.fileId);
      const ops = [world.op(part.fileId, version, part.changes)];
      return call(actor, 'apply_file_ops', { batch: batchOf(world, ops) });
    }
    case 'create': {
      const made = world.newFile(`${['a', 'b', 'd'][picks[1] % 3]}.txt`, `new\n${picks[2] % 2}`);
      if (picks[3] % 3 === 0) {
        made.content = { ...made.content, text: 'new\nand\nmixed\n', eol: 'lf 1' };
      }
      return call(who, 'create_file', { author: '', file: made });
    }
    case 'import': {
      const files = ['a', 'b', 'd'].map((name) => {
        return world.newFile(`${name}.txt`, `imported\n${picks[1] % 3}`);
      });
      return call(who, 'import_files', { batchId: opId, author: '', files });
    }
    case 'rename': {
      const fromPath = picks[2] % 3 === 0 ? 'elsewhere.txt' : head.path;
      const path = `moved-${picks[3] % 5}.txt`;
      return call(who, 'rename_file', { ...file, fromPath, path });
    }
    case 'move': {
      const files = world
        .rows('file_head')
        .filter((each) => !each.deleted || picks[1] % 4 === 0)
        .slice(0, 1 + (picks[1] % 3))
        .map((each, at) => ({
          opId: world.nextId(),
          fileId: each.fileId,
          expectedBaseVersion: each.version,
          fromPath: picks[2] % 3 === 0 && at === 1 ? 'elsewhere.txt' : each.path,
          path: `${['in', 'out'][picks[3] % 2]}/${each.path.replace(/^.*\//, '')}`,
        }));
      return call(who, 'rename_files', { batchId: opId, author: '', files });
    }
    case 'together':
      return call(who, 'change_files', togetherOf(world, heads, picks));
    case 'delete':
      return call(who, 'delete_file', file);
    case 'restore':
      return call(who, 'restore_file', { ...file, path: '' });
    case 'mode': {
      if (picks[3] % 2 === 0) {
        const [crlf, lf] = picks[2] % 3 === 0 ? ['0', ''] : ['1', '0'];
        return call(who, 'set_line_ends', { ...file, crlf, lf });
      }
      const shape = { mode: 'executable', eol: picks[2] % 2 ? 'crlf' : 'lf', bom: true };
      return call(who, 'set_file_mode', { ...file, ...shape });
    }
    case 'replace': {
      const isText = picks[2] % 3 > 0;
      const bytes = isText ? new Uint8Array() : Uint8Array.of(0, picks[3] % 256);
      const text = isText ? `whole\n${picks[3] % 50}\nnew\n` : '';
      const kind = isText ? 'text' : 'binary';
      const eol = isText && picks[3] % 2 === 0 ? 'crlf 0,2' : 'lf';
      const content = { kind, eol, bom: false, text, bytes };
      const expectedBaseVersion = picks[1] % 2 === 0 ? head.version : base;
      return call(who, 'replace_content', { ...file, expectedBaseVersion, content });
    }
    case 'resolve': {
      const open = world.rows('conflict_ticket').filter(({ status }) => status === 'open');
      const ticket = open[picks[1] % open.length];
      const resolution = (['accept_head', 'rebase', 'patch'] as const)[picks[2] % 3]!;
      if (!ticket) return undefined;
      const name = picks[3] % 4 === 0 ? 'resolve_conflict' : 'resolve_ticket';
      return call(who, name, decisionOf(world, ticket, resolution));
    }
    case 'member': {
      const ann = world.rows('workspace_member').find(({ displayName }) => displayName === 'ann')!;
      if (ann.removedAt !== undefined) {
        world.join('ann');
        return undefined;
      }
      const row = { identity: identity(ann.identity.toHexString()) };
      if (picks[1] % 4 === 0) return call(world.owner, 'remove_member', row);
      const rights = { role: 'editor', capabilities: ['edit', 'resolve'], pathScope: [] };
      return call(world.owner, 'set_member', {
        ...row,
        ...rights,
        paused: picks[2] % 4 === 0,
      });
    }
    case 'policy': {
      const policyMode = ['auto', 'strict', 'line', 'last_write_wins'][picks[1] % 4]!;
      const limits = JSON.stringify({ staleOps: 2 + (picks[2] % 9), ticketTextBytes: 30 });
      const rules = { policyMode, lockPolicy: 'enforce', limits };
      return call(world.owner, 'set_policy', rules);
    }
    case 'note': {
      const to = picks[1] % 2 === 0 ? '' : world.owner;
      const kind = picks[2] % 2 === 0 && to === '' ? 'checkpoint' : 'message';
      return call(who, 'add_note', { opId, kind, to, text: `note ${picks[3] % 9}` });
    }
    case 'turn':
      return turnStep(call, world, opId, picks);
    case 'review':
      return reviewStep(call, world, who, picks);
    case 'question':
      return questionStep(call, world, who, { opId, fileId: head.fileId }, picks);
    case 'point': {
      const commit = (picks[1] % 9).toString(16).repeat(40);
      const point = { kind: 'base', commit, folder: '', autoLineEnds: 'false', upTo: 1 };
      const args = { opId, point: JSON.stringify(point), text: `point ${picks[3] % 9}` };
      return call(who, 'mark_git_point', args);
    }
    case 'checkpoint':
      return call(who, 'checkpoint_file', { fileId: head.fileId });
    case 'maintain':
      world.maintain();
      return undefined;
  }
}

/** A call of two to five steps on files that may have moved on, each of any kind. */
export function togetherOf(
  world: TestWorld,
  heads: readonly Row<'file_head'>[],
  picks: Step['picks'],
): Arguments<'change_files'> {
  const edited = new Set<number>();
  const one = (at: number): StepDraft => {
    const pick = (number: number): number => Math.floor(picks[number % 4]! / 7 ** at);
    const head = heads[pick(at) % heads.length]!;
    const kinds = [
      'edit',
      'create',
      'edit',
      'rename',
      'delete',
      'mode',
      'restore',
      'content',
    ] as const;
    const kind = kinds[pick(at + 1) % kinds.length]!;
    const isLate = pick(at + 2) % 5 === 0;
    const expectedBaseVersion = Math.max(1, head.version - (isLate ? 1 : 0));
    const on = { kind, fileId: head.fileId, expectedBaseVersion };
    const name = `${['a', 'd', 'moved-1'][pick(at + 3) % 3]}.txt`;
    switch (kind) {
      case 'edit': {
        const isFirst = !edited.has(head.fileId);
        edited.add(head.fileId);
        const changes = [changeOf([pick(0), pick(1), pick(2), pick(3)])];
        return { ...on, expectedBaseVersion: isFirst ? expectedBaseVersion : 0, changes };
      }
      case 'create':
        return { kind, path: name, content: textContent(`new\n${pick(2) % 2}`) };
      case 'rename':
        return { ...on, fromPath: isLate ? 'elsewhere.txt' : head.path, path: name };
      case 'mode':
        return {
          ...on,
          mode: pick(3) % 2 ? 'executable' : 'regular',
          eol: head.lineCount > 1 && !isLate && pick(4) % 2 ? 'lf 0' : 'lf',
        };
      case 'content':
        return { ...on, content: textContent(`whole\n${pick(3) % 50}\n`) };
      case 'delete':
      case 'restore':
        return on;
    }
  };
  return changing(world, ...Array.from({ length: 2 + (picks[0] % 4) }, (_, at) => one(at)));
}

function changeOf([, b, c, d]: Step['picks']) {
  const line = c % 3;
  const end = d % 3 === 0 ? line + 1 : line;
  // Tickets with long ones have their texts apart.
  const text = b % 2 === 0 ? 'long '.repeat(2000) : 'x';
  return change(line, b % 3, end, end > line ? 0 : (b % 3) + (c % 2), d % 2 ? text : 'y\n');
}

export function decisionOf(world: TestWorld, ticket: Row<'conflict_ticket'>, resolution: string) {
  const steps = ticket.status === 'open' ? waitingSteps(wholeTicket(world, ticket).payload) : [];
  const whole = (steps ?? []).map(({ fileId }) => fileId).filter((fileId) => fileId > 0);
  const fileIds = new Set([...ticket.parts.map(({ fileId }) => fileId), ...whole]);
  const parts = [...fileIds].map((fileId) => ({
    fileId,
    expectedHeadVersion: world.headOf(fileId).version,
    changes: resolution === 'patch' ? [change(0, 0, 0, 0, 'patched ')] : [],
  }));
  const { ticketId } = ticket;
  const expectedHeadVersion = world.headOf(ticket.fileId).version;
  return { opId: world.nextId(), ticketId, expectedHeadVersion, resolution, parts };
}

/** Nobody keeps a sender from giving the id of the batch before to another one. */
function batchOf(
  world: TestWorld,
  ops: Arguments<'apply_file_ops'>['batch']['ops'],
  pick = 1,
): Arguments<'apply_file_ops'>['batch'] {
  const before = world.rows('file_op').at(-1)!.batchId;
  const isAgain = pick % 3 === 0 && OF_A_CALLER.test(before);
  return { batchId: isAgain ? before : world.nextId(), extends: 0, ops };
}

const OF_A_CALLER = /^.{8}-.{4}-7/;
