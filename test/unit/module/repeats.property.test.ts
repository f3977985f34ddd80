// Law: any history in which calls are made again, at any later time and with restores in between, is the
// history without the repeats.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { assertSameWorld, restored } from './imported-world.ts';
import { busyWorld, type MadeCall, play, type Step, steps } from './random-steps.ts';
import type { CallResult, ReducerName, TestWorld } from './test-world.ts';

const SOAK_RUNS = 600;
const RUNS = process.env['AGENT_WORLD_SOAK'] === '1' ? SOAK_RUNS : 25;

type Event =
  | { readonly tag: 'step'; readonly step: Step }
  | { readonly tag: 'repeat'; readonly pick: number; readonly laterMs: number }
  | { readonly tag: 'restore' };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const LATER_MS = [10, MINUTE_MS, 60 * MINUTE_MS, DAY_MS, 60 * DAY_MS];

/** What finds things as it wants them, which is rare among all that members do. */
const OFTEN: readonly Step['what'][] = [
  ...Array<'create'>(4).fill('create'),
  ...Array<'rename'>(8).fill('rename'),
  ...Array<'delete'>(8).fill('delete'),
  ...(['restore', 'restore', 'mode', 'mode'] as const),
];

/** What does nothing the second time, which chance does not bring in every run: all about the newest file. */
const TWICE: Event[] = (
  [
    ['create', [0, 2, 0, 0]],
    ['mode', [3, 0, 0, 0]],
    ['rename', [3, 0, 1, 0]],
    ['delete', [3, 0, 0, 0]],
    ['restore', [3, 0, 0, 0]],
  ] as const
).flatMap(([what, picks]): Event[] => {
  const step: Step = { what, who: 0, picks };
  return [
    { tag: 'step', step },
    { tag: 'step', step },
  ];
});

const event = fc.oneof<fc.WeightedArbitrary<Event>[]>(
  { weight: 12, arbitrary: fc.record({ tag: fc.constant('step'), step: steps(OFTEN) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      tag: fc.constant('repeat'),
      pick: fc.nat(),
      laterMs: fc.constantFrom(...Array<number>(8).fill(0), ...LATER_MS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ tag: fc.constant('restore') }) },
);

/** Calls without an id: each is a call of its own, and no client of ours repeats one. */
const WITHOUT_ID: ReadonlySet<ReducerName> = new Set([
  'set_member',
  'remove_member',
  'set_policy',
  'checkpoint_file',
  'take_session',
]);

/** What somebody typed is taken, however late it comes. */
const TAKEN_WHENEVER: ReadonlySet<ReducerName> = new Set([
  'apply_file_ops',
  'type_text',
  'return_text',
  'replace_content',
]);

const seen = new Map<string, number>();

test('calls that are made again change nothing, whenever that is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 40, maxLength: 160 }), async (events) => {
      const run = await Run.begin();
      for (const each of events) await run.do(each);
      run.finish();
    }),
    { numRuns: RUNS, endOnFailure: true, examples: [[TWICE]] },
  );
});

/** What the property is about happens in it: the rest of it is in so few runs that only many are sure of it. */
after(() => {
  const wanted = RUNS < SOAK_RUNS ? COMMON : [...COMMON, ...RARE];
  const met = [...seen.keys()].sort().join(', ');
  for (const what of wanted) assert.ok(seen.has(what), `${what} was never met among ${met}`);
});

const COMMON = [
  ...['create_file', 'rename_file', 'delete_file', 'apply_file_ops', 'type_text'].map(
    (name) => `${name} of effect: ok`,
  ),
  'delete_file without effect: ok',
  'restored',
];

/** Each of these that has no effect has a test of its own in `repeats.test.ts`. */
const RARE = [
  ...['restore_file', 'set_file_mode', 'replace_content'].map((name) => `${name} of effect: ok`),
  ...['create_file', 'rename_file', 'restore_file', 'set_file_mode'].map(
    (name) => `${name} without effect: ok`,
  ),
  'delete_file without effect: stale_retry',
  'resolve_conflict of effect: ok',
  'resolve_ticket of effect: ok',
  'add_note of effect: ok',
  'mark_git_point of effect: ok',
  'rename_file refused: path_taken',
];

interface Sent extends MadeCall {
  /** What it came to the first time. */
  readonly first: 'of effect' | 'in part' | 'without effect' | 'refused';
  readonly restores: number;
}

