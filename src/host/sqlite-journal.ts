import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { BsatnReader } from './bsatn/reader.ts';
import { BsatnWriter } from './bsatn/writer.ts';
import { readDelta, writeDelta } from './delta-codec.ts';
import type { Delta, Journal, StoredDatabase, StoredProgram, StoredRow } from './journal.ts';
import { reserveRoom } from './log-room.ts';

/** Small, because a commit writes at least one page, and a typical one fits into this. */
const PAGE_BYTES = 1024;
/** What fits into a page beside the record around it. */
const SLOT_BYTES = PAGE_BYTES - 48;
const SLOT_HEADER_BYTES = 10;
/** Commits are folded into rows when their slots number this many. */
const SLOTS_BEFORE_FOLD = 256;
/** Above this a commit goes to the rows directly: writing it twice would cost more than it saves. */
const LARGEST_LOGGED_BYTES = 64 * 1024;
/** Deltas nobody waits for are written without being asked beyond this. */
const MOST_UNWRITTEN_BYTES = 256 * 1024;
const FOLDS_BEFORE_CHECKPOINT = 4;
/** What the write-ahead log mostly takes between two checkpoints. */
const LOG_ROOM_BYTES = 2304 * 1024;

/** A file up to this size is written anew when something is erased: that takes less than a second. */
const MOST_REWRITTEN_BYTES = 64 * 1024 * 1024;
/** In `meta` while something was deleted and may have left copies. */
const TO_SCRUB = 'to_scrub';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, bytes BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS sequence (
    table_id INTEGER NOT NULL, column INTEGER NOT NULL, next TEXT NOT NULL,
    PRIMARY KEY (table_id, column)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS slot (id INTEGER PRIMARY KEY, chunk BLOB NOT NULL);
`;

/**
 * Keeps a database in one SQLite file.
 *
 * Rows live in `row`. A commit first goes to a log: slots of one page each, written over again once
 * their commits were folded into `row`. So a small commit dirties a single page and costs a single
 * sync, and hot rows are rewritten once a fold instead of once a commit. SQLite's write-ahead log
 * makes every step whole or undone, whatever it was that died in the middle.
 */
export class SqliteJournal implements Journal {
  readonly #file: string;
  readonly #sqlite: DatabaseSync;
  readonly #statements: Statements;
  #unwritten: Delta[] = [];
  #unwrittenBytes = 0;
  /** What was logged since the last fold: rows by id, null for one that is gone. */
  readonly #unfolded = new Map<number, StoredRow | null>();
  readonly #unfoldedSequences = new Map<string, Delta['sequences'][number]>();
  #lastCommit = 0;
  #nextSlot = 0;
  #slotCount: number;
  #foldsSinceCheckpoint = 0;
  #open = true;

  /** Opens or creates the file. Throws when it cannot be used, or another process has it open. */
  constructor(file: string) {
    this.#file = file;
    this.#sqlite = new DatabaseSync(file);
    this.#sqlite.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    this.#sqlite.exec('PRAGMA locking_mode = EXCLUSIVE');
    this.#sqlite.exec('PRAGMA journal_mode = WAL');
    this.#sqlite.exec('PRAGMA synchronous = FULL');
    // On macOS a plain sync leaves data in the drive's own memory. Elsewhere these two do nothing.
    this.#sqlite.exec('PRAGMA fullfsync = ON');
    this.#sqlite.exec('PRAGMA checkpoint_fullfsync = ON');
    this.#sqlite.exec('PRAGMA wal_autocheckpoint = 0');
    this.#sqlite.exec(SCHEMA);
    this.#statements = prepare(this.#sqlite);
    this.#slotCount = Number(this.#statements.countSlots.get()?.['count'] ?? 0);
    // Not before SQLite has read what is in it. No lock is on this file that closing it would lose.
    reserveRoom(`${file}-wal`, LOG_ROOM_BYTES);
  }

  read(): StoredDatabase | null {
    const source = this.#meta('source');
    if (typeof source !== 'string') return null;
    this.#replay();
    const tableIds = JSON.parse(String(this.#meta('table_ids'))) as [string, number][];
    return {
      program: { source, tableIds: new Map(tableIds) },
      rows: this.#storedRows(),
      sequences: this.#statements.readSequences.all().map((record) => ({
        tableId: Number(record['table_id']),
        column: Number(record['column']),
        next: BigInt(String(record['next'])),
      })),
    };
  }

  install(program: StoredProgram, delta: Delta): void {
    this.#note([...this.#takeUnwritten(), delta]);
    this.#fold(() => {
      this.#statements.putMeta.run('source', program.source);
      this.#statements.putMeta.run('table_ids', JSON.stringify([...program.tableIds]));
    });
  }

  commit(deltas: readonly Delta[], durable: boolean): void {
    this.#unwritten.push(...deltas);
    for (const { puts } of deltas) for (const row of puts) this.#unwrittenBytes += row.bytes.length;
    if (!durable && this.#unwrittenBytes < MOST_UNWRITTEN_BYTES) return;
    const bytes = this.#unwrittenBytes;
    const written = this.#takeUnwritten();
    if (written.length === 0) return;
    this.#note(written);
    if (written.some(({ erases }) => erases)) this.#erase();
    else if (bytes > LARGEST_LOGGED_BYTES) this.#fold();
    else this.#log(written);
    if (this.#nextSlot >= SLOTS_BEFORE_FOLD) this.#fold();
  }

  close({ keepUnwritten }: { readonly keepUnwritten: boolean }): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      if (!keepUnwritten) return;
      this.#note(this.#takeUnwritten());
      this.#fold();
      this.#sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      this.#sqlite.close();
    }
  }

  #takeUnwritten(): Delta[] {
    const taken = this.#unwritten;
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
    return taken;
  }

  #note(deltas: readonly Delta[]): void {
    for (const { puts, deletes, sequences } of deltas) {
      for (const id of deletes) this.#unfolded.set(id, null);
      for (const row of puts) this.#unfolded.set(row.id, row);
      for (const next of sequences) {
        this.#unfoldedSequences.set(`${next.tableId}.${next.column}`, next);
      }
    }
  }

  #log(deltas: readonly Delta[]): void {
    const payload = encode(deltas);
    const slots = slotsOf(payload, this.#lastCommit + 1);
    const [only] = slots;
    // One statement is a transaction of its own, and most commits are one slot.
    if (only !== undefined && slots.length === 1) this.#putSlot(this.#nextSlot, only);
    else {
      this.#transaction(() => {
        for (const [index, slot] of slots.entries()) this.#putSlot(this.#nextSlot + index, slot);
      });
    }
    this.#lastCommit++;
    this.#nextSlot += slots.length;
    this.#slotCount = Math.max(this.#slotCount, this.#nextSlot);
  }

  #putSlot(id: number, chunk: Buffer): void {
    if (id < this.#slotCount) this.#statements.updateSlot.run(chunk, id);
    else this.#statements.insertSlot.run(id, chunk);
  }

  /** Brings the rows up to date and the log to nothing, in one transaction. */
  #fold(also?: () => void): void {
    const commit = this.#lastCommit + 1;
    this.#transaction(() => {
      for (const [id, row] of this.#unfolded) {
        if (row === null) this.#statements.deleteRow.run(id);
        else this.#statements.putRow.run(id, row.tableId, row.bytes);
      }
      for (const { tableId, column, next } of this.#unfoldedSequences.values()) {
        this.#statements.putSequence.run(tableId, column, String(next));
      }
      this.#statements.putMeta.run('folded', commit);
      also?.();
    });
    this.#lastCommit = commit;
    this.#nextSlot = 0;
    this.#unfolded.clear();
    this.#unfoldedSequences.clear();
    if (++this.#foldsSinceCheckpoint >= FOLDS_BEFORE_CHECKPOINT) {
      // Passive keeps the write-ahead log's file and writes over it: a file that does not grow is
      // cheaper to sync.
      this.#sqlite.exec('PRAGMA wal_checkpoint(PASSIVE)');
      this.#foldsSinceCheckpoint = 0;
    }
  }

  /** Folds, so that what is deleted leaves nothing in the file nor in the logs before anybody is answered. */
  #erase(): void {
    this.#sqlite.exec('PRAGMA secure_delete = ON');
    // Who dies in between finds it when the file is opened.
    this.#fold(() => this.#statements.putMeta.run(TO_SCRUB, 1));
    this.#scrub();
    this.#sqlite.exec('PRAGMA secure_delete = OFF');
  }

  /** Copies: in slots of commits that were folded, of pages that SQLite split, and in its write-ahead log. */
  #scrub(): void {
    this.#statements.emptySlots.run();
    const pages = Number(this.#statements.countPages.get()?.['page_count'] ?? 0);
    if (pages * PAGE_BYTES <= MOST_REWRITTEN_BYTES) this.#sqlite.exec('VACUUM');
    this.#sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    reserveRoom(`${this.#file}-wal`, LOG_ROOM_BYTES);
    this.#foldsSinceCheckpoint = 0;
    this.#statements.dropMeta.run(TO_SCRUB);
  }

  /** Takes up the commits that were logged and not folded. */
  #replay(): void {
    this.#lastCommit = Number(this.#meta('folded') ?? 0);
    let payload: Buffer[] = [];
    for (let slot = this.#readSlot(0); slot !== null; slot = this.#readSlot(this.#nextSlot)) {
      const reader = new BsatnReader(slot);
      const commit = reader.u32() + reader.u16() * 2 ** 32;
      if (commit !== this.#lastCommit + 1) break;
      const rest = reader.u32();
      const held = SLOT_BYTES - SLOT_HEADER_BYTES;
      payload.push(Buffer.from(reader.raw(Math.min(rest, held))));
      this.#nextSlot++;
      if (rest > held) continue;
      this.#note(decode(Buffer.concat(payload)));
      payload = [];
      this.#lastCommit = commit;
    }
    this.#fold();
    if (this.#meta(TO_SCRUB) !== null) this.#scrub();
  }

  #readSlot(id: number): Buffer | null {
    const chunk = this.#statements.readSlot.get(id)?.['chunk'];
    return chunk instanceof Uint8Array ? Buffer.from(chunk) : null;
  }

  /** Page by page, with one statement at a time: VS Code's older runtimes cannot iterate one. */
  *#storedRows(): Generator<StoredRow> {
    let lastId = 0;
    for (;;) {
      const page = this.#statements.readRows.all(lastId);
      for (const record of page) {
        const bytes = record['bytes'] as Uint8Array;
        lastId = Number(record['id']);
        yield {
          id: lastId,
          tableId: Number(record['table_id']),
          bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        };
      }
      if (page.length === 0) return;
    }
  }

  #meta(key: string): unknown {
    return this.#statements.readMeta.get(key)?.['value'] ?? null;
  }

  /** One that fails is undone by `close`, the only thing that may follow a failure. */
  #transaction(body: () => void): void {
    this.#statements.begin.run();
    body();
    this.#statements.commit.run();
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(sqlite: DatabaseSync) {
  const statement = (text: string): StatementSync => sqlite.prepare(text);
  return {
    begin: statement('BEGIN IMMEDIATE'),
    commit: statement('COMMIT'),
    readMeta: statement('SELECT value FROM meta WHERE key = ?'),
    dropMeta: statement('DELETE FROM meta WHERE key = ?'),
    countPages: statement('PRAGMA page_count'),
    emptySlots: statement('UPDATE slot SET chunk = zeroblob(length(chunk))'),
    putMeta: statement('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)'),
    readRows: statement('SELECT id, table_id, bytes FROM row WHERE id > ? ORDER BY id LIMIT 1000'),
    putRow: statement('INSERT OR REPLACE INTO row (id, table_id, bytes) VALUES (?, ?, ?)'),
    deleteRow: statement('DELETE FROM row WHERE id = ?'),
    readSequences: statement('SELECT table_id, column, next FROM sequence'),
    putSequence: statement(
      'INSERT OR REPLACE INTO sequence (table_id, column, next) VALUES (?, ?, ?)',
    ),
    countSlots: statement('SELECT count(*) AS count FROM slot'),
    readSlot: statement('SELECT chunk FROM slot WHERE id = ?'),
    updateSlot: statement('UPDATE slot SET chunk = ? WHERE id = ?'),
    insertSlot: statement('INSERT INTO slot (id, chunk) VALUES (?, ?)'),
  };
}

/** Cuts a commit into chunks of one size: the commit's number, the bytes still to come, the bytes. */
function slotsOf(payload: Buffer, commit: number): Buffer[] {
  const held = SLOT_BYTES - SLOT_HEADER_BYTES;
  const slots: Buffer[] = [];
  for (let start = 0; start < payload.length; start += held) {
    const slot = Buffer.alloc(SLOT_BYTES);
    slot.writeUIntLE(commit, 0, 6);
    slot.writeUInt32LE(payload.length - start, 6);
    payload.copy(slot, SLOT_HEADER_BYTES, start, start + held);
    slots.push(slot);
  }
  return slots;
}

const writer = new BsatnWriter(64 * 1024);

function encode(deltas: readonly Delta[]): Buffer {
  writer.u32(deltas.length);
  for (const delta of deltas) writeDelta(writer, delta);
  return writer.take();
}

function decode(payload: Buffer): Delta[] {
  const reader = new BsatnReader(payload);
  return reader.array(() => readDelta(reader));
}
