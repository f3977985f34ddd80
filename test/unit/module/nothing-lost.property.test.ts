// Law: whatever members send, and send again, in whatever order, each character they typed is in the
// text, in an open ticket, or was taken out or decided on by somebody; and never twice.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type Changes, isInsertion, normalizeChanges } from '../../../src/core/change.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import { POLICY_MODES } from '../../../src/core/policy.ts';
import {
  deletedTokens,
  type Expected,
  insertedTokens,
  tokensIn,
  TokenLedger,
} from './kept-tokens.ts';
import { type Arguments, type CallResult, change, type Row, TestWorld } from './test-world.ts';

const SOAK_RUNS = 3000;
const RUNS = process.env['AGENT_WORLD_SOAK'] === '1' ? SOAK_RUNS : 100;
const STALE_OPS = 5;

const STEPS = {
  edit: (run: Run, picks: Picks) => run.edit(picks, 1),
  run: (run: Run, picks: Picks) => run.edit(picks, 3),
  batch: (run: Run, picks: Picks) => run.batch(picks),
  extend: (run: Run, picks: Picks) => run.extend(picks),
  agree: (run: Run, picks: Picks) => run.agree(picks),
  acceptHead: (run: Run, picks: Picks) => run.resolve(picks, 'acceptHead', 'accept_head'),
  rebase: (run: Run, picks: Picks) => run.resolve(picks, 'rebase', 'rebase'),
  patch: (run: Run, picks: Picks) => run.resolve(picks, 'patch', 'patch'),
  late: (run: Run, picks: Picks) => run.resolve(picks, 'late', 'rebase', 3),
  withdraw: (run: Run, picks: Picks) => run.withdraw(picks),
  decideAgain: (run: Run, picks: Picks) => run.decideAgain(picks),
  retry: (run: Run, picks: Picks) => run.retry(picks),
  delete: (run: Run, picks: Picks) => run.wholeFile(picks, 'delete_file'),
  restore: (run: Run, picks: Picks) => run.wholeFile(picks, 'restore_file'),
};
const OFTEN: readonly (keyof typeof STEPS)[] = ['edit', 'edit', 'run', 'batch', 'retry', 'extend'];

type Picks = readonly [number, number, number, number];
interface Step {
  readonly what: keyof typeof STEPS;
  readonly picks: Picks;
}

const step = fc.record<Step>({
  what: fc.constantFrom(...OFTEN, ...(Object.keys(STEPS) as (keyof typeof STEPS)[])),
  picks: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
});

const seen = new Map<string, number>();

test('nothing is lost and nothing is applied twice, whatever is sent and sent again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...POLICY_MODES),
      fc.array(step, { minLength: 20, maxLength: 90 }),
      async (policyMode, steps) => {
        const run = await Run.begin(policyMode);
        for (const { what, picks } of steps) STEPS[what](run, picks);
        run.finish();
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
});

after(() => {
  const wanted = [
    'edit: applied',
    'edit: rebased',
    'edit: ticket',
    'batch: held',
    'extend: ticket',
    'rebase: applied',
    'patch: applied',
    'acceptHead: applied',
    'withdraw: applied',
    'late: head_moved',
    // Too rare to be sure of in a short run; `world-resolutions.test.ts` has a test of it.
    ...(RUNS < SOAK_RUNS ? [] : ['rebase: too_stale']),
    'again: already_resolved',
    'settled',
    'retry of apply_file_ops',
    'retry of resolve_conflict',
    'retry of delete_file',
  ];
  for (const what of wanted) assert.ok(seen.has(what), `${what} was never met`);
});

/** A call that the world took, to be made again. */
interface Sent {
  readonly sender: string;
  readonly name: 'apply_file_ops' | 'resolve_conflict' | 'delete_file' | 'restore_file';
  readonly args: never;
}

/** One world, three people, two files; every step is a call or none. */
class Run {
  readonly #world: TestWorld;
  readonly #people: readonly string[];
  readonly #files: readonly number[];
  readonly #ledger: TokenLedger;
  readonly #taken: Sent[] = [];

  private constructor(world: TestWorld, people: readonly string[], files: readonly number[]) {
    this.#world = world;
    this.#people = people;
    this.#files = files;
    this.#ledger = new TokenLedger(world);
  }

  static async begin(policyMode: string): Promise<Run> {
    const limits = JSON.stringify({ staleOps: STALE_OPS, versionsPerSnapshot: 5 });
    const world = await TestWorld.create({ policyMode, limits });
    const people = [world.join('ann'), world.join('bob'), world.join('robot', { kind: 'agent' })];
    const files = ['a.txt', 'b.txt'].map((path) => world.createFile(world.owner, path, TEXT));
    return new Run(world, people, files);
  }

