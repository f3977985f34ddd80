import { resultRanges } from '../core/change.ts';
import type { FilePlace } from '../core/file-place.ts';
import { LineBuffer } from '../core/line-buffer.ts';
import type { OpRecord } from '../core/op.ts';
import { contentOf, returnedOf } from '../core/op-payload.ts';
import { followEnds, type OtherEnds } from '../core/other-ends.ts';
import { endOfInserted } from '../core/position.ts';
import { placeOfReturned, textOf } from '../core/returned-text.ts';
import type { VerifiedFile } from '../core/verify-log.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import { isUnattributed } from '../core/unattributed.ts';
import { type AuthoredLines, LineLedger, type UnknownLine } from './line-ledger.ts';
import type { WorkKey } from './work-key.ts';

/** A content as it stood: a text, or the keys of its bytes. */
export type StoredContent = string | readonly string[];

/** A file at some point: where it is, and what is in it. */
export interface FileVersion {
  readonly place: FilePlace;
  readonly content: StoredContent;
}

interface PlacedBy {
  readonly author: WorkKey;
  readonly place: FilePlace;
}

/** What became of a file since some point, and by whom. */
export class ChangedFile {
  readonly fileId: number;
  /** Undefined for a file that was made since. */
  readonly before: FileVersion | undefined;
  /** Lines that came back with an op from before all that this knows of. */
  readonly unknown = new Map<number, UnknownLine[]>();
  readonly #placed: PlacedBy[] = [];
  #ledger: LineLedger | undefined;
  /** Of the text that was there before bytes took its place. */
  #formerLedger: LineLedger | undefined;
  /** Who brought what has no lines to compare: bytes, or a text in their place. */
  #wholeBy: WorkKey | undefined;
  #isWholeUnattributed = false;
  #bytes: readonly string[] | undefined;
  /** As it is by now. */
  #after: VerifiedFile | undefined;

  private constructor(fileId: number, before: FileVersion | undefined) {
    this.fileId = fileId;
    this.before = before;
    if (typeof before?.content === 'string') this.#ledger = new LineLedger(before.content);
    else this.#bytes = before?.content;
  }

  /** A file of which nothing happened yet. */
  static unchanged(file: VerifiedFile): ChangedFile {
    return new ChangedFile(file.fileId, versionOf(file));
  }

  static made(fileId: number): ChangedFile {
    return new ChangedFile(fileId, undefined);
  }

  /** Takes an op on it; `author`: whose work that is, `after`: the file behind it. */
  take(op: OpRecord, author: WorkKey, after: VerifiedFile): void {
    this.#after = after;
    if (op.payload === '') {
      this.#takeChanges(op, author);
      return;
    }
    if (contentOf(op)) this.#takeContent(op, author, after);
    else if (op.changes.length > 0) this.#takeChanges(op, author);
    const place = placeIn(after);
    const last = this.#placed.at(-1)?.place ?? this.before?.place;
    if (!last || !isSamePlace(last, place)) this.#placed.push({ author, place });
  }

  /** As it would be if only these authors had done anything; undefined where it was not made then. */
  versionBy(authors: ReadonlySet<WorkKey>): FileVersion | undefined {
    const place =
      this.#placed.findLast(({ author }) => authors.has(author))?.place ?? this.before?.place;
    const content = this.#contentBy(authors);
    return place && { place: { ...place, otherEnds: this.#otherEndsIn(content) }, content };
  }

  /** Lines that were written since and are there now; bytes count as one. */
  authored(): readonly AuthoredLines[] {
    if (this.#ledger) return this.#ledger.authored();
    if (this.#wholeBy === undefined) return [];
    const isUnattributed = this.#isWholeUnattributed;
    return [{ author: this.#wholeBy, isUnattributed, firstLine: 0, lastLine: 0 }];
  }

  /** Whether it is a text now. */
  get isText(): boolean {
    return this.#ledger !== undefined;
  }

  /** A line of only some authors' text ends as it does in that of all. */
  #otherEndsIn(content: StoredContent): OtherEnds {
    const { content: all, otherEnds } = this.#after ?? { content: [], otherEnds: '' };
    if (otherEnds === '' || typeof content !== 'string' || !(all instanceof LineBuffer)) return '';
    const changes = minimalChanges(all.toText(), content);
    return followEnds(otherEnds, all.lineCount - 1, changes);
  }

  #contentBy(authors: ReadonlySet<WorkKey>): StoredContent {
    if (this.#wholeBy !== undefined && !authors.has(this.#wholeBy))
      return this.before?.content ?? '';
    return this.#ledger?.textOf(authors) ?? this.#bytes ?? '';
  }

  #takeChanges(op: OpRecord, author: WorkKey): void {
    const ledger = this.#ledger;
    if (!ledger) return;
    ledger.apply(op.changes, author, isUnattributed(op));
    const returned = returnedOf(op);
    if (returned.length === 0) return;
    const ranges = resultRanges(op.changes);
    for (const span of returned) {
      const change = op.changes[span.change]!;
      const start = placeOfReturned(span, change, ranges[span.change]!.start);
      const end = endOfInserted(start, textOf(span, change));
      const last = end.character === 0 ? Math.max(start.line, end.line - 1) : end.line;
      const unknown = ledger.giveBack(start.line, last);
      if (unknown.length === 0) continue;
      this.unknown.set(op.opSeq, [...(this.unknown.get(op.opSeq) ?? []), ...unknown]);
    }
  }

  #takeContent(op: OpRecord, author: WorkKey, { content }: VerifiedFile): void {
    const isNobodys = isUnattributed(op);
    if (!(content instanceof LineBuffer)) {
      this.#bytes = content;
      this.#formerLedger ??= this.#ledger;
      this.#ledger = undefined;
      this.#wholeBy = author;
      this.#isWholeUnattributed = isNobodys;
    } else if (this.#ledger ?? this.#formerLedger) {
      // What one save made bytes of is what it was: nothing came and went.
      this.#ledger ??= this.#formerLedger!;
      this.#formerLedger = undefined;
      this.#bytes = undefined;
      this.#wholeBy = undefined;
      this.#ledger.rewrite(content.toString(), author, isNobodys);
    } else {
      this.#ledger = LineLedger.begunBy(author, content.toString(), isNobodys);
      if (this.#bytes !== undefined) this.#wholeBy = author;
      this.#bytes = undefined;
    }
  }
}

export function versionOf(file: VerifiedFile): FileVersion {
  const { content } = file;
  return {
    place: placeIn(file),
    content: content instanceof LineBuffer ? content.toString() : content,
  };
}

function placeIn({ path, mode, eol, otherEnds, bom, deleted }: VerifiedFile): FilePlace {
  return { path, mode, eol, otherEnds, bom, deleted };
}

function isSamePlace(a: FilePlace, b: FilePlace): boolean {
  const isSameShape = a.mode === b.mode && a.eol === b.eol && a.bom === b.bom;
  return a.path === b.path && a.deleted === b.deleted && isSameShape;
}
