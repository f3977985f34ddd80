// Text that came back belongs to who wrote it: what the fold makes of ops that name where their text
// comes from is compared with a text in which each character of each version knows whose it is.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorshipOfFile, type AuthoredOp } from '../../../src/core/authorship-fold.ts';
import { type Changes, endOf, replace, resultRanges, startOf } from '../../../src/core/change.ts';
import { writePayload } from '../../../src/core/op-payload.ts';
import type { Position } from '../../../src/core/position.ts';
import { placeOfReturned, type ReturnedText } from '../../../src/core/returned-text.ts';
import { Text } from '../../../src/core/text.ts';
import { changesOf, content } from './arbitrary.ts';
import { createPayload } from './create-payload.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 50_000 : 2_000;
const AUTHORS = ['ada', 'bob', 'bot'];

/** A version's text, and the op that brought each of its characters. */
interface Owned {
  readonly text: string;
  readonly owners: readonly number[];
}

interface History {
  readonly ops: readonly AuthoredOp[];
  readonly last: Owned;
}

const history: fc.Arbitrary<History> = fc
  .tuple(
    content,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...AUTHORS), fc.nat(2)), {
      minLength: 1,
      maxLength: 10,
    }),
  )
  .map(([base, drafts]) => {
    const versions: Owned[] = [{ text: base, owners: Array(base.length).fill(1) }];
    const ops: AuthoredOp[] = [created(base.split('\n').length)];
    for (const [seed, author, kind] of drafts) {
      const number = versions.length + 1;
      const made = fc.sample(kind === 0 ? plain(versions) : returning(versions), {
        seed,
        numRuns: 1,
      })[0]!;
      ops.push(edit(number, author, made));
      versions.push(owned(versions, made, number));
    }
    return { ops, last: versions.at(-1)! };
  });

interface Made {
  readonly changes: Changes;
  readonly returned: readonly ReturnedText[];
}

function plain(versions: readonly Owned[]): fc.Arbitrary<Made> {
  return changesOf(versions.at(-1)!.text).map((changes) => ({ changes, returned: [] }));
}

/** Changes that put in, among other text, what stood somewhere in some version. */
function returning(versions: readonly Owned[]): fc.Arbitrary<Made> {
  const wanted = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.constantFrom('', 'x', '\n', 'x\ny'));
  return fc
    .tuple(changesOf(versions.at(-1)!.text), fc.infiniteStream(wanted))
    .map(([made, stream]) => {
      const returned: ReturnedText[] = [];
      const changes = made.map((change, index) => {
        const [which, start, count, around] = stream.next().value as [
          number,
          number,
          number,
          string,
        ];
        const version = 1 + (which % versions.length);
        const { text } = versions[version - 1]!;
        const from = start % (text.length + 1);
        const piece = text.slice(from, from + (count % (text.length - from + 1)));
        if (piece === '') return change;
        const [fromLine, fromCharacter] = placeAt(text, from);
        const where = { change: index, at: around.length, length: piece.length };
        returned.push({ ...where, version, fromLine, fromCharacter });
        return { ...change, text: around + piece + around };
      });
      return { changes, returned };
    });
}

function owned(versions: readonly Owned[], { changes, returned }: Made, number: number): Owned {
  const before = versions.at(-1)!;
  const owners = [...before.owners];
  for (const change of changes.toReversed()) {
    const start = offset(before.text, startOf(change));
    const end = offset(before.text, endOf(change));
    owners.splice(start, end - start, ...Array<number>(change.text.length).fill(number));
  }
  const text = Text.of(before.text).apply(changes).toString();
  const ranges = resultRanges(changes);
  for (const span of returned) {
    const change = changes[span.change]!;
    const to = offset(text, placeOfReturned(span, change, ranges[span.change]!.start));
    const then = versions[span.version - 1]!;
    const from = offset(then.text, { line: span.fromLine, character: span.fromCharacter });
    for (let index = 0; index < span.length; index++) {
      owners[to + index] = then.owners[from + index]!;
    }
  }
  return { text, owners };
}