  /** One op of a few characters on a version that may be old. */
  edit(picks: Picks, count: number): void {
    const { fileId, base, text } = this.#placeOf(picks);
    const tokens = this.#ledger.mint(count);
    const changes = changesOf(text, picks, tokens.join(''));
    const intent = picks[3] % 3 === 0 ? 'patch' : 'typing';
    const op = this.#world.op(fileId, base, changes, { intent });
    this.#ledger.typed(tokens);
    this.#sendBatch('edit', picks, [op], expectedOf(text, changes));
  }

  /** Two ops on one file and one on the other, whole or not at all. */
  batch(picks: Picks): void {
    const { fileId, base, text } = this.#placeOf(picks);
    const [first, second, third] = this.#ledger.mint(3) as [string, string, string];
    const changes = changesOf(text, picks, first);
    const then = applied(text, changes);
    const next = changesOf(then, [picks[3], picks[2], picks[1], picks[0]], second);
    const otherId = this.#files.find((id) => id !== fileId)!;
    const other = this.#placeOf([picks[0] + 1, picks[2], picks[1], 1]);
    const elsewhere = changesOf(other.text, [picks[1], picks[3], picks[0], picks[2]], third);
    const ops = [
      this.#world.op(fileId, base, changes),
      this.#world.op(fileId, 0, next),
      this.#world.op(otherId, other.base, elsewhere),
    ];
    const parts = [expectedOf(text, changes), expectedOf(then, next)];
    const expected = union([...parts, expectedOf(other.text, elsewhere)]);
    // What the batch took out of its own text never came.
    const undone = deletedTokens(then, next);
    const gains = new Set([...expected.gains].filter((token) => !undone.includes(token)));
    this.#sendBatch('batch', picks, ops, { ...expected, gains });
  }

