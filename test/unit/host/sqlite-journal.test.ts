import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Delta, Journal, StoredDatabase } from '../../../src/host/journal.ts';
import { MemoryJournal } from '../../../src/host/memory-journal.ts';
import { SqliteJournal } from '../../../src/host/sqlite-journal.ts';

const program = { source: 'a module', tableIds: new Map([['note', 3]]) };
const NOTHING: Delta = { puts: [], deletes: [], sequences: [] };

function directory(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'agent-world-journal-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const put = (id: number, text: string): Delta => ({
  puts: [{ id, tableId: 3, bytes: Buffer.from(text) }],
  deletes: [],
  sequences: [{ tableId: 3, column: 0, next: BigInt(id) + 1n }],
});

/** What a journal holds, as plain values. */
function contents(stored: StoredDatabase | null) {
  assert.ok(stored);
  const rows = [...stored.rows].map(
    ({ id, tableId, bytes }) => [id, tableId, bytes.toString()] as const,
  );
  const sequences = stored.sequences.map(
    ({ tableId, column, next }) => [column, tableId, next] as const,
  );
  return {
    source: stored.program.source,
    tableIds: [...stored.program.tableIds],
    rows: rows.sort(([left], [right]) => left - right),
    sequences: sequences.sort(([left], [right]) => left - right),
  };
}

function reopen(file: string) {
  const journal = new SqliteJournal(file);
  try {
    return contents(journal.read());
  } finally {
    journal.close({ keepUnwritten: true });
  }
}

test('an empty file holds nothing; what is installed is there again', (t) => {
  const file = path.join(directory(t), 'world.db');
  const journal = new SqliteJournal(file);
  assert.equal(journal.read(), null);
  journal.install(program, put(1, 'one'));
  journal.close({ keepUnwritten: true });
  assert.deepEqual(reopen(file), {
    source: 'a module',
    tableIds: [['note', 3]],
    rows: [[1, 3, 'one']],
    sequences: [[0, 3, 2n]],
  });
});

test('a commit and a checkpoint are synced fully where a plain sync is not enough', (t) => {
  const exec = t.mock.method(DatabaseSync.prototype, 'exec');
  const journal = new SqliteJournal(path.join(directory(t), 'world.db'));
  const connection = exec.mock.calls[0]!.this as DatabaseSync;
  const setting = (name: string) => Object.values(connection.prepare(`PRAGMA ${name}`).get()!)[0];
  // 2 is FULL. The other two have an effect on macOS only, and are kept on every system.
  assert.equal(setting('synchronous'), 2);
  assert.equal(setting('fullfsync'), 1);
  assert.equal(setting('checkpoint_fullfsync'), 1);
  journal.close({ keepUnwritten: true });
});

test('two processes cannot have the same file', (t) => {
  const file = path.join(directory(t), 'world.db');
  const journal = new SqliteJournal(file);
  journal.install(program, NOTHING);
  assert.throws(() => new SqliteJournal(file), /locked/);
  journal.close({ keepUnwritten: true });
});

const delta = fc.record({
  puts: fc.array(
    fc.record({
      id: fc.integer({ min: 1, max: 12 }),
      tableId: fc.constantFrom(3, 4),
      bytes: fc
        .tuple(fc.constantFrom(0, 1, 40, 900, 966, 967, 5000, 70_000), fc.nat(255))
        .map(([length, fill]) => Buffer.alloc(length, fill)),
    }),
    { maxLength: 3 },
  ),
  deletes: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 2 }),
  sequences: fc.array(
    fc.record({
      tableId: fc.constant(3),
      column: fc.constantFrom(0, 5),
      next: fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
    }),
    { maxLength: 1 },
  ),
});
const commits = fc.array(
  fc.record({ deltas: fc.array(delta, { maxLength: 3 }), durable: fc.boolean() }),
  { maxLength: 25 },
);

