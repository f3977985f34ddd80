/**
 * Owns: what a stretch of the world's history says of the versions of its files: who wrote them, and the small
 * edits that made the newest ones, within bounds. Does not know: where the stretch lies, who asks.
 */
import type { Change, Changes } from '../core/change.ts';
import { makesVersion } from '../core/op-payload.ts';
import type { Intent, OpRecord } from '../core/op.ts';
import type { Origin } from '../core/origin.ts';

/** An edit that made a version. */
export interface RecentOp {
  readonly version: number;
  readonly origin: Origin;
  readonly intent: Intent;
  readonly changes: Changes;
  /** Content hash of the version. */
  readonly hash: Uint8Array;
}

export interface OpOrigin {
  readonly origin: Origin | undefined;
  readonly isOthers: boolean;
}

/** The same as it is kept: thousands of them are. */
interface KeptEdit {
  readonly version: number;
  readonly origin: Origin;
  readonly intent: Intent;
  /** JSON. */
  readonly changes: string;
  readonly before: string;
  readonly after: string;
}

/** Versions in a row, as long as `count` tells that none is missing. */
interface Written {
  first: number;
  last: number;
  count: number;
  /** The newest one that is not the member's own; 0 for none. */
  lastOthers: number;
  /** Those that made the newest versions; none where the newest one is no small edit. */
  edits: KeptEdit[];
}

/** An edit with more text is read when it is needed. */
const MOST_CHARACTERS = 2_048;
/**
 * Of all edits together; those of files that were written longest ago are let go of, and each of them is then asked
 * for by itself. It holds those of a switch of 20,000 files over others’ work, of two edits each.
 */
const MOST_BYTES = 40 * 1024 * 1024;
const EDIT_BYTES = 360;

export class WrittenVersions {
  readonly #files = new Map<number, Written>();
  #bytes = 0;

  /** Takes the next op. `isOthers`: it is not the member's own, or nobody knows, and there is no origin. */
  add(op: OpRecord, { origin, isOthers }: OpOrigin): void {
    if (op.fileId === 0 || !makesVersion(op)) return;
    const { fileId, version } = op;
    const former = this.#files.get(fileId);
    const written = former ?? { first: version, last: 0, count: 0, lastOthers: 0, edits: [] };
    const isNext = version === written.last + 1;
    written.last = version;
    written.count += 1;
    if (isOthers) written.lastOthers = version;
    const edit = origin && keptOf(op, origin);
    if (!edit || !isNext) this.#drop(written);
    if (edit) {
      written.edits.push(edit);
      this.#bytes += bytesOf(edit);
    }
    // The newest last.
    if (former) this.#files.delete(fileId);
    this.#files.set(fileId, written);
    this.#fit();
  }

  /** Takes what lies before it, up to its first op. */
  prepend(earlier: WrittenVersions): void {
    for (const [fileId, later] of this.#files) {
      const written = earlier.#files.get(fileId);
      if (!written) continue;
      const isNext = written.last + 1 === later.edits[0]?.version;
      earlier.#files.delete(fileId);
      if (isNext) later.edits.unshift(...written.edits);
      later.first = written.first;
      later.count += written.count;
      later.lastOthers = Math.max(later.lastOthers, written.lastOthers);
    }
    const newer = [...this.#files];
    this.#files.clear();
    for (const [fileId, written] of [...earlier.#files, ...newer]) this.#files.set(fileId, written);
    this.#bytes = 0;
    for (const { edits } of this.#files.values()) {
      for (const edit of edits) this.#bytes += bytesOf(edit);
    }
    this.#fit();
  }

  clear(): void {
    this.#files.clear();
    this.#bytes = 0;
  }

  /** True when it is known of all versions after one up to another who wrote them. */
  covers(fileId: number, after: number, upTo: number): boolean {
    return this.isOwn(fileId, after, upTo) !== undefined;
  }

  /** Whether the versions after one up to another are the member's own; undefined where nobody knows. */
  isOwn(fileId: number, after: number, upTo: number): boolean | undefined {
    const written = this.#files.get(fileId);
    if (!written || written.last < upTo) return undefined;
    const { first, last, count, lastOthers } = written;
    if (last - first + 1 !== count || first > after + 1) return undefined;
    return lastOthers <= after;
  }

  /** The edits that made the versions after one up to another; undefined where they are not kept. */
  editsOf(fileId: number, after: number, upTo: number): readonly RecentOp[] | undefined {
    const edits = this.#files.get(fileId)?.edits ?? [];
    const from = edits.findIndex(({ version }) => version === after + 1);
    const to = edits.findIndex(({ version }) => version === upTo);
    if (from < 0 || to < from) return undefined;
    return edits.slice(from, to + 1).map(editOf);
  }

  /** The newest version before one that has a content, and the edits since; undefined where none is known. */
  since(fileId: number, hash: Uint8Array, upTo: number): RecentText | undefined {
    const edits = this.#files.get(fileId)?.edits ?? [];
    const wanted = textOfHash(hash);
    const at = edits.findLastIndex(({ version, before }) => version <= upTo && before === wanted);
    if (at < 0) return undefined;
    const version = edits[at]!.version - 1;
    const since = this.editsOf(fileId, version, upTo);
    return since && { version, edits: since };
  }

  #drop(written: Written): void {
    for (const edit of written.edits) this.#bytes -= bytesOf(edit);
    written.edits = [];
  }

  #fit(): void {
    if (this.#bytes <= MOST_BYTES) return;
    for (const written of this.#files.values()) {
      if (this.#bytes <= MOST_BYTES / 2) return;
      this.#drop(written);
    }
  }
}

/** A version, and what was done to it. */
export interface RecentText {
  readonly version: number;
  readonly edits: readonly RecentOp[];
}

/** Undefined for an op that brings a whole content, or much of it. */
function keptOf(op: OpRecord, origin: Origin): KeptEdit | undefined {
  const { kind, version, intent, changes, beforeHash, afterHash } = op;
  if (kind !== 'edit' || op.payload.includes('"content"') || changes.length === 0) return undefined;
  const packed = JSON.stringify(changes.map(fieldsOf));
  if (packed.length > MOST_CHARACTERS) return undefined;
  const [before, after] = [textOfHash(beforeHash), textOfHash(afterHash)];
  return { version, origin, intent, changes: packed, before, after };
}

function editOf({ changes, after, ...edit }: KeptEdit): RecentOp {
  const unpacked = (JSON.parse(changes) as ChangeFields[]).map(changeOf);
  const { version, origin, intent } = edit;
  return { version, origin, intent, changes: unpacked, hash: Buffer.from(after, 'latin1') };
}

type ChangeFields = readonly [number, number, number, number, string];

function fieldsOf(change: Change): ChangeFields {
  const { startLine, startCharacter, endLine, endCharacter, text } = change;
  return [startLine, startCharacter, endLine, endCharacter, text];
}

function changeOf([startLine, startCharacter, endLine, endCharacter, text]: ChangeFields): Change {
  return { startLine, startCharacter, endLine, endCharacter, text };
}

function textOfHash(hash: Uint8Array): string {
  return Buffer.from(hash).toString('latin1');
}

function bytesOf({ changes }: KeptEdit): number {
  return EDIT_BYTES + 2 * changes.length;
}
