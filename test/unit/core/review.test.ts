// Keeping and taking back what agents wrote, hunk by hunk, beside a plain model of single characters.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Changes, endOf, replace, startOf } from '../../../src/core/change.ts';
import type { Origin } from '../../../src/core/origin.ts';
import type { Position } from '../../../src/core/position.ts';
import { decidedLines, type DecidedLines, ReviewText } from '../../../src/core/review-text.ts';
import { takeBackEdit, type TakeBackHunk, type WovenOp } from '../../../src/core/take-back.ts';
import { Text } from '../../../src/core/text.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import { changesOf, content } from './arbitrary.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 50_000 : 1_500;
const AGENTS: ReadonlySet<string> = new Set(['bot', 'mate']);

const isAgents = ({ author }: Origin): boolean => AGENTS.has(author);
const isBots = ({ author }: Origin): boolean => author === 'bot';

/** What happens to a file: somebody edits, or keeps or takes back one of the hunks that are shown. */
type Draft =
  | { readonly tag: 'edit'; readonly seed: number; readonly author: string }
  | { readonly tag: 'keep' | 'take'; readonly pick: number; readonly ofBot: boolean };

const drafts = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        tag: fc.constant('edit' as const),
        seed: fc.nat(),
        author: fc.constantFrom('ada', 'bot', 'mate'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        tag: fc.constantFrom('keep' as const, 'take' as const),
        pick: fc.nat(),
        ofBot: fc.boolean(),
      }),
    },
  ),
  { minLength: 1, maxLength: 12 },
);

const edits = drafts.map((all) => all.filter(({ tag }) => tag === 'edit'));

const isRestoring = ({ tag }: { readonly tag: string }): boolean => tag === 'restore';
const restoredIn = ({ steps }: TakeBackHunk): readonly string[] =>
  steps.filter(isRestoring).map(({ text }) => text);
const takes = () => 'take' as const;

/** A character that is there, who brought it, and whether that was kept. */
interface Cell {
  readonly character: string;
  readonly insertedBy: Origin | undefined;
  isKept: boolean;
}