test('the journal on disk keeps what the one in memory keeps, also over restarts', (t) => {
  const home = directory(t);
  let runs = 0;
  fc.assert(
    fc.property(fc.array(commits, { minLength: 1, maxLength: 3 }), (sessions) => {
      const file = path.join(home, `${runs++}.db`);
      const model = new MemoryJournal();
      model.install(program, NOTHING);
      const first = new SqliteJournal(file);
      first.install(program, NOTHING);
      first.close({ keepUnwritten: true });
      for (const session of sessions) {
        const journal: Journal = new SqliteJournal(file);
        journal.read();
        for (const { deltas, durable } of session) {
          journal.commit(deltas, durable);
          model.commit(deltas, durable);
        }
        journal.close({ keepUnwritten: true });
        model.close({ keepUnwritten: true });
        assert.deepEqual(reopen(file), contents(model.read()));
      }
    }),
    { numRuns: 30 },
  );
});

const LOG_HEADER_BYTES = 32;
const FRAME_BYTES = 24 + 1024;

/** Where the write-ahead log ends that was never begun anew; behind it are zeros. */
function endOfLog(file: string): number {
  const log = readFileSync(`${file}-wal`);
  let end = LOG_HEADER_BYTES;
  while (end < log.length && log.readUInt32BE(end) !== 0) end += FRAME_BYTES;
  return end;
}

/** The state after each commit, oldest first, and where the write-ahead log ended then. */
function writeHistory(file: string, sizes: readonly number[]) {
  const journal = new SqliteJournal(file);
  const model = new MemoryJournal();
  journal.install(program, NOTHING);
  model.install(program, NOTHING);
  const states = [contents(model.read())];
  const walBytes = [endOfLog(file)];
  for (const [index, size] of sizes.entries()) {
    const deltas = [put(index + 1, `${index} `.repeat(size)), put(1, `head ${index}`)];
    journal.commit(deltas, true);
    model.commit(deltas, true);
    states.push(contents(model.read()));
    walBytes.push(endOfLog(file));
  }
  return { journal, states, walBytes };
}

test('cut anywhere in what was written last, every acknowledged commit is there, and no half one', (t) => {
  const home = directory(t);
  const file = path.join(home, 'world.db');
  const sizes = [1, 30, 400, 2, 900, 1, 40_000, 5, 1];
  const { journal, states, walBytes } = writeHistory(file, sizes);
  const copy = path.join(home, 'cut');
  const total = walBytes.at(-1) ?? 0;
  const cuts = new Set([0, 31, 32, ...walBytes.flatMap((bytes) => [bytes - 1, bytes, bytes + 1])]);
  for (let offset = 0; offset < total; offset += 1536) cuts.add(offset);
  for (const cut of [...cuts].filter((each) => each >= 0 && each <= total)) {
    mkdirSync(copy);
    cpSync(file, path.join(copy, 'world.db'));
    cpSync(`${file}-wal`, path.join(copy, 'world.db-wal'));
    truncateSync(path.join(copy, 'world.db-wal'), cut);
    // Nothing is checkpointed yet, so the log's first commits are the file's own creation.
    const acknowledged = walBytes.filter((bytes) => bytes <= cut).length;
    if (acknowledged > 0) {
      const found = reopen(path.join(copy, 'world.db'));
      const expected = states.slice(acknowledged - 1, acknowledged + 1);
      assert.ok(
        expected.some((state) => isSame(state, found)),
        `cut at ${cut}: ${acknowledged} commits were acknowledged`,
      );
    }
    rmSync(copy, { recursive: true });
  }
  journal.close({ keepUnwritten: true });
});

test('a write-ahead log with garbage after the last sync loses nothing', (t) => {
  const home = directory(t);
  const file = path.join(home, 'world.db');
  const { journal, states, walBytes } = writeHistory(file, [1, 400, 900]);
  const copy = path.join(home, 'copy');
  mkdirSync(copy);
  cpSync(file, path.join(copy, 'world.db'));
  const log = readFileSync(`${file}-wal`);
  const garbage = Buffer.alloc(3000, 0xa5);
  writeFileSync(
    path.join(copy, 'world.db-wal'),
    Buffer.concat([log.subarray(0, walBytes.at(-1)), garbage]),
  );
  assert.deepEqual(reopen(path.join(copy, 'world.db')), states.at(-1));
  journal.close({ keepUnwritten: true });
});

