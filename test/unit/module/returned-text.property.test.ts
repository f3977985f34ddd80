// Nobody gains or gives away authorship by typing, nor by saying of text what is not so. Members write,
// delete, and say what they like of what comes back; who wrote each character is kept beside the world.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { authorshipOfFile } from '../../../src/core/authorship-fold.ts';
import { type Changes, endOf, startOf } from '../../../src/core/change.ts';
import type { OpRecord } from '../../../src/core/op.ts';
import { returnedOf } from '../../../src/core/op-payload.ts';
import type { Position } from '../../../src/core/position.ts';
import type { ReturnedText } from '../../../src/core/returned-text.ts';
import { Text } from '../../../src/core/text.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { change, TestWorld } from './test-world.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 2_000 : 40;

/** Few different lines, so that the same words stand in many places, and come from many hands. */
const WORDS = [
  'a line of some length\n',
  'b\n',
  'c\n',
  '\n',
  'and forty characters, no less, in one line\n',
];

interface Step {
  readonly who: number;
  readonly kind: 'type' | 'delete' | 'return' | 'forge';
  readonly picks: readonly [number, number, number, number];
}

const step = fc.record<Step>({
  who: fc.nat(2),
  kind: fc.constantFrom('type', 'type', 'delete', 'delete', 'return', 'return', 'forge'),
  picks: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
});

/** A version's text, and whose each of its characters is. */
interface Owned {
  readonly text: string;
  readonly owners: readonly string[];
  /** A number for each character that ever came, by which it is told whether it went away. */
  readonly marks: readonly number[];
}

let marks = 0;

function marked(length: number): number[] {
  return Array.from({ length }, () => marks++);
}

let givenBack = 0;
let refused = 0;

test('whoever is given text wrote it there before, and what is typed is the typist’s', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const world = await TestWorld.create();
      const people = [world.owner, world.join('ann'), world.join('bot', { kind: 'agent' })];
      const fileId = world.createFile(world.owner, 'a.txt', 'start\n');
      const versions: Owned[] = [
        { text: 'start\n', owners: Array<string>(6).fill(world.owner), marks: marked(6) },
      ];
      for (const each of steps) {
        const who = people[each.who]!;
        const { version } = world.headOf(fileId);
        if (!send(world, who, fileId, versions, each)) continue;
        if (world.headOf(fileId).version === version) continue;
        const op = opRecordOf(
          world.rows('file_op').findLast((row) => row.version === version + 1)!,
        );
        versions.push(ownedAfter(versions, op));
      }
      assertSame(world, fileId, versions.at(-1)!);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

after(() => assert.ok(givenBack > 0 && refused > 0, `${givenBack} given back, ${refused} not`));

function send(
  world: TestWorld,
  who: string,
  fileId: number,
  versions: readonly Owned[],
  { kind, picks }: Step,
): boolean {
  const now = Text.of(versions.at(-1)!.text);
  const lines = now.lineCount - 1;
  const line = picks[0] % (lines + 1);
  const put = (text: string): Changes => [change(line, 0, line, 0, text)];
  const edit = (changes: Changes): boolean =>
    world.edit(who, fileId, versions.length, changes).code === 'ok';
  if (kind === 'type') return edit(put(wordsOf(picks)));
  if (kind === 'delete') {
    const end = Math.min(lines, line + 1 + (picks[1] % 4));
    return end > line && edit([change(line, 0, end, 0, '')]);
  }
  const version = 1 + (picks[1] % versions.length);
  const then = Text.of(versions[version - 1]!.text);
  const fromLine = picks[2] % then.lineCount;
  const toLine = Math.min(then.lineCount - 1, fromLine + 1 + (picks[3] % 4));
  const start = { line: fromLine, character: 0 };
  const old = then.slice(start, { line: toLine, character: 0 });
  const text = kind === 'forge' ? wordsOf(picks) : old;
  if (text === '') return false;
  const op = world.op(fileId, versions.length, put(text), { intent: 'patch' });
  const piece = { op: 0, change: 0, at: 0, length: text.length, version, fromLine };
  const batch = { batchId: world.nextId(), extends: 0, ops: [op] };
  const returned = [{ ...piece, fromCharacter: 0 }];
  return world.call(who, 'return_text', { batch, returned }).code === 'ok';
}

function wordsOf(picks: Step['picks']): string {
  return Array.from({ length: 1 + (picks[3] % 3) }, (_, at) => {
    return WORDS[(picks[2] + at * picks[1]) % WORDS.length];
  }).join('');
}

/** Judged anew, by other means than the module's: characters, and where they went. */
function ownedAfter(versions: readonly Owned[], op: OpRecord): Owned {
  const before = versions.at(-1)!;
  const owners = [...before.owners];
  const ids = [...before.marks];
  const [only] = op.changes;
  assert.ok(only && op.changes.length === 1);
  const at = offset(before.text, startOf(only));
  const gone = offset(before.text, endOf(only)) - at;
  owners.splice(at, gone, ...Array<string>(only.text.length).fill(op.author));
  ids.splice(at, gone, ...marked(only.text.length));
  const text = Text.of(before.text).apply(op.changes).toString();
  const spans = returnedOf(op);
  if (spans.length === 0 && only.text !== '') refused++;
  for (const span of spans) {
    givenBack++;
    assertTrue(span, only.text, versions);
    const then = versions[span.version - 1]!;
    const from = offset(then.text, { line: span.fromLine, character: span.fromCharacter });
    for (let index = 0; index < span.length; index++) {
      owners[at + span.at + index] = then.owners[from + index]!;
    }
  }
  return { text, owners, marks: ids };
}

function assertTrue(span: ReturnedText, put: string, versions: readonly Owned[]): void {
  const piece = put.slice(span.at, span.at + span.length);
  const then = versions[span.version - 1]!;
  const from = offset(then.text, { line: span.fromLine, character: span.fromCharacter });
  assert.equal(then.text.slice(from, from + piece.length), piece, 'it stood there');
  assert.ok(piece.length >= 40 || piece.split('\n').length > 2, 'it is enough');
  const now = new Set(versions.at(-1)!.marks);
  assert.ok(!then.marks.slice(from, from + piece.length).some((mark) => now.has(mark)), 'it went');
}

function assertSame(world: TestWorld, fileId: number, last: Owned): void {
  assert.equal(world.text(fileId), last.text);
  const authorship = authorshipOfFile(world.rows('file_op').map(opRecordOf), fileId)!;
  const told: string[] = [];
  const lines = last.text.split('\n');
  for (const [number, line] of lines.entries()) {
    for (const { start, end, origin } of authorship.runsOf(number, line.length)) {
      told.push(...Array<string>(end - start).fill(origin.author));
    }
    if (number < lines.length - 1) told.push(authorship.endOf(number).author);
  }
  assert.deepEqual(told, last.owners);
}

function offset(text: string, { line, character }: Position): number {
  const lines = text.split('\n');
  return lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
}
