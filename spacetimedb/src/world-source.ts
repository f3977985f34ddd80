import type { FileKind } from '../../src/core/op-payload.ts';
import { type Caller, demandScope, hexOf } from './caller.ts';
import { committedOps, headText, textAt } from './file-texts.ts';
import type { Claim, CommittedOp, OpenFile } from './file-work.ts';
import { hashText } from './hash.ts';
import type { FileSource, MostChanges } from './plan-batch.ts';
import { Refusal } from './refusal.ts';
import { counted } from './work.ts';
import type { Database, Row } from './world.ts';

interface CommittedRange {
  readonly after: number;
  readonly upTo: number;
  readonly ops: readonly CommittedOp[];
}

/** The world's files as planning reads them during one call; each head is read once. */
export class WorldSource implements FileSource {
  readonly #db: Database;
  readonly #caller: Caller;
  readonly #heads = new Map<number, Row<'file_head'>>();
  /** What was read of each file last: the ops of a batch ask for less and less of it. */
  readonly #committed = new Map<number, CommittedRange>();

  constructor(db: Database, caller: Caller) {
    this.#db = db;
    this.#caller = caller;
  }

  /** The head row of a file that was opened. */
  head(fileId: number): Row<'file_head'> {
    const known = this.#heads.get(fileId);
    if (known) return known;
    const head = this.#db.file_head.fileId.find(fileId);
    if (!head) throw new Refusal('no_such_file', `there is no file ${fileId}`);
    this.#heads.set(fileId, head);
    return head;
  }

  /** The row is another one now. */
  keep(head: Row<'file_head'>): void {
    this.#heads.set(head.fileId, head);
  }

  open(fileId: number): OpenFile {
    const head = this.head(fileId);
    demandScope(this.#caller, head.path);
    const { path, version, deleted, byteLength } = head;
    const kind = head.kind as FileKind;
    if (kind === 'binary') throw new Refusal('bad_text', 'the file is kept as binary');
    const text = headText(this.#db, head);
    const claims = claimsOn(this.#db, fileId);
    return { fileId, path, version, kind, deleted, byteLength, text, claims };
  }

  committed(
    fileId: number,
    after: number,
    upTo: number,
    most?: MostChanges,
  ): readonly CommittedOp[] {
    const known = this.#committed.get(fileId);
    if (known && known.after <= after && upTo <= known.upTo) {
      if (known.after === after && known.upTo === upTo) return known.ops;
      return known.ops.filter((op) => op.version > after && op.version <= upTo);
    }
    const ops = committedOps(this.#db, fileId, after, upTo, most);
    // What was read in part only is so much that nobody goes on with it.
    if (ops.at(-1)?.version === upTo) this.#committed.set(fileId, { after, upTo, ops });
    return ops;
  }

  textAt(fileId: number, version: number, hash: Uint8Array) {
    return textAt(this.#db, fileId, version, hash);
  }

  hashText(text: string): Uint8Array {
    return hashText(text);
  }
}

/** All claims on a file, in the head's coordinates. */
export function claimsOn(db: Database, fileId: number): Claim[] {
  if (db.soft_lock.count() === 0n) return [];
  return Array.from(counted(db.soft_lock.fileId.filter(fileId)), (row) => ({
    lockId: row.lockId,
    holder: hexOf(row.holder),
    firstLine: row.firstLine,
    lastLine: row.lastLine,
    expiresAtMicros: row.expiresAt.microsSinceUnixEpoch,
  }));
}