function offset(text: string, { line, character }: Position): number {
  const lines = text.split('\n');
  return lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
}

function placeAt(text: string, at: number): readonly [line: number, character: number] {
  const lines = text.slice(0, at).split('\n');
  return [lines.length - 1, lines.at(-1)!.length];
}

function created(lineCount: number): AuthoredOp {
  const payload = createPayload(lineCount);
  return { ...edit(1, 'ada', { changes: [], returned: [] }), kind: 'create', payload };
}

function edit(number: number, author: string, { changes, returned }: Made): AuthoredOp {
  const opId = String(number);
  return {
    opSeq: number,
    opId,
    batchId: opId,
    kind: 'edit',
    fileId: 1,
    version: number,
    author,
    madeAtMicros: BigInt(number),
    payload: returned.length === 0 ? '' : writePayload('edit', { returned }),
    changes,
  };
}

test('who wrote text that came back is what a text that knows it at every version says', () => {
  fc.assert(
    fc.property(history, ({ ops, last }) => {
      const authorship = authorshipOfFile(ops, 1)!;
      const told: number[] = [];
      const lines = last.text.split('\n');
      for (const [number, line] of lines.entries()) {
        for (const { start, end, origin } of authorship.runsOf(number, line.length)) {
          told.push(...Array<number>(end - start).fill(origin.opSeq));
        }
        if (number < lines.length - 1) told.push(authorship.endOf(number).opSeq);
      }
      assert.deepEqual(told, last.owners);
    }),
    { numRuns: RUNS },
  );
});

test('what an op says of text that was never there, or is forgotten, changes nothing', () => {
  const start = { line: 0, character: 0 };
  const put = replace(start, start, 'one\ntwo\n');
  const span = { change: 0, at: 0, length: 8, version: 1, fromLine: 0, fromCharacter: 0 };
  const wrong: readonly Partial<ReturnedText>[] = [
    { change: 7 },
    { version: 2 },
    { version: 9 },
    { fromLine: 5 },
    { version: 0 },
  ];
  for (const each of wrong) {
    const returned = [{ ...span, ...each }];
    const ops = [created(3), edit(2, 'bot', { changes: [put], returned })];
    const authorship = authorshipOfFile(ops, 1)!;
    assert.equal(authorship.lineCount, 5);
    assert.equal(authorship.runsOf(0, 3)[0]!.origin.author, 'bot', JSON.stringify(each));
  }
});

test('a text that was kept as bytes for a while has its authors again, but for what is new', () => {
  const text = {
    kind: 'text',
    eol: 'lf',
    bom: false,
    byteLength: 0,
    lineCount: 4,
    parts: [],
  } as const;
  const bytes = { ...text, kind: 'binary', lineCount: 0 } as const;
  const start = { line: 0, character: 0 };
  const whole = (number: number, payload: string): AuthoredOp => ({
    ...edit(number, 'bob', { changes: [], returned: [] }),
    payload,
  });
  const ops = [
    created(3),
    edit(2, 'bot', { changes: [replace(start, start, 'bot\n')], returned: [] }),
    whole(3, writePayload('edit', { content: bytes })),
    whole(4, writePayload('edit', { content: text, kept: { version: 2, first: 1, last: 2 } })),
  ];
  assert.equal(authorshipOfFile(ops, 1, 3), undefined);
  const lines = authorshipOfFile(ops, 1)!.linesByAuthor(Text.of('bot\nnew\ntwo\nend'));
  assert.deepEqual(
    lines.map(({ firstLine, lastLine, author }) => [firstLine, lastLine, author]),
    [
      [0, 0, 'bot'],
      [1, 1, 'bob'],
      [2, 3, 'ada'],
    ],
  );
  const other = whole(
    4,
    writePayload('edit', { content: text, kept: { version: 1, first: 1, last: 2 } }),
  );
  const none = authorshipOfFile([...ops.slice(0, 3), other], 1)!;
  assert.equal(none.runsOf(0, 3)[0]!.origin.author, 'bob', 'not the text that was there last');
});
