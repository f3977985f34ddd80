import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Change,
  type Changes,
  endOf,
  normalizeChanges,
  replace,
  startOf,
} from '../../../src/core/change.ts';
import { comparePositions, type Position } from '../../../src/core/position.ts';
import { Text } from '../../../src/core/text.ts';
import {
  EMPTY_STACK,
  recordOthers,
  recordOwn,
  takeStep,
  type UndoKind,
  type UndoStack,
} from '../../../src/sync/undo-stack.ts';
import { placesOf } from '../core/arbitrary.ts';

/** One character of the text: who put it there, and when it was there first. */
interface Cell {
  readonly character: string;
  readonly owner: string;
}

/** What somebody does next; numbers pick places, whatever the text is by then. */
export type Act =
  | { readonly tag: 'type'; readonly who: number; readonly cuts: readonly Cut[] }
  | { readonly tag: UndoKind; readonly who: number };

/** Two places as numbers, and how many characters are put between them. */
type Cut = readonly [number, number, number];

/** What somebody puts back is long enough to be known again when others have typed into it. */
const MIN_PUT_BACK = 24;

const cut: fc.Arbitrary<Cut> = fc.tuple(
  fc.nat(40),
  fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, { weight: 2, arbitrary: fc.nat(40) }),
  fc.nat(3),
);

export function acts(people: number): fc.Arbitrary<Act[]> {
  const who = fc.nat(people - 1);
  const act: fc.Arbitrary<Act> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        tag: fc.constant('type' as const),
        who,
        cuts: fc.array(cut, { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ tag: fc.constant('undo' as const), who }) },
    { weight: 2, arbitrary: fc.record({ tag: fc.constant('redo' as const), who }) },
  );
  return fc.array(act, { maxLength: 24 });
}

/**
 * People at one text, one after the other. Every character that is typed is another one, so that it
 * can be found again. Each step that is taken back is checked against who put what there.
 */
export class People {
  text: Text;
  cells: readonly Cell[];
  readonly stacks: UndoStack[];
  /** What each has deleted, and not brought back: characters. */
  readonly deleted: readonly Set<string>[];
  /** The last deletion, for somebody else to put back. */
  #lastDeletion: { readonly who: number; readonly at: Position; readonly text: string } | undefined;
  #tokens = 0;

  constructor(count: number, lineLength = 4) {
    const start = this.#fresh(lineLength) + '\n' + this.#fresh(lineLength);
    this.text = Text.of(start);
    this.cells = [...start].map((character) => ({ character, owner: 'start' }));
    this.stacks = Array.from({ length: count }, () => EMPTY_STACK);
    this.deleted = Array.from({ length: count }, () => new Set<string>());
  }

  play(act: Act): void {
    switch (act.tag) {
      case 'type':
        this.#type(act.who, this.#changesAt(act.cuts));
        return;
      case 'undo':
      case 'redo':
        this.take(act.who, act.tag);
    }
  }

  /** Takes a step of somebody's back, and checks that it was theirs; false when there is none. */
  take(who: number, kind: UndoKind): boolean {
    const taken = takeStep(this.stacks[who]!, kind, this.text);
    if (!taken) return false;
    assert.ok(taken.changes.length > 0);
    const deleted = this.#apply(who, taken.changes, taken.stack);
    for (const cell of deleted) {
      assert.equal(
        cell.owner,
        `${who}`,
        `${kind} of ${who} took ${cell.character} of ${cell.owner}`,
      );
    }
    for (const character of insertedBy(taken.changes)) {
      assert.ok(
        this.deleted[who]!.delete(character),
        `${kind} of ${who} put ${character} there, which they had not deleted`,
      );
    }
    for (const { character } of deleted) this.#noteDeleted(who, character);
    this.#lastDeletion = undefined;
    return true;
  }

  charactersOf(who: number): string {
    return this.cells
      .filter(({ owner }) => owner === `${who}`)
      .map(({ character }) => character)
      .join('');
  }

  /** No character is there twice. */
  checkOnce(): void {
    const seen = new Set<string>();
    for (const { character } of this.cells) {
      if (character === '\n') continue;
      assert.ok(!seen.has(character), `${character} is there twice`);
      seen.add(character);
    }
  }

  #type(who: number, changes: Changes): void {
    if (changes.length === 0) return;
    const { text } = this;
    const [first] = changes;
    const deletion =
      changes.length === 1 && first?.text === ''
        ? { who, at: startOf(first), text: text.slice(startOf(first), endOf(first)) }
        : undefined;
    const former = this.stacks[who]!;
    const stack = recordOwn(former, changes, text);
    const isStep = stack.done?.step.stepId === former.nextStepId;
    for (const { character } of this.#apply(who, changes, stack)) {
      this.#noteDeleted(who, character);
    }
    this.#lastDeletion = isStep ? deletion : undefined;
  }

  /** Somebody takes the last deletion, of somebody else's, for a mistake; false when there is none. */
  putBack(who: number): boolean {
    const last = this.#lastDeletion;
    if (!last || last.who === who || last.text.length < MIN_PUT_BACK) return false;
    const changes = [replace(last.at, last.at, last.text)];
    this.#apply(who, changes, recordOwn(this.stacks[who]!, changes, this.text));
    // It is not for the one who deleted it to bring back any more.
    for (const character of last.text) this.deleted[last.who]!.delete(character);
    this.#lastDeletion = undefined;
    return true;
  }

  #noteDeleted(who: number, character: string): void {
    this.deleted[who]!.add(character);
  }

  /** Applies what somebody does; says which cells went. */
  #apply(who: number, changes: Changes, stack: UndoStack): readonly Cell[] {
    const before = this.text;
    const gone: Cell[] = [];
    const cells = [...this.cells];
    for (const change of changes.toReversed()) {
      const from = offsetOf(before, startOf(change));
      const to = offsetOf(before, endOf(change));
      const put = [...change.text].map((character) => ({ character, owner: `${who}` }));
      gone.push(...cells.splice(from, to - from, ...put));
    }
    this.text = before.apply(changes);
    this.cells = cells;
    this.stacks.forEach((each, index) => {
      this.stacks[index] = index === who ? stack : recordOthers(each, changes, () => before);
    });
    assert.equal(this.text.toString(), cells.map(({ character }) => character).join(''));
    return gone;
  }

  #changesAt(cuts: readonly Cut[]): Changes {
    const places = placesOf(this.text);
    const all: Change[] = [];
    for (const [from, to, count] of cuts) {
      const ends = [from, to < 0 ? from : to].map((at) => places[at % places.length]!);
      ends.sort(comparePositions);
      const change = replace(ends[0]!, ends[1]!, this.#fresh(count));
      const isApart = all.every(
        (other) =>
          comparePositions(endOf(other), startOf(change)) < 0 ||
          comparePositions(endOf(change), startOf(other)) < 0,
      );
      if (isApart) all.push(change);
    }
    return normalizeChanges(all.toSorted((a, b) => comparePositions(startOf(a), startOf(b))));
  }

  #fresh(count: number): string {
    return Array.from({ length: count }, () => String.fromCodePoint(0x4e00 + this.#tokens++)).join(
      '',
    );
  }
}

function insertedBy(changes: Changes): string[] {
  return changes.flatMap(({ text }) => [...text]);
}

function offsetOf(text: Text, { line, character }: Position): number {
  return text.slice({ line: 0, character: 0 }, { line, character }).length;
}
