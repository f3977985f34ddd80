import type { IdentityHex, OpKind, OpRecord } from './op.ts';
import { isPlainEdit, makesVersion } from './op-payload.ts';
import { turnOf } from './turn.ts';

/** What a list keeps of an op: all but its text. */
export interface OpSummary {
  readonly opSeq: number;
  readonly kind: OpKind;
  /** 0 for ops of the world itself. */
  readonly fileId: number;
  /** The file's version before and after; the same where the op changed no text. */
  readonly fromVersion: number;
  readonly version: number;
  readonly author: IdentityHex;
  /** Who sent it. */
  readonly actor: IdentityHex;
  readonly madeAtMs: number;
  /** UTF-16 code units put in. */
  readonly inserted: number;
  /** Lines of the result, both included, counted from 0. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** The file came with others in one batch, as a folder's do. */
  readonly isImport: boolean;
  /** Empty for plain edits. */
  readonly payload: string;
}

/** Ops that belong together: what one member typed in one go, or the files of one import. */
export interface HistoryEntry {
  readonly author: IdentityHex;
  readonly kind: OpKind;
  /** Of the newest op; 0 for an import of several files and for ops of the world itself. */
  readonly fileId: number;
  /** Newest first. */
  readonly ops: readonly OpSummary[];
}

/** How long somebody may pause until what they write counts as something new. */
export const PAUSE_MS = 60_000;

export function summaryOf(op: OpRecord): OpSummary {
  const { opSeq, kind, fileId, version, author, actor, firstLine, payload } = op;
  return {
    opSeq,
    kind,
    fileId,
    fromVersion: makesVersion(op) ? version - 1 : version,
    version,
    author,
    actor,
    madeAtMs: Number(op.madeAtMicros / 1000n),
    inserted: op.changes.reduce((sum, { text }) => sum + text.length, 0),
    firstLine,
    lastLine: lastLineOf(op),
    isImport: kind === 'create' && op.batchId !== op.opId,
    payload,
  };
}

/** Whole lines that are put in end where the next one begins, which has nothing of them. */
function lastLineOf({ changes, firstLine, lastLine }: OpRecord): number {
  const last = changes.at(-1);
  const areWhole = last !== undefined && last.startCharacter === 0 && last.text.endsWith('\n');
  return areWhole ? Math.max(firstLine, lastLine - 1) : lastLine;
}

/**
 * Gathers ops, taken from the newest to the oldest, to entries in that order. Others may write in
 * between: what counts is that nobody else changed the same file there.
 */
export class HistoryEntries {
  readonly #pauseMs: number;
  readonly #entries: OpSummary[][] = [];
  /** The entry of a file that an older op of it would join. */
  readonly #openByFile = new Map<number, OpSummary[]>();

  constructor(pauseMs = PAUSE_MS) {
    this.#pauseMs = pauseMs;
  }

  /** Takes the next older op. */
  addOlder(op: OpSummary): void {
    const open = op.isImport ? this.#entries.at(-1) : this.#openByFile.get(op.fileId);
    if (open && this.#belongs(op, open.at(-1)!)) {
      open.push(op);
      return;
    }
    const entry = [op];
    this.#entries.push(entry);
    if (op.fileId > 0) this.#openByFile.set(op.fileId, entry);
  }

  /** Newest first. */
  all(): readonly HistoryEntry[] {
    return this.#entries.map(entryOf);
  }

  #belongs(older: OpSummary, newer: OpSummary): boolean {
    if (older.author !== newer.author || older.kind !== newer.kind) return false;
    if (newer.madeAtMs - older.madeAtMs > this.#pauseMs) return false;
    if (older.isImport) return newer.isImport;
    // What stands beside an edit is one more thing that it did, but for the turn that it was made in.
    const isPlain = isPlainEdit(newer) && isPlainEdit(older) && turnOf(older) === turnOf(newer);
    return isPlain && newer.fromVersion === older.version;
  }
}

function entryOf(ops: readonly OpSummary[]): HistoryEntry {
  const { author, kind, fileId } = ops[0]!;
  const isMany = ops.some((op) => op.fileId !== fileId);
  return { author, kind, fileId: isMany ? 0 : fileId, ops };
}