/** A world in which calls are repeated, and the same world in which they are not. */
class Run {
  #world: TestWorld;
  #twin: TestWorld;
  readonly #people: readonly string[];
  readonly #sent: Sent[] = [];
  #restores = 0;

  private constructor(world: TestWorld, twin: TestWorld, people: readonly string[]) {
    this.#world = world;
    this.#twin = twin;
    this.#people = people;
  }

  static async begin(): Promise<Run> {
    const { world, people } = await busyWorld();
    const { world: twin } = await busyWorld();
    return new Run(world, twin, people);
  }

  async do(each: Event): Promise<void> {
    switch (each.tag) {
      case 'step':
        return this.#step(each.step);
      case 'repeat':
        return this.#repeat(each.pick, each.laterMs);
      case 'restore':
        return this.#restore();
    }
  }

  finish(): void {
    for (let index = 0; index < this.#sent.length; index++) this.#repeat(index, 0);
    assertSameWorld(this.#world, this.#twin);
  }

  #step(each: Step): void {
    const who = this.#people[each.who]!;
    this.#twin.nowMicros = this.#world.nowMicros;
    const made = play(this.#world, who, each);
    const unrepeated = play(this.#twin, who, each);
    assert.equal(made?.result.code, unrepeated?.result.code, 'repeats changed what may be done');
    if (!made || WITHOUT_ID.has(made.name)) return;
    assert.notEqual(made.result.code, 'failed', `${made.name}: ${made.result.message}`);
    this.#sent.push({ ...made, first: kindOf(made.result), restores: this.#restores });
  }

  #repeat(pick: number, laterMs: number): void {
    this.#world.nowMicros += BigInt(laterMs) * 1000n;
    const sent = this.#sent[pick % Math.max(1, this.#sent.length)];
    if (!sent) return;
    const { sender, name, args, first, result, restores } = sent;
    // What was refused had no effect yet; a world that was restored since knows nothing of it, and
    // takes what somebody typed.
    const isNew = first === 'refused' && restores < this.#restores;
    if (isNew && TAKEN_WHENEVER.has(name)) return;
    const before = this.#world.stateHash();
    const again = this.#world.call(sender, name, args);
    assert.equal(this.#world.stateHash(), before, `${name} ${first}, again: ${again.code}`);
    this.#note(`${name} ${first}: ${again.code}`);
    if (first === 'refused' && restores === this.#restores) assert.equal(again.code, result.code);
    const answer = this.#isMember(sender) ? 'ok' : 'not_a_member';
    if (first === 'of effect') assert.equal(again.code, answer, again.message);
    if (first === 'in part') assert.ok([answer, 'stale_retry'].includes(again.code), again.message);
    for (const [opId, what] of told(again)) assert.deepEqual(what, told(result).get(opId));
    assert.ok(again.code !== 'ok' || told(again).size > 0, 'a retry is answered');
  }

  #isMember(hex: string): boolean {
    const members = this.#world.rows('workspace_member');
    return members.some(
      ({ identity, removedAt }) => identity.toHexString() === hex && removedAt === undefined,
    );
  }

  async #restore(): Promise<void> {
    this.#twin.nowMicros = this.#world.nowMicros;
    [this.#world, this.#twin] = await Promise.all([restored(this.#world), restored(this.#twin)]);
    this.#twin.nowMicros = this.#world.nowMicros;
    this.#restores += 1;
    this.#note('restored');
  }

  #note(what: string): void {
    seen.set(what, (seen.get(what) ?? 0) + 1);
  }
}

function kindOf(result: CallResult): Sent['first'] {
  if (result.code !== 'ok') return 'refused';
  if (result.inserted('file_op').length === 0) return 'without effect';
  // Of several files some were there as they were sent: what did nothing is remembered for a time only.
  const didNothing = result.inserted('op_outcome').some(({ outcome }) => outcome === 'duplicate');
  return didNothing ? 'in part' : 'of effect';
}

/** What each id came to. A decision on several files tells of each, and again of the first only. */
function told(result: CallResult) {
  const outcomes = result
    .inserted('op_outcome')
    .toSorted((a, b) => b.opSeq - a.opSeq)
    .map(({ opId, ticketId, opSeq, version }) => [opId, [ticketId, opSeq, version]] as const);
  // Of what was sent shortly and applied only the op itself tells.
  const edits = result
    .inserted('file_op')
    .filter(({ kind }) => kind === 'edit')
    .map(({ opId, opSeq, version }) => [opId, [0, opSeq, version]] as const);
  return new Map([...edits, ...outcomes]);
}
