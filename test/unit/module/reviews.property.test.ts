// Law: whatever agents and people do, and whatever is kept, taken back, undone and restored: what agents wrote is
// reviewed or to be looked at, never both and never neither, and nobody else's character goes.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { Changes } from '../../../src/core/change.ts';
import { decidesNothing, type Whose } from '../../../src/core/review.ts';
import { invert } from '../../../src/core/invert.ts';
import { readPayload } from '../../../src/core/op-payload.ts';
import { Text } from '../../../src/core/text.ts';
import { settlingOf } from '../../../src/review/export-review.ts';
import { sameHunk } from '../../../src/review/review.ts';
import type { FileReview } from '../../../src/review/file-review.ts';
import { type ReviewHunk, sightOfPlan } from '../../../src/review/review-hunk.ts';
import { fileHeadOf } from '../../../src/world/world-rows.ts';
import { testSeed } from '../../harness/seeded-random.ts';
import { changesOf } from '../core/arbitrary.ts';
import { assertSameWorld, restored } from './imported-world.ts';
import { markExport } from './review-kit.ts';
import {
  cellsOf,
  coveredBy,
  decide,
  follow,
  reviewOf,
  reviewSince,
  settle,
} from './review-ledger.ts';
import { change, type Row, TestWorld } from './test-world.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';
const RUNS = isSoak ? 1500 : 20;

type Picks = readonly [number, number, number];
/** `back`: a person puts back by hand what the newest op did. */
type Step = readonly [what: (typeof STEPS)[number] | 'back', picks: Picks];
const STEPS = [
  'bot',
  'bot',
  'mate',
  'ann',
  'keep',
  'take',
  'lines',
  'undo',
  'turn',
  'restore',
] as const;

const picks = fc.tuple(fc.nat(), fc.nat(), fc.nat());
const LENGTHS = { minLength: 4, maxLength: 20 } as const;
const steps = fc.array(fc.tuple(fc.constantFrom(...STEPS), picks), LENGTHS);

const seen = new Map<string, number>();

test('what agents wrote is reviewed or to be looked at, and nobody else’s character goes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const run = await Run.begin();
      for (const step of all) await run.play(step);
      for (const [, [pick]] of all.slice(0, 2)) await run.assertExport(pick);
      await run.assertOrderFree(all.length);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

test('a file is seen the same by whoever has followed it and by whoever reads it now', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.tuple(fc.constantFrom(...STEPS, 'back', 'back'), picks, fc.boolean()), LENGTHS),
    async (all) => {
      const run = await Run.begin();
      for (const [what, own, looks] of all) {
        const before = run.row;
        await run.play([what, own]);
        if (looks) run.assertFollowed();
        if (before && run.row && before.sinceSeq < run.row.sinceSeq) run.assertSettledWell(before);
      }
    },
  );
  await fc.assert(property, { numRuns: RUNS, seed: testSeed(), endOnFailure: true });
});

after(() => {
  // So few histories at random may well be without one of them.
  if (!isSoak) return;
  for (const what of [
    'kept',
    'taken',
    'lines',
    'undone',
    'restored',
    'nothing left',
    'export',
    'export of an older text',
    'followed',
    'settled in part',
    'put back by hand',
    'both orders',
    'both orders of each agent',
  ]) {
    assert.ok((seen.get(what) ?? 0) > RUNS / 20, `too few: ${what} in ${[...seen].join(' ')}`);
  }
});

function note(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}

class Run {
  #world: TestWorld;
  readonly #fileId: number;
  readonly #people: Readonly<Record<'bot' | 'mate' | 'ann', string>>;
  /** What the last taking back took out, to be put there again. */
  #undo: Changes | undefined;
  readonly #taken = new Map<number, readonly ReviewHunk[]>();
  /** The text before the newest edit. */
  #before = Text.of('');
  #followed: FileReview | undefined;

  private constructor(world: TestWorld, fileId: number, people: Run['people']) {
    this.#world = world;
    this.#fileId = fileId;
    this.#people = people;
  }

  static async begin(): Promise<Run> {
    const world = await TestWorld.create();
    const [bot, mate] = ['bot', 'mate'].map((name) => world.join(name, { kind: 'agent' }));
    const ann = world.join('ann');
    const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\nthree\nfour\nfive\n');
    world.connect(bot!, 1n);
    world.mustCall(bot!, 'take_session', { session: 's' });
    return new Run(world, fileId, { bot: bot!, mate: mate!, ann });
  }