  /** The author goes on typing in a refused edit: what it says now is sent in its place. */
  extend(picks: Picks): void {
    const tickets = this.#world.rows('conflict_ticket').filter(({ kind }) => kind === 'edit');
    const ticket = pick(tickets, picks[1]);
    const part = ticket && pick(ticket.parts, picks[2]);
    if (!ticket || !part || part.changes.length === 0) return;
    const isOpen = ticket.status === 'open';
    const { version } = this.#world.headOf(part.fileId);
    const isFree = insertedTokens(part.changes).every((token) => this.#ledger.isDecided(token));
    if (!isOpen && (part.headVersion !== version || !isFree)) return;
    const [token] = this.#ledger.mint(1);
    const [first, ...rest] = part.changes.map((each) => ({ ...each }));
    const changes = [{ ...first!, text: first!.text + token! }, ...rest];
    const op = this.#world.op(part.fileId, version, changes);
    const kept = isOpen ? ticket.parts.filter((each) => each !== part) : [];
    const proposed = kept.flatMap((each) => insertedTokens(each.proposed));
    const sender = ticket.actor.toHexString();
    const batch = { batchId: this.#world.nextId(), extends: ticket.ticketId, ops: [op] };
    const result = this.#call('extend', sender, 'apply_file_ops', { batch });
    if (result.code !== 'ok') return this.#ledger.check();
    const [outcome] = result.inserted('op_outcome');
    assert.equal(outcome!.outcome, 'ticket');
    this.#note('extend: ticket');
    this.#ledger.proposed([...proposed, ...insertedTokens(changes)], outcome!.ticketId);
  }

  /** Somebody writes what a ticket proposes by hand; of what is only put in that would be two. */
  agree(picks: Picks): void {
    const ticket = pick(this.#open(), picks[1]);
    const part = ticket && pick(ticket.parts, picks[2]);
    if (!part || part.changes.length === 0 || part.changes.some(isInsertion)) return;
    const { version, deleted } = this.#world.headOf(part.fileId);
    if (deleted) return;
    const changes = part.changes.map((each) => ({ ...each }));
    const op = this.#world.op(part.fileId, version, changes);
    const expected = expectedOf(this.#world.text(part.fileId), changes);
    this.#sendBatch('agree', picks, [op], expected);
  }

  /** A decision by anybody, who may have looked at an older version of the head. */
  resolve(picks: Picks, label: string, resolution: Resolution, behind = 0): void {
    const ticket = pick(this.#open(), picks[1]);
    if (ticket) this.#decide(label, this.#who(picks), ticket, resolution, behind, picks);
  }

  withdraw(picks: Picks): void {
    const ticket = pick(this.#open(), picks[1]);
    if (ticket) {
      this.#decide('withdraw', ticket.actor.toHexString(), ticket, 'accept_head', 0, picks);
    }
  }

  /** A second decision, under another id, on a ticket that is closed. */
  decideAgain(picks: Picks): void {
    const closed = this.#world.rows('conflict_ticket').filter(({ status }) => status !== 'open');
    const ticket = pick(closed, picks[1]);
    if (!ticket) return;
    const resolution = (['accept_head', 'rebase'] as const)[picks[2] % 2]!;
    const stateBefore = this.#world.stateHash();
    const decision = this.#decisionOf(ticket, resolution, 0, []);
    const { code } = this.#world.call(this.#who(picks), 'resolve_conflict', decision);
    assert.equal(code, 'already_resolved');
    assert.equal(this.#world.stateHash(), stateBefore);
    this.#note(`again: ${code}`);
  }

  /** A call that was taken comes once more: nothing changes, and it is answered as before. */
  retry(picks: Picks): void {
    const sent = pick(this.#taken, picks[1]);
    if (!sent) return;
    const stateBefore = this.#world.stateHash();
    const result = this.#world.call(sent.sender, sent.name, sent.args);
    assert.equal(result.code, 'ok', `${sent.name} again: ${result.message}`);
    assert.equal(this.#world.stateHash(), stateBefore, `${sent.name} again changes nothing`);
    assert.ok(result.inserted('op_outcome').length > 0, 'a retry is answered');
    this.#note(`retry of ${sent.name}`);
  }

  wholeFile(picks: Picks, name: 'delete_file' | 'restore_file'): void {
    const fileId = this.#files[picks[0] % 2]!;
    const { version, deleted } = this.#world.headOf(fileId);
    if (deleted !== (name === 'restore_file')) return;
    const base = Math.max(1, version - (picks[1] % 2));
    const on = { opId: this.#world.nextId(), author: '', fileId, expectedBaseVersion: base };
    const args = name === 'delete_file' ? on : { ...on, path: '' };
    this.#call(name, this.#who(picks), name, args);
    this.#ledger.check();
  }

  finish(): void {
    for (const sent of this.#taken) {
      const stateBefore = this.#world.stateHash();
      assert.equal(this.#world.call(sent.sender, sent.name, sent.args).code, 'ok');
      assert.equal(this.#world.stateHash(), stateBefore);
    }
    this.#ledger.checkHistory();
    const isSettled = this.#world
      .rows('file_op')
      .some((op) => op.payload.includes('"isSettled":true'));
    if (isSettled) this.#note('settled');
  }

  #decide(
    label: string,
    who: string,
    ticket: Row<'conflict_ticket'>,
    resolution: Resolution,
    behind: number,
    picks: Picks,
  ): void {
    const texts = ticket.parts.map((part) => this.#world.text(part.fileId));
    const waiting = (changes: Changes) =>
      insertedTokens(changes)
        .filter((token) => this.#ledger.isWaiting(token))
        .join('');
    // A patch puts in what was proposed at its place, or, where there is none, anywhere.
    const patches = ticket.parts.map((part, index) =>
      part.changes.length > 0
        ? part.changes.map((each) => ({ ...each }))
        : changesOf(texts[index]!, picks, waiting(part.proposed)),
    );
    const does = resolution === 'patch' ? patches : ticket.parts.map(({ changes }) => changes);
    const whole = union(does.map((changes, index) => expectedOf(texts[index]!, changes)));
    // Nobody decides on what they have not seen.
    const seenTexts = ticket.parts.map(({ fileId }) => {
      return this.#textAt(fileId, Math.max(1, this.#world.headOf(fileId).version - behind));
    });
    const known = new Set(tokensIn(seenTexts.join('')));
    const takes = new Set([...whole.takes].filter((token) => known.has(token)));
    const expected = { gains: whole.gains, takes };
    const decision = this.#decisionOf(ticket, resolution, behind, patches);
    const result = this.#call(label, who, 'resolve_conflict', decision);
    if (result.code !== 'ok' || resolution === 'accept_head') return this.#ledger.check();
    this.#ledger.applied(expected, result.inserted('file_op'));
  }

  #decisionOf(
    ticket: Row<'conflict_ticket'>,
    resolution: Resolution,
    behind: number,
    patches: readonly Changes[],
  ): Arguments<'resolve_conflict'> {
    const seenOf = (fileId: number) => Math.max(1, this.#world.headOf(fileId).version - behind);
    const parts = ticket.parts.map((part, index) => ({
      fileId: part.fileId,
      expectedHeadVersion: seenOf(part.fileId),
      changes: resolution === 'patch' ? patches[index]!.map((each) => ({ ...each })) : [],
    }));
    const { ticketId, fileId } = ticket;
    const expectedHeadVersion = seenOf(fileId);
    return { opId: this.#world.nextId(), ticketId, expectedHeadVersion, resolution, parts };
  }

  #sendBatch(
    label: string,
    picks: Picks,
    ops: Arguments<'apply_file_ops'>['batch']['ops'],
    expected: Expected,
  ): void {
    const batch = { batchId: this.#world.nextId(), extends: 0, ops };
    const result = this.#call(label, this.#who(picks), 'apply_file_ops', { batch });
    if (result.code !== 'ok') return this.#ledger.check();
    const outcomes = result.inserted('op_outcome');
    assert.equal(outcomes.length, ops.length, 'every op is answered');
    const ticketId = Math.max(...outcomes.map((outcome) => outcome.ticketId));
    if (ticketId > 0) this.#ledger.proposed(expected.gains, ticketId);
    else this.#ledger.applied(expected, result.inserted('file_op').filter(isEdit));
  }

  #call<Name extends Sent['name']>(
    label: string,
    sender: string,
    name: Name,
    args: Arguments<Name>,
  ): CallResult {
    const result = this.#world.call(sender, name, args);
    assert.notEqual(result.code, 'failed', `${label}: the module met an error of its own`);
    if (result.code === 'ok') {
      const outcomes = result.inserted('op_outcome');
      for (const { outcome } of outcomes) this.#note(`${label}: ${outcome}`);
      this.#taken.push({ sender, name, args: args as never });
    } else {
      this.#note(`${label}: ${result.code}`);
    }
    return result;
  }

  /** A file, and a version of it that somebody may be looking at. */
  #placeOf(picks: Picks) {
    const fileId = this.#files[picks[0] % 2]!;
    const { version } = this.#world.headOf(fileId);
    const behind = picks[1] % 7 === 6 ? STALE_OPS + 1 : picks[1] % 4;
    const base = Math.max(1, version - behind);
    return { fileId, base, text: this.#textAt(fileId, base) };
  }

  #textAt(fileId: number, version: number): string {
    const buffer = LineBuffer.of(TEXT);
    for (const op of this.#world.rows('file_op')) {
      if (op.fileId === fileId && op.version <= version) buffer.apply(op.changes);
    }
    return buffer.toString();
  }

  #open(): Row<'conflict_ticket'>[] {
    return this.#world.rows('conflict_ticket').filter(({ status }) => status === 'open');
  }

  #who(picks: Picks): string {
    return this.#people[picks[3] % this.#people.length]!;
  }

  #note(what: string): void {
    seen.set(what, (seen.get(what) ?? 0) + 1);
  }
}

type Resolution = 'accept_head' | 'rebase' | 'patch';

const TEXT = 'one two three\nfour five six\nseven eight\nnine ten\n';

/** Types, replaces some characters, a line end too, or takes some out. */
function changesOf(text: string, [a, b, c, d]: Picks, typed: string): Changes {
  const lines = text.split('\n');
  const line = c % lines.length;
  const from = b % (lines[line]!.length + 1);
  const isLineEnd = d % 5 === 4 && line + 1 < lines.length;
  const to = Math.min(lines[line]!.length, from + (d % 3 === 0 ? 0 : a % 6));
  const end = isLineEnd ? ([line + 1, 0] as const) : ([line, to] as const);
  const inserted = a % 9 === 8 ? `${typed}\n` : typed;
  return normalizeChanges([change(line, from, ...end, inserted)]);
}

function expectedOf(text: string, changes: Changes): Expected {
  return {
    gains: new Set(insertedTokens(changes)),
    takes: new Set(deletedTokens(text, changes)),
  };
}

function union(parts: readonly Expected[]): Expected {
  return {
    gains: new Set(parts.flatMap(({ gains }) => [...gains])),
    takes: new Set(parts.flatMap(({ takes }) => [...takes])),
  };
}

function applied(text: string, changes: Changes): string {
  const buffer = LineBuffer.of(text);
  buffer.apply(changes);
  return buffer.toString();
}

function isEdit(op: Row<'file_op'>): boolean {
  return op.kind === 'edit';
}

function pick<Value>(values: readonly Value[], number: number): Value | undefined {
  return values[number % Math.max(1, values.length)];
}