test('many commits are folded and the files do not grow with their number', (t) => {
  const file = path.join(directory(t), 'world.db');
  const journal = new SqliteJournal(file);
  journal.install(program, NOTHING);
  const sizeOf = (name: string) => readFileSync(name).length;
  const run = () => {
    for (let index = 0; index < 4000; index++) journal.commit([put(1, `state ${index}`)], true);
    return sizeOf(file) + sizeOf(`${file}-wal`);
  };
  const before = run();
  assert.ok(run() <= before * 1.1);
  journal.close({ keepUnwritten: true });
  assert.deepEqual(reopen(file).rows, [[1, 3, 'state 3999']]);
});

test('the write-ahead log has its room from the start, so that no sync waits for the file to grow', (t) => {
  const file = path.join(directory(t), 'world.db');
  for (const rows of [0, 1]) {
    const journal = new SqliteJournal(file);
    if (rows === 0) journal.install(program, NOTHING);
    else journal.read();
    const { size } = statSync(`${file}-wal`);
    for (let index = 0; index < 600; index++) journal.commit([put(1, `state ${index}`)], true);
    assert.equal(statSync(`${file}-wal`).size, size);
    assert.ok(endOfLog(file) < size, 'the commits are in it');
    journal.close({ keepUnwritten: rows === 0 });
  }
  assert.deepEqual(
    reopen(file).rows,
    [[1, 3, 'state 599']],
    'a log with room behind it is read back',
  );
});

test('after a failed write nothing more is kept', (t) => {
  const file = path.join(directory(t), 'world.db');
  const journal = new SqliteJournal(file);
  journal.install(program, put(1, 'kept'));
  journal.commit([put(2, 'nobody waited for this')], false);
  journal.close({ keepUnwritten: false });
  assert.deepEqual(reopen(file).rows, [[1, 3, 'kept']]);
});

function isSame(left: unknown, right: unknown): boolean {
  try {
    assert.deepEqual(left, right);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}

test('what is erased leaves no bytes in the file nor in its log, whatever was done between, also after a death', (t) => {
  const folder = directory(t);
  const file = path.join(folder, 'db');
  const journal = new SqliteJournal(file);
  journal.install(program, NOTHING);
  const secret = 'a secret of somebody';
  const longs = [secret, `${secret} `.repeat(300), `${secret} `.repeat(9000)];
  for (const [at, text] of longs.entries()) journal.commit([put(100 + at, text)], true);
  for (let id = 1; id <= 600; id++)
    journal.commit([put(id === 100 ? 99 : 1000 + id, 'x'.repeat(id))], true);
  const found = (): readonly string[] =>
    ['db', 'db-wal'].filter((name) => readFileSync(path.join(folder, name)).includes(secret));
  assert.deepEqual(found(), ['db', 'db-wal']);
  const erased = { puts: [], deletes: [100, 101, 102], sequences: [], erases: true } as const;
  journal.commit([put(2000, 'y'), erased], true);
  assert.deepEqual(found(), []);
  journal.commit([put(2001, 'z')], true);
  // As after a death: nothing is written when it ends.
  journal.close({ keepUnwritten: false });
  const again = new SqliteJournal(file);
  const { rows } = contents(again.read());
  assert.equal(rows.length, 602);
  assert.ok(rows.some(([id]) => id === 2001) && !rows.some(([id]) => id >= 100 && id <= 102));
  again.close({ keepUnwritten: true });
});

test('a death right after something was deleted is made good when the file is opened', (t) => {
  const folder = directory(t);
  const file = path.join(folder, 'db');
  const journal = new SqliteJournal(file);
  journal.install(program, NOTHING);
  journal.commit([put(1, 'a secret of somebody')], true);
  journal.commit([{ puts: [], deletes: [1], sequences: [] }], true);
  journal.close({ keepUnwritten: true });
  const sqlite = new DatabaseSync(file);
  sqlite.exec(`INSERT INTO meta (key, value) VALUES ('to_scrub', 1)`);
  sqlite.close();
  const again = new SqliteJournal(file);
  again.read();
  for (const name of ['db', 'db-wal']) {
    assert.ok(!readFileSync(path.join(folder, name)).includes('a secret'), name);
  }
  again.close({ keepUnwritten: true });
});