/** The file with its history, and the same as single characters that know nothing of strands. */
class ReviewModel {
  readonly #base: Text;
  readonly ops: (WovenOp & { readonly version: number })[] = [];
  readonly kept: DecidedLines[] = [];
  readonly live: ReviewText;
  readonly #restoring = new Set<number>();
  readonly #putBack = {
    isTaken: isAgents,
    isRestoring: ({ opSeq }: Origin) => this.#restoring.has(opSeq),
  };
  text: Text;
  cells: Cell[];

  constructor(base: string) {
    this.#base = Text.of(base);
    this.text = this.#base;
    this.live = ReviewText.of(this.#base, this.#putBack);
    this.cells = Array.from({ length: base.length }, (_, at) => ({
      character: base[at]!,
      insertedBy: undefined,
      isKept: false,
    }));
  }

  get version(): number {
    return this.ops.length + 1;
  }

  hunks(isWanted = isAgents, more: readonly DecidedLines[] = []): readonly TakeBackHunk[] {
    const text = ReviewText.of(this.#base, this.#putBack);
    for (const op of this.ops) text.add(op);
    for (const decision of this.kept) text.decide(decision);
    const all = { withSources: true };
    const hunks = text.decided(more).hunks(isWanted, all);
    // Taken in as they came, for which no text is folded twice, ops and decisions make the same.
    const live = more.length > 0 ? this.live.decided(more) : this.live;
    assert.deepEqual(live.hunks(isWanted, all), hunks);
    return hunks;
  }

  edit(changes: Changes, author: string): void {
    const opSeq = this.ops.length + 1;
    const origin = { opSeq, author, madeAtMicros: 0n, isImported: false };
    for (const change of [...changes].reverse()) {
      const from = offsetOf(this.text, startOf(change));
      const to = offsetOf(this.text, endOf(change));
      const fresh = Array.from(change.text.split(''), (character) => ({
        character,
        insertedBy: origin,
        isKept: false,
      }));
      this.cells.splice(from, to - from, ...fresh);
    }
    this.text = this.text.apply(changes);
    const op = { origin, changes, version: this.version + 1 };
    this.ops.push(op);
    this.live.add(op);
  }

  keep(hunk: TakeBackHunk, isKept = isAgents): void {
    const lines = linesOf(hunk, this.version, isKept);
    this.decide(lines);
    let line = 0;
    for (const cell of this.cells) {
      const isThere = line >= lines.startLine && line <= lines.endLine;
      if (isThere && cell.insertedBy && isKept(cell.insertedBy)) cell.isKept = true;
      if (cell.character === '\n') line += 1;
    }
  }

  decide(lines: DecidedLines): void {
    this.kept.push(lines);
    this.live.decide(lines);
  }

  /** Takes back as a person, which decides these hunks, and returns what went. */
  take(hunks: readonly TakeBackHunk[], isKept = isAgents): readonly Cell[] {
    const before = this.cells;
    for (const hunk of hunks) this.decide(linesOf(hunk, this.version, isKept));
    this.cells = [...before];
    const choices = hunks.map(() => 'take' as const);
    this.#restoring.add(this.ops.length + 1);
    this.edit(takeBackEdit(hunks, choices).changes, 'ada');
    const left = new Set(this.cells);
    return before.filter((cell) => !left.has(cell));
  }
}

function linesOf(
  hunk: TakeBackHunk,
  version: number,
  isKept: (origin: Origin) => boolean,
): DecidedLines {
  return { version, ...decidedLines(hunk), isDecided: isKept };
}

function offsetOf(text: Text, { line, character }: Position): number {
  let offset = character;
  for (let each = 0; each < line; each++) offset += text.line(each).length + 1;
  return offset;
}

function played(base: string, steps: readonly Draft[]): ReviewModel {
  const model = new ReviewModel(base);
  for (const step of steps) {
    if (step.tag === 'edit') {
      model.edit(drawn(step.seed, model.text), step.author);
      continue;
    }
    const isWanted = step.ofBot ? isBots : isAgents;
    const hunks = model.hunks(isWanted);
    const hunk = hunks[step.pick % hunks.length];
    if (!hunk) continue;
    if (step.tag === 'keep') model.keep(hunk, isWanted);
    else assertTakenWell(model.take([hunk], isWanted), isWanted);
  }
  return model;
}

function drawn(seed: number, text: Text): Changes {
  return fc.sample(changesOf(text.toString(), 2), { seed, numRuns: 1 })[0]!;
}

function assertTakenWell(gone: readonly Cell[], isWanted: (origin: Origin) => boolean): void {
  for (const { insertedBy, isKept, character } of gone) {
    assert.ok(insertedBy && isWanted(insertedBy), `“${character}” is somebody else’s`);
    assert.equal(isKept, false, `“${character}” was kept`);
  }
}

function check(law: (model: ReviewModel, pick: number) => void): void {
  const property = fc.property(content, drafts, fc.nat(), (base, steps, pick) =>
    law(played(base, steps), pick),
  );
  fc.assert(property, { numRuns: RUNS });
}

test('what agents wrote and is there is either kept or in exactly one hunk', () => {
  check((model) => {
    const inHunks = new Set<number>();
    for (const { steps } of model.hunks()) {
      for (const { tag, start, end } of steps) {
        if (tag !== 'remove') continue;
        for (let at = offsetOf(model.text, start); at < offsetOf(model.text, end); at++) {
          assert.equal(inHunks.has(at), false, 'in two hunks');
          inHunks.add(at);
        }
      }
    }
    for (const [at, { insertedBy, isKept }] of model.cells.entries()) {
      const isUnreviewed = insertedBy !== undefined && isAgents(insertedBy) && !isKept;
      assert.equal(inHunks.has(at), isUnreviewed, `character ${at}`);
    }
  });
});

test('nobody else’s character goes, and nothing that was kept, whatever is taken back', () => {
  check((model) => {
    assertTakenWell(model.take(model.hunks()), isAgents);
    assert.deepEqual(model.hunks(), [], 'nothing is left to look at');
  });
});

test('when every hunk was kept none is left, and the text is as it was', () => {
  check((model) => {
    const { text, version } = model;
    for (const hunk of model.hunks()) model.decide(linesOf(hunk, version, isAgents));
    assert.deepEqual(model.hunks(), []);
    assert.equal(model.text, text);
  });
});

test('what is decided of the hunks has one outcome, in whatever order it is decided', () => {
  check((model, pick) => {
    const { version } = model;
    const all = model.hunks();
    const isTake = (index: number): boolean => ((pick >> (index % 31)) & 1) === 1;
    const choices = all.map((_, index) => (isTake(index) ? 'take' : 'keep'));
    const wanted = model.text.apply(takeBackEdit(all, choices).changes).toString();
    const random = seededRandom(pick);
    const open = [...all.keys()];
    while (open.length > 0) {
      const [index] = open.splice(Math.floor(random() * open.length), 1);
      const lines = linesOf(all[index!]!, version, isAgents);
      // Those that nobody has decided yet are left out, so that this one alone is looked at.
      const others = open.map((each) => linesOf(all[each]!, version, isAgents));
      if (isTake(index!)) model.take(model.hunks(isAgents, others));
      else model.decide(lines);
    }
    assert.equal(model.text.toString(), wanted);
    assert.deepEqual(model.hunks(), []);
  });
});

test('what somebody has put back of what agents deleted is not there to be looked at, nor put back twice', () => {
  let count = 0;
  const property = fc.property(content, edits, fc.nat(), (base, steps, pick) => {
    const model = played(base, steps);
    const all = model.hunks();
    const deleted = all.filter(({ steps: own }) => own.every(isRestoring));
    if (deleted.length === 0) return;
    const hunk = deleted[pick % deleted.length]!;
    const restored = all.filter((each) => each !== hunk).flatMap(restoredIn);
    const wanted = model.text.apply(takeBackEdit(all, all.map(takes)).changes).toString();
    model.edit(takeBackEdit([hunk], ['take']).changes, 'ada');
    assert.deepEqual(model.hunks().flatMap(restoredIn), restored);
    model.take(model.hunks());
    assert.equal(model.text.toString(), wanted);
    count += 1;
  });
  fc.assert(property, { numRuns: RUNS });
  assert.ok(count > RUNS / 50, `in ${count} histories`);
});

test('a word that somebody typed anew letter by letter is put back, and stays so when they go on', () => {
  const model = new ReviewModel('one two three\n');
  const at = (start: number, end: number, text: string): Changes => {
    return [replace({ line: 0, character: start }, { line: 0, character: end }, text)];
  };
  model.edit(at(4, 7, 'TWO'), 'bot');
  model.edit(at(4, 7, ''), 'ada');
  for (const [index, letter] of [...'two'].entries()) {
    assert.notDeepEqual(model.hunks(), []);
    model.edit(at(4 + index, 4 + index, letter), 'ada');
  }
  assert.equal(model.text.toString(), 'one two three\n');
  assert.deepEqual(model.hunks(), []);
  model.edit(at(7, 7, ' and more'), 'ada');
  assert.deepEqual(model.hunks(), []);
  model.edit(at(4, 7, ''), 'mate');
  assert.deepEqual(
    model.hunks().map(({ removed, restored }) => [removed, restored]),
    [['', 'two']],
    'who takes it away once more did that',
  );
});

test('what an agent writes into kept lines is to be looked at again; what was kept there is not', () => {
  const model = new ReviewModel('one\ntwo\n');
  model.edit([replace({ line: 0, character: 3 }, { line: 0, character: 3 }, ' and more')], 'bot');
  model.keep(model.hunks()[0]!);
  assert.deepEqual(model.hunks(), []);
  model.edit([replace({ line: 0, character: 3 }, { line: 0, character: 4 }, '!')], 'bot');
  const [hunk] = model.hunks();
  assert.deepEqual([hunk?.removed, hunk?.restored], ['!', ' ']);
});

test('keeping what one agent did leaves what another did on the same line', () => {
  const model = new ReviewModel('one\n');
  model.edit([replace({ line: 0, character: 0 }, { line: 0, character: 0 }, 'A')], 'bot');
  model.edit([replace({ line: 0, character: 4 }, { line: 0, character: 4 }, 'B')], 'mate');
  model.keep(model.hunks(isBots)[0]!, isBots);
  assert.deepEqual(
    model.hunks().map(({ removed }) => removed),
    ['B'],
  );
});
