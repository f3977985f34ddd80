import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Authorship } from '../../../src/core/authorship.ts';
import { authorshipOfFile, type AuthoredOp } from '../../../src/core/authorship-fold.ts';
import { type Changes, endOf, replace, startOf } from '../../../src/core/change.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import { writePayload } from '../../../src/core/op-payload.ts';
import type { Origin } from '../../../src/core/origin.ts';
import type { Position } from '../../../src/core/position.ts';
import { Text } from '../../../src/core/text.ts';
import { changesOf, content } from './arbitrary.ts';
import { createPayload } from './create-payload.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 100_000 : 3_000;

/** One character and who wrote it. */
interface OwnedCharacter {
  readonly character: string;
  readonly origin: Origin;
}

/** A text in which every character knows whose it is: slow, and plainly right. */
class OwnedText {
  #characters: OwnedCharacter[];
  readonly #last: Origin;

  constructor(base: string, origin: Origin) {
    this.#characters = owned(base, origin);
    this.#last = origin;
  }

  apply(changes: Changes, origin: Origin): void {
    for (const change of changes.toReversed()) {
      const start = this.#offset(startOf(change));
      const end = this.#offset(endOf(change));
      this.#characters.splice(start, end - start, ...owned(change.text, origin));
    }
  }

  toString(): string {
    return this.#characters.map(({ character }) => character).join('');
  }

