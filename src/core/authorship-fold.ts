import type { AuthoredLine } from './authored-line.ts';
import { AuthorshipPast } from './authorship-past.ts';
import { Authorship } from './authorship.ts';
import { resultRanges } from './change.ts';
import type { OpRecord } from './op.ts';
import { contentOf, keptOf, returnedOf } from './op-payload.ts';
import { type Origin, Originator } from './origin.ts';
import { lineEnds } from './position.ts';
import {
  type KeptLines,
  placeOfReturned,
  RETURNED_VERSIONS,
  type ReturnedText,
  textOf,
} from './returned-text.ts';

/** What authorship needs of an op. */
export type AuthoredOp = Pick<
  OpRecord,
  | 'opSeq'
  | 'opId'
  | 'batchId'
  | 'kind'
  | 'fileId'
  | 'version'
  | 'author'
  | 'madeAtMicros'
  | 'payload'
  | 'changes'
>;

/** A text of a file, and what it was before. */
interface AuthoredText {
  readonly authorship: Authorship;
  readonly past: AuthorshipPast;
}

/** Who wrote one file, op by op in order from the one that created it. Other files' ops pass by. */
export class FileAuthorship {
  readonly fileId: number;
  readonly #originator = new Originator();
  /** The last text that the file had. */
  #text: AuthoredText | undefined;
  #textVersion = 0;
  #isText = false;

  constructor(fileId: number) {
    this.fileId = fileId;
  }

  /** Undefined before the file was made, and while it is binary. */
  get current(): Authorship | undefined {
    return this.#isText ? this.#text?.authorship : undefined;
  }

  /** Takes the next op. Throws RangeError for changes that leave the text: an op before was missing. */
  add(op: AuthoredOp): void {
    if (op.fileId !== this.fileId) return;
    const origin = this.#originator.originOf(op);
    const content = contentOf(op);
    if (content) {
      this.#isText = content.kind === 'text';
      if (this.#isText) this.#begin(op, content.lineCount, origin);
    } else if (this.#isText && this.#text && op.kind !== 'conflict') {
      if (op.changes.length > 0) this.#edit(this.#text, op, origin);
      this.#textVersion = op.version;
    }
  }

  #begin(op: AuthoredOp, lineCount: number, origin: Origin): void {
    const ends = this.#endsOf(keptOf(op), lineCount);
    this.#text = {
      authorship: ends
        ? Authorship.ofKept(lineCount, origin, ends)
        : Authorship.of(lineCount, origin),
      past: new AuthorshipPast(op.version),
    };
    this.#textVersion = op.version;
  }

  #endsOf(kept: KeptLines | undefined, lineCount: number) {
    const before = this.#text?.authorship;
    if (!before || !kept || kept.version !== this.#textVersion) return undefined;
    const { first, last } = kept;
    const count = before.lineCount;
    if (first + last > Math.min(count, lineCount)) return undefined;
    return { first: before.lines(0, first), last: before.lines(count - last, count) };
  }

  #edit({ authorship, past }: AuthoredText, op: AuthoredOp, origin: Origin): void {
    const returned = returnedOf(op);
    // Who wrote it then is read before the op moves everything.
    const lines = returned.map((span) => linesOf(span, op, authorship, past));
    authorship.apply(op.changes, origin, (splice) => past.add(op.version, splice));
    if (returned.length === 0) return;
    const ranges = resultRanges(op.changes);
    for (const [index, span] of returned.entries()) {
      const before = lines[index];
      if (!before) continue;
      const change = op.changes[span.change]!;
      authorship.giveBack(
        placeOfReturned(span, change, ranges[span.change]!.start),
        textOf(span, change),
        { lines: before, character: span.fromCharacter },
      );
    }
  }
}

/** The lines that a text came from; undefined for what makes no sense. */
function linesOf(
  span: ReturnedText,
  op: AuthoredOp,
  authorship: Authorship,
  past: AuthorshipPast,
): readonly AuthoredLine[] | undefined {
  const change = op.changes[span.change];
  const isKept = span.version < op.version && span.version >= op.version - RETURNED_VERSIONS;
  if (!change || !isKept) return undefined;
  const last = span.fromLine + lineEnds(textOf(span, change));
  return past.linesAt(span.version, span.fromLine, last, (start, end) =>
    authorship.lines(start, end),
  );
}

/** Who wrote the files of a world, from its whole log in order. */
export class WorldAuthorship {
  readonly #files = new Map<number, FileAuthorship>();

  add(op: AuthoredOp): void {
    if (op.fileId === 0) return;
    let file = this.#files.get(op.fileId);
    if (!file) this.#files.set(op.fileId, (file = new FileAuthorship(op.fileId)));
    file.add(op);
  }

  /** Undefined for a file that was never made, or is binary. */
  ofFile(fileId: number): Authorship | undefined {
    return this.#files.get(fileId)?.current;
  }
}

/**
 * Who wrote a file as it was after op `upToSeq`, from its ops in order, the first one included (of
 * other files there may be some between). No snapshot is needed: the text itself plays no part.
 */
export function authorshipOfFile(
  ops: Iterable<AuthoredOp>,
  fileId: number,
  upToSeq = Number.MAX_SAFE_INTEGER,
): Authorship | undefined {
  const file = new FileAuthorship(fileId);
  for (const op of ops) {
    if (op.opSeq > upToSeq) break;
    file.add(op);
  }
  return file.current;
}
