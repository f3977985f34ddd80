// A file in which agents and people write and people decide: single characters that know nothing of strands.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { type Changes, endOf, startOf } from '../../../src/core/change.ts';
import { invert } from '../../../src/core/invert.ts';
import type { Origin } from '../../../src/core/origin.ts';
import type { Position } from '../../../src/core/position.ts';
import { decidedLines, type DecidedLines, ReviewText } from '../../../src/core/review-text.ts';
import { takeBackEdit, type TakeBackHunk, type WovenOp } from '../../../src/core/take-back.ts';
import { Text } from '../../../src/core/text.ts';
import { changesOf, content } from './arbitrary.ts';

/** Histories that are played for a law. */
export const REVIEW_RUNS = process.env['AGENT_WORLD_SOAK'] ? 50_000 : 1_500;
const AGENTS: ReadonlySet<string> = new Set(['bot', 'mate']);

export const isAgents = ({ author }: Origin): boolean => AGENTS.has(author);
export const isBots = ({ author }: Origin): boolean => author === 'bot';
export const isMates = ({ author }: Origin): boolean => author === 'mate';

/** What happens to a file: somebody edits, undoes what they did last, or keeps or takes back a hunk that is shown. */
export type Draft =
  | { readonly tag: 'undo' }
  | { readonly tag: 'edit'; readonly seed: number; readonly author: string }
  | { readonly tag: 'keep' | 'take'; readonly pick: number; readonly ofBot: boolean };

export const drafts = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.record({ tag: fc.constant('undo' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        tag: fc.constant('edit' as const),
        seed: fc.nat(),
        author: fc.constantFrom('ada', 'bot', 'mate'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        tag: fc.constantFrom('keep' as const, 'take' as const),
        pick: fc.nat(),
        ofBot: fc.boolean(),
      }),
    },
  ),
  { minLength: 1, maxLength: 12 },
);

/** A character that is there, who brought it, and whether that was kept. */
export interface Cell {
  readonly character: string;
  readonly insertedBy: Origin | undefined;
  isKept: boolean;
}

export type LookedAt = Omit<DecidedLines, 'decision'>;

/** The file with its history, and the same as single characters that know nothing of strands. */
export class ReviewModel {
  readonly #base: Text;
  readonly ops: (WovenOp & { readonly version: number })[] = [];
  readonly kept: DecidedLines[] = [];
  readonly live: ReviewText;
  /** The ops that do what was decided, and of which decision each is. */
  readonly #restoring = new Map<number, number>();
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

  /** What undoes the newest op, of whoever made it; nothing once that was done. */
  #undo: { readonly changes: Changes; readonly author: string } | undefined;
  /** What each op took away, in the order in which steps count it. */
  readonly #gone = new Map<number, readonly Cell[]>();

  hunks(isWanted = isAgents, others: readonly LookedAt[] = []): readonly TakeBackHunk[] {
    const more = others.map((each) => ({ ...each, decision: Infinity }));
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
    const gone: Cell[] = [];
    for (const change of [...changes].reverse()) {
      const from = offsetOf(this.text, startOf(change));
      const to = offsetOf(this.text, endOf(change));
      const fresh = Array.from(change.text.split(''), (character) => ({
        character,
        insertedBy: origin,
        isKept: false,
      }));
      gone.push(...this.cells.splice(from, to - from, ...fresh));
    }
    this.#gone.set(opSeq, gone);
    this.#undo = { changes: invert(changes, this.text), author };
    this.text = this.text.apply(changes);
    const op = { origin, changes, version: this.version + 1, decision: this.#restoring.get(opSeq) };
    this.ops.push(op);
    this.live.add(op);
  }

  undo(): void {
    const undo = this.#undo;
    if (undo) this.edit(undo.changes, undo.author);
    this.#undo = undefined;
  }

  keep(hunk: TakeBackHunk, isKept = isAgents): void {
    const lines = linesOf(hunk, this.version, isKept);
    this.decide([lines]);
    let line = 0;
    for (const cell of this.cells) {
      const isThere = line >= lines.startLine && line <= lines.endLine;
      if (isThere && cell.insertedBy && isKept(cell.insertedBy)) cell.isKept = true;
      if (cell.character === '\n') line += 1;
    }
  }

  /** Decides these lines at once, and returns the number of the decision. */
  decide(lines: readonly LookedAt[]): number {
    const decision = this.kept.length + 1;
    for (const each of lines) {
      this.kept.push({ ...each, decision });
      this.live.decide({ ...each, decision });
    }
    return decision;
  }

  /** Takes back as a person, which decides these hunks, and returns what went. */
  take(
    hunks: readonly TakeBackHunk[],
    isKept = isAgents,
    lines = hunks.map((hunk) => linesOf(hunk, this.version, isKept)),
  ): readonly Cell[] {
    const before = this.cells;
    const decision = this.decide(lines);
    this.cells = [...before];
    const choices = hunks.map(() => 'take' as const);
    this.#restoring.set(this.ops.length + 1, decision);
    const after = this.#taken(hunks);
    this.edit(takeBackEdit(hunks, choices).changes, 'ada');
    const left = new Set(after);
    this.cells = after;
    assert.equal(this.text.toString(), after.map(({ character }) => character).join(''));
    return before.filter((cell) => !left.has(cell));
  }

  /** The characters once steps are taken: what comes back is whose it was, and kept if it was. */
  #taken(hunks: readonly TakeBackHunk[]): Cell[] {
    const after: Cell[] = [];
    let at = 0;
    for (const { tag, start, end, text, by, at: place } of hunks.flatMap(({ steps }) => steps)) {
      if (tag === 'others') continue;
      after.push(...this.cells.slice(at, offsetOf(this.text, start)));
      at = offsetOf(this.text, end);
      if (tag === 'remove') continue;
      const back = this.#gone.get(by.opSeq)!.slice(place, place + text.length);
      assert.equal(back.map(({ character }) => character).join(''), text);
      after.push(...back.map((cell) => ({ ...cell })));
    }
    return [...after, ...this.cells.slice(at)];
  }
}

export function linesOf(
  hunk: TakeBackHunk,
  version: number,
  isKept: (origin: Origin) => boolean,
): LookedAt {
  return { version, ...decidedLines(hunk), isDecided: isKept, isWork: isAgents };
}

export function offsetOf(text: Text, { line, character }: Position): number {
  let offset = character;
  for (let each = 0; each < line; each++) offset += text.line(each).length + 1;
  return offset;
}

export function played(base: string, steps: readonly Draft[]): ReviewModel {
  const model = new ReviewModel(base);
  for (const step of steps) {
    if (step.tag === 'edit') {
      model.edit(drawn(step.seed, model.text), step.author);
      continue;
    }
    if (step.tag === 'undo') {
      model.undo();
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

export function assertTakenWell(
  gone: readonly Cell[],
  isWanted: (origin: Origin) => boolean,
): void {
  for (const { insertedBy, isKept, character } of gone) {
    assert.ok(insertedBy && isWanted(insertedBy), `“${character}” is somebody else’s`);
    assert.equal(isKept, false, `“${character}” was kept`);
  }
}

/** Holds a law to what histories lead to. */
export function check(law: (model: ReviewModel, pick: number) => void): void {
  const property = fc.property(content, drafts, fc.nat(), (base, steps, pick) =>
    law(played(base, steps), pick),
  );
  fc.assert(property, { numRuns: REVIEW_RUNS });
}