  get people() {
    return this.#people;
  }

  get #agents(): ReadonlySet<string> {
    return new Set([this.#people.bot, this.#people.mate]);
  }

  async play([what, picks]: Step): Promise<void> {
    switch (what) {
      case 'bot':
      case 'mate':
      case 'ann':
        this.#edit(this.#people[what], drawn(picks[0], this.#world.text(this.#fileId)));
        break;
      case 'keep':
      case 'take':
        await this.#decide(what, picks);
        break;
      case 'lines':
        await this.#keepLines(picks);
        break;
      case 'undo':
        this.#putBack();
        break;
      case 'back':
        this.#invertNewest();
        break;
      case 'turn':
        this.#beginTurn();
        break;
      case 'restore': {
        const copy = await restored(this.#world, () => picks[0] % 2 === 0);
        assertSameWorld(copy, this.#world);
        copy.connect(this.#people.bot, 1n);
        copy.mustCall(this.#people.bot, 'take_session', { session: 's' });
        this.#world = copy;
        note('restored');
      }
    }
    this.#assertParts();
  }

  #edit(who: string, changes: Changes): void {
    this.#before = Text.of(this.#world.text(this.#fileId));
    const { version } = this.#world.headOf(this.#fileId);
    const { code } = this.#world.edit(who, this.#fileId, version, changes);
    assert.equal(code, 'ok');
  }

  #beginTurn(): void {
    const names = { session: 's', name: '', client: '', title: '' };
    const turn = { opId: this.#world.nextId(), ...names, prompt: '', salt: new Uint8Array() };
    this.#world.mustCall(this.#people.bot, 'begin_turn', turn);
  }

  /** A picked hunk, or all, of all agents, of one, or of one turn. */
  async #decide(does: 'keep' | 'take', picks: Picks): Promise<void> {
    const review = reviewOf(this.#world, this.#fileId, this.#agents);
    if (!review) return;
    const hunks = review.hunks(this.#head, this.#whose(picks[0]));
    const chosen =
      picks[1] % 3 === 0 ? hunks : hunks.slice(picks[2] % Math.max(1, hunks.length)).slice(0, 1);
    if (chosen.length === 0) return;
    const before = this.#cells;
    this.#before = Text.of(this.#world.text(this.#fileId));
    const sent = await decide(this.#world, this.#people.ann, review, does, chosen);
    assert.deepEqual(sent.late, []);
    note(does === 'keep' ? 'kept' : 'taken');
    if (does === 'keep') {
      assert.deepEqual(textOf(this.#cells), textOf(before), 'what is kept is not changed');
      return;
    }
    const last = this.#world.rows('file_op').at(-1)!;
    if (last.kind === 'edit') this.#taken.set(last.opSeq, chosen);
    const taken = new Set(coveredBy(chosen, before));
    const stayed = before.filter((_, at) => !taken.has(at));
    assertWithin(textOf(stayed), textOf(this.#cells));
    for (const at of taken) {
      const { author, isDecided, character } = before[at]!;
      assert.ok(this.#agents.has(author) && !isDecided, `“${character}” is not to be taken back`);
    }
    this.#undo = last.kind === 'edit' ? last.changes : undefined;
  }

  #whose(pick: number): Whose {
    const turn = this.#world.rows('turn').at(-1)?.turnId;
    const { bot, mate } = this.#people;
    return [{}, {}, { agent: bot }, { agent: mate }, turn === undefined ? {} : { turn }][pick % 5]!;
  }

  /** Some lines, whatever stands there. */
  async #keepLines(picks: Picks): Promise<void> {
    const review = reviewOf(this.#world, this.#fileId, this.#agents);
    if (!review) return;
    const first = picks[0] % 5;
    const lines = [{ firstLine: first, lastLine: first + (picks[1] % 3) }];
    const own = { opId: this.#world.nextId(), fileId: this.#fileId, lines, whole: [] };
    const seenSeq = review.lastSeq;
    const decided = {
      lines: lines.map((each) => [each.firstLine, each.lastLine] as const),
      whole: [],
    };
    const place = { seenSeq, version: review.version };
    const upTo = review.settledBy(this.#head, decided, place);
    const whose = { agent: '', turn: 0, words: '' };
    const reviews = [{ ...own, does: 'keep', seenSeq, upTo, ...whose }];
    const call = { batchId: this.#world.nextId(), reviews, steps: [], returned: [] };
    this.#world.mustCall(this.#people.ann, 'review_files', call);
    note('lines');
  }

  /** Somebody puts in again what was taken back: it is a person's then. */
  #putBack(): void {
    const text = this.#undo?.map((change) => change.text).join('');
    if (!text) return;
    this.#undo = undefined;
    const place = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
    this.#edit(this.#people.ann, [{ ...place, text }]);
    note('undone');
  }

  /** A person puts back by hand what the newest op did, be it an agent's. */
  #invertNewest(): void {
    const newest = this.#world.rows('file_op').at(-1)!;
    if (newest.fileId !== this.#fileId || newest.kind !== 'edit') return;
    this.#edit(this.#people.ann, invert(newest.changes, this.#before));
    note('put back by hand');
  }

  get #cells() {
    return cellsOf(this.#world, this.#fileId, this.#agents, this.#taken);
  }

  get #head() {
    return fileHeadOf(this.#world.headOf(this.#fileId));
  }

  #assertParts(): void {
    const review = reviewOf(this.#world, this.#fileId, this.#agents);
    const cells = this.#cells;
    assert.equal(textOf(cells), this.#world.text(this.#fileId));
    const covered = review ? coveredBy(review.hunks(this.#head, {}), cells) : [];
    assert.equal(new Set(covered).size, covered.length, 'in one hunk only');
    const open = cells.flatMap(({ isDecided }, at) => (isDecided ? [] : [at]));
    assert.deepEqual(
      [...covered].sort((a, b) => a - b),
      open,
    );
    if (!review) note('nothing left');
  }

  get row(): Row<'unreviewed_file'> | undefined {
    return this.#world.rows('unreviewed_file').find(({ fileId }) => fileId === this.#fileId);
  }

  /** A client that looks at the file now and then, and reads only what it has not read yet. */
  assertFollowed(): void {
    const { row } = this;
    const followed = row && follow(this.#world, row, this.#followed, this.#agents);
    this.#followed = followed;
    if (!followed) return;
    const fresh = reviewSince(this.#world, row, this.#agents);
    for (const whose of this.#views) {
      assert.deepEqual(followed.hunks(this.#head, whose), fresh.hunks(this.#head, whose));
    }
    note('followed');
  }

  /** What was decided leaves the same to look at, wherever it is read from. */
  assertSettledWell(before: Row<'unreviewed_file'>): void {
    const old = reviewSince(this.#world, before, this.#agents);
    const now = reviewSince(this.#world, this.row!, this.#agents);
    for (const whose of this.#views) {
      const sights = sightsOf(now.hunks(this.#head, whose));
      assert.deepEqual(sights, sightsOf(old.hunks(this.#head, whose)));
      if (sights.length > 0) note('settled in part');
    }
  }

  /** Of agents together, of each by itself, and of each turn. */
  get #views(): readonly Whose[] {
    const turns = this.#world.rows('turn').map(({ turnId }) => ({ turn: turnId }));
    return [{}, ...[...this.#agents].map((agent) => ({ agent })), ...turns];
  }

  /**
   * A world that asks for review takes an export up to some op of the file where nothing of it is left to look at, and
   * no other.
   */
  async assertExport(pick: number): Promise<void> {
    const world = this.#world.reopened();
    const { owner } = world;
    world.mustCall(owner, 'set_export_rule', { rule: 'reviewed' });
    const ops = world.rows('file_op').filter(({ fileId }) => fileId === this.#fileId);
    const { opSeq: upTo } = ops[pick % ops.length]!;
    const review = reviewOf(world, this.#fileId, this.#agents);
    const left = review?.hunks(this.#head, {}) ?? [];
    const isChanged = (review?.changedSeq ?? 0) > upTo;
    const isHeldUp = isChanged
      ? review!.agentsUpTo(upTo).length > 0
      : left.some(({ firstSeq }) => firstSeq <= upTo);
    if (isHeldUp) {
      assert.equal(markExport(world, owner, { upTo }).code, 'unreviewed');
      return;
    }
    const canSettle = review && !isChanged && settlingOf(review, this.#head).upTo > 0;
    if (canSettle) await settle(world, owner, review);
    const isTaken = isDecidedBehind(world, this.#fileId, upTo);
    const { code } = markExport(world, owner, { upTo });
    // Where the file was changed since, a person's op behind what is settled may be the first that the row knows of.
    if (!isChanged || code !== 'unreviewed') assert.equal(code, isTaken ? 'head_moved' : 'ok');
    note(isTaken ? 'export of an older text' : 'export');
  }

  /** Something of agents at several places, so that there is more than one hunk. */
  #spread(): void {
    const { bot, mate, ann } = this.#people;
    this.#edit(ann, [change(0, 0, 0, 0, 'a\nb\nc\nd\ne\nf\ng\nh\ni\n')]);
    this.#edit(bot, [change(1, 0, 1, 1, 'bot')]);
    this.#edit(mate, [change(3, 0, 4, 0, '')]);
    this.#edit(bot, [change(4, 1, 4, 1, ' and more\nlines\n')]);
    this.#edit(ann, [change(5, 0, 5, 2, 'ann')]);
    // Two lines that stood beside each other: whichever comes back first, they stand as they stood.
    this.#edit(bot, [change(7, 0, 8, 0, '')]);
    this.#edit(mate, [change(7, 0, 8, 0, '')]);
  }

  /**
   * Each hunk as it is shown now, of all agents together or of each by itself, is kept, or taken back, in two orders:
   * that leads to one text.
   */
  async assertOrderFree(seed: number): Promise<void> {
    this.#spread();
    const { bot, mate } = this.#people;
    const asked: readonly Whose[] = seed % 2 === 0 ? [{}] : [{ agent: bot }, { agent: mate }];
    const texts: string[] = [];
    const other = this.#world.reopened();
    for (const [world, isReversed] of [
      [this.#world, false],
      [other, true],
    ] as const) {
      const review = reviewOf(world, this.#fileId, this.#agents);
      const shown = asked.flatMap((whose) => review?.hunks(this.#head, whose) ?? []);
      const order = shown.map((hunk, index) => [hunk, ((seed >> (index % 8)) & 1) === 1] as const);
      if (isReversed) order.reverse();
      let isWhole = order.length > 1;
      for (const [hunk, isTaken] of order) {
        isWhole = (await this.#decideShown(world, hunk, isTaken ? 'take' : 'keep')) && isWhole;
      }
      if (isWhole) texts.push(world.text(this.#fileId));
    }
    if (texts.length < 2) return;
    note(asked.length === 1 ? 'both orders' : 'both orders of each agent');
    assert.equal(texts[0], texts[1]);
  }

  /** False where it is to be looked at again, since others' decisions have changed how it stands. */
  async #decideShown(world: TestWorld, hunk: ReviewHunk, does: 'keep' | 'take'): Promise<boolean> {
    const review = reviewOf(world, this.#fileId, this.#agents);
    const head = fileHeadOf(world.headOf(this.#fileId));
    const same = review && sameHunk(hunk, review.hunks(head, hunk.whose), review);
    if (!review || !same) return false;
    const { done } = await decide(world, this.#people.ann, review, does, [same]);
    return done.length === 1;
  }
}

/**
 * True where what a person's export up to some op has of a file is not what was decided: something was taken back
 * behind it, or found to be gone in a newer text.
 */
function isDecidedBehind(world: TestWorld, fileId: number, upTo: number): boolean {
  const later = world.rows('file_op').filter((op) => op.fileId === fileId && op.opSeq > upTo);
  const isChange = ({ kind }: { readonly kind: string }): boolean =>
    kind !== 'note' && kind !== 'conflict';
  return later.some(({ kind, payload }, index) => {
    const review = kind === 'note' ? readPayload('note', payload).review : undefined;
    if (!review) return false;
    const isTaken = review.does === 'take' && later.some(isChange);
    return isTaken || (decidesNothing(review) && later.slice(0, index).some(isChange));
  });
}

function sightsOf(hunks: readonly ReviewHunk[]): readonly string[] {
  return hunks.flatMap((hunk) => (hunk.tag === 'text' ? [sightOfPlan(hunk.plan)] : []));
}

function textOf(cells: readonly { readonly character: string }[]): string {
  return cells.map(({ character }) => character).join('');
}

/** True where all characters of one text are in another, in order. */
function assertWithin(part: string, whole: string): void {
  let at = 0;
  for (const character of whole.split('')) if (character === part[at]) at += 1;
  assert.equal(at, part.length, 'somebody else’s character went');
}

function drawn(seed: number, text: string): Changes {
  return fc.sample(changesOf(text, 2), { seed, numRuns: 1 })[0]!;
}