  /** Line by line: whose its characters are, and whose its end is. */
  lines(): { readonly owners: readonly Origin[]; readonly end: Origin }[] {
    const lines: { owners: Origin[]; end: Origin }[] = [];
    let owners: Origin[] = [];
    for (const { character, origin } of this.#characters) {
      if (character === '\n') {
        lines.push({ owners, end: origin });
        owners = [];
      } else owners.push(origin);
    }
    return [...lines, { owners, end: this.#last }];
  }

  #offset({ line, character }: Position): number {
    const lines = this.toString().split('\n');
    return lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  }
}

function owned(text: string, origin: Origin): OwnedCharacter[] {
  return text.split('').map((character) => ({ character, origin }));
}

function originOf(opSeq: number, author: string): Origin {
  return { opSeq, author, madeAtMicros: BigInt(opSeq), isImported: opSeq === 1 };
}

const AUTHORS = ['ada', 'bob', 'bot'];

/** A base text and edits of several authors, each on the text that the one before left. */
const history = content.chain((base) =>
  fc
    .array(fc.tuple(fc.nat(), fc.constantFrom(...AUTHORS)), { minLength: 1, maxLength: 8 })
    .map((drafts) => {
      let text = Text.of(base);
      const steps = drafts.map(([seed, author], index) => {
        const [changes] = fc.sample(changesOf(text.toString()), { seed, numRuns: 1 });
        text = text.apply(changes!);
        return { changes: changes!, origin: originOf(index + 2, author) };
      });
      return { base, steps, text };
    }),
);

test('whose every character is agrees with a text in which each character knows it', () => {
  fc.assert(
    fc.property(history, ({ base, steps, text }) => {
      const first = originOf(1, 'ada');
      const model = new OwnedText(base, first);
      const authorship = Authorship.of(Text.of(base).lineCount, first);
      for (const { changes, origin } of steps) {
        model.apply(changes, origin);
        authorship.apply(changes, origin);
      }
      assert.equal(model.toString(), text.toString());
      assert.equal(authorship.lineCount, text.lineCount);
      model.lines().forEach(({ owners, end }, line) => {
        const runs = authorship.runsOf(line, owners.length);
        const told = runs.flatMap((run) => Array(run.end - run.start).fill(run.origin));
        assert.deepEqual(told, owners);
        assert.equal(authorship.endOf(line), end);
      });
    }),
    { numRuns: RUNS },
  );
});

test('the shares of a text add up to its characters, and its lines to all lines', () => {
  fc.assert(
    fc.property(history, ({ base, steps, text }) => {
      const authorship = Authorship.of(Text.of(base).lineCount, originOf(1, 'ada'));
      for (const { changes, origin } of steps) authorship.apply(changes, origin);
      const counted = authorship.shares(text).reduce((sum, share) => sum + share.characters, 0);
      const lengths = [...text.lines()].map((line) => Math.max(1, line.length));
      assert.equal(
        counted,
        lengths.reduce((sum, length) => sum + length, 0),
      );
      const spans = authorship.linesByAuthor(text);
      assert.equal(spans[0]!.firstLine, 0);
      // What is behind the last line end is no line unless there is something.
      const isNone = text.end.character === 0 && text.lineCount > 1;
      assert.equal(spans.at(-1)!.lastLine, text.lineCount - (isNone ? 2 : 1));
      for (const [index, span] of spans.slice(1).entries()) {
        assert.equal(span.firstLine, spans[index]!.lastLine + 1);
      }
    }),
    { numRuns: RUNS },
  );
});

const MARK = { madeAtMicros: 0n, fileId: 1, changes: [], payload: '' } as const;

function created(lineCount: number, batchId = 'a'): AuthoredOp {
  return {
    ...MARK,
    opSeq: 1,
    version: 1,
    opId: 'a',
    batchId,
    kind: 'create',
    author: 'ada',
    payload: createPayload(lineCount),
  };
}

function edit(opSeq: number, author: string, ...changes: Changes): AuthoredOp {
  const opId = `${opSeq}`;
  return { ...MARK, opSeq, version: opSeq, opId, batchId: opId, kind: 'edit', author, changes };
}

const START = { line: 0, character: 0 };

test('a file is folded from its ops up to a point; what came with a folder says so', () => {
  const ops = [
    created(2, 'a whole folder'),
    edit(2, 'bot', replace(START, START, 'new\n')),
    edit(3, 'bob', replace(START, { line: 0, character: 3 }, 'bob’s')),
  ];
  const text = Text.of('bob’s\none\ntwo');
  const lines = authorshipOfFile(ops, 1)!.linesByAuthor(text);
  assert.deepEqual(
    lines.map((each) => [each.firstLine, each.lastLine, each.author, each.isImported]),
    [
      [0, 0, 'bob', false],
      [1, 2, 'ada', true],
    ],
  );
  const earlier = authorshipOfFile(ops, 1, 2)!.linesByAuthor(Text.of('new\none\ntwo'));
  assert.deepEqual(
    earlier.map(({ author }) => author),
    ['bot', 'ada'],
  );
  assert.equal(authorshipOfFile([created(1)], 1)!.endOf(0).isImported, false);
});

test('a proposal that somebody else lets in stays the work of who proposed it', () => {
  const conflict: AuthoredOp = {
    ...edit(2, 'bot'),
    kind: 'conflict',
    payload: writePayload('conflict', {
      ticket: 2,
      reason: 'overlap',
      outcome: 'ticket',
      kind: 'edit',
      overlapping: [],
      changes: [],
    }),
  };
  const decided = (resolution: 'rebase' | 'patch'): AuthoredOp => ({
    ...edit(3, 'ada', replace(START, START, 'word')),
    kind: 'resolve',
    payload: writePayload('resolve', { ticket: 2, resolution }),
  });
  const authorOf = (resolution: 'rebase' | 'patch') =>
    authorshipOfFile([created(1), conflict, decided(resolution)], 1)!.runsOf(0, 4)[0]!.origin
      .author;
  assert.equal(authorOf('rebase'), 'bot');
  assert.equal(authorOf('patch'), 'ada');
});

test('hundreds of thousands of lines in one change are taken like any other', () => {
  const many = 'x\n'.repeat(300_000);
  const change = replace(START, START, many);
  const buffer = LineBuffer.of('end');
  buffer.apply([change]);
  assert.equal(buffer.lineCount, 300_001);
  assert.equal(buffer.toString(), `${many}end`);
  const authorship = Authorship.of(1, originOf(1, 'ada'));
  authorship.apply([change], originOf(2, 'bot'));
  assert.equal(authorship.lineCount, 300_001);
  assert.equal(authorship.runsOf(299_999, 1)[0]!.origin.author, 'bot');
  assert.equal(authorship.runsOf(300_000, 3)[0]!.origin.author, 'ada');
});
