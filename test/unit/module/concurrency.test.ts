import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Changes, normalizeChanges } from '../../../src/core/change.ts';
import { rebase } from '../../../src/core/rebase.ts';
import { Text } from '../../../src/core/text.ts';
import { verifyLog } from '../../../src/core/verify-log.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import { change, TestWorld } from './test-world.ts';

const native = (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest());
const SEEDS = Number(process.env['AGENT_WORLD_SEEDS'] ?? 12);
const ROUNDS = 40;

class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** A whole number from 0 up to but not including `limit`. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }
}

/** What the test knows of the file, version by version, without the module’s help. */
interface Known {
  readonly texts: Text[];
  readonly steps: Changes[];
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`batches on old bases meet where their authors would have (seed ${seed})`, async () => {
    const random = new Chance(seed);
    const policyMode = random.pick(['auto', 'line', 'last_write_wins']);
    const world = await TestWorld.create({ policyMode });
    const people = ['ann', 'bob', 'cara'].map((name) => world.join(name));
    const start = 'one two\nthree four\nfive six\nseven\n';
    const fileId = world.createFile(world.owner, 'a.txt', start);
    const known: Known = { texts: [Text.of(start)], steps: [] };
    let applied = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const behind = random.below(Math.min(6, known.texts.length));
      const base = known.texts.length - behind;
      const ops = randomOps(random, known.texts[base - 1]!);
      if (send(world, random.pick(people), fileId, base, ops, known)) applied++;
    }
    assert.ok(applied > ROUNDS / 4, `${applied} of ${ROUNDS} were applied`);
    assertWhole(world, fileId, known);
  });
}

/** Sends a batch and checks what became of it; true when it was applied. */
function send(
  world: TestWorld,
  sender: string,
  fileId: number,
  base: number,
  ops: readonly Changes[],
  known: Known,
): boolean {
  const sent = ops.map((changes, index) => world.op(fileId, index === 0 ? base : 0, changes));
  const batch = { batchId: world.nextId(), extends: 0, ops: sent };
  const result = world.mustCall(sender, 'apply_file_ops', { batch });
  const rows = result.inserted('file_op');
  assert.equal(rows.length, ops.length, 'every op leaves one row');
  if (rows[0]!.kind === 'conflict') {
    assert.equal(world.headOf(fileId).version, known.texts.length, 'a ticket changes no text');
    return false;
  }
  const met = meetingText(known, base, ops);
  for (const row of rows) {
    known.steps.push(row.changes);
    known.texts.push(known.texts.at(-1)!.apply(row.changes));
  }
  assert.equal(known.texts.at(-1)!.toString(), met.toString());
  return true;
}

/** The text that the author’s side comes to: their ops first, then what they had not seen. */
function meetingText(known: Known, base: number, ops: readonly Changes[]): Text {
  let text = known.texts[base - 1]!;
  let unseen: readonly Changes[] = known.steps.slice(base - 1);
  for (const changes of ops) {
    text = text.apply(changes);
    let own = changes;
    unseen = unseen.map((other) => {
      const moved = rebase(other, own, 'before');
      own = rebase(own, other, 'after');
      return moved;
    });
  }
  return unseen.reduce((all, changes) => all.apply(changes), text);
}

function assertWhole(world: TestWorld, fileId: number, known: Known): void {
  assert.equal(world.text(fileId), known.texts.at(-1)!.toString());
  assert.equal(world.headOf(fileId).byteLength, Buffer.byteLength(world.text(fileId)));
  assert.equal(world.headOf(fileId).lineCount, known.texts.at(-1)!.lineCount);
  const parts = new Map(world.rows('content_chunk').map((row) => [row.hash, row]));
  const ops = world.rows('file_op').map(opRecordOf);
  assert.equal(
    verifyLog(ops, (key) => parts.get(key), native),
    undefined,
  );
}

function randomOps(random: Chance, base: Text): Changes[] {
  const ops: Changes[] = [];
  let text = base;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const changes = randomChanges(random, text);
    ops.push(changes);
    text = text.apply(changes);
  }
  return ops;
}

/** One or two small edits, apart from each other. */
function randomChanges(random: Chance, text: Text): Changes {
  const first = random.below(text.lineCount);
  const lines = [first, first + 2].filter((line) => line < text.lineCount);
  const changes = lines.slice(0, 1 + random.below(2)).map((line) => {
    const places = placesIn(text, line);
    const from = random.below(places.length);
    const to = random.below(2) === 0 ? from : from + random.below(places.length - from);
    const inserted = random.pick(['x', 'yz', '\n', 'new\n', '', '😀']);
    return change(line, places[from]!, line, places[to]!, inserted);
  });
  return normalizeChanges(changes);
}

/** Characters of a line at which a change may begin or end. */
function placesIn(text: Text, line: number): number[] {
  const characters = Array.from({ length: text.line(line).length + 1 }, (_, index) => index);
  return characters.filter((character) => text.contains({ line, character }));
}
