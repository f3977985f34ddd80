import { type Changes, resultRanges } from '../../src/core/change.ts';
import type { IdentityHex, SubmittedOp } from '../../src/core/op.ts';
import type { FileKind } from '../../src/core/op-payload.ts';
import { type LineReach, reachOf, sideOfReach } from '../../src/core/line-reach.ts';
import type { LineRange } from '../../src/core/map-position.ts';
import { mapLineRange } from '../../src/core/map-position.ts';
import { utf8Length } from '../../src/core/path.ts';
import { type CommittedChanges, crossingOf } from '../../src/core/policy.ts';
import { rebase } from '../../src/core/rebase.ts';
import type { Text } from '../../src/core/text.ts';
import { type Meter, textUnits } from '../../src/core/work.ts';

/** Somebody's claim on lines of a file, in the coordinates of its head. */
export interface Claim extends LineRange {
  readonly lockId: number;
  readonly holder: IdentityHex;
  readonly expiresAtMicros: bigint;
}

/** A file's head as a batch finds it. */
export interface OpenFile {
  readonly fileId: number;
  readonly path: string;
  readonly version: number;
  readonly kind: FileKind;
  readonly deleted: boolean;
  readonly byteLength: number;
  readonly text: Text;
  readonly claims: readonly Claim[];
}

/** An op of a file's history, as far as judging others needs it. */
export interface CommittedOp extends CommittedChanges {
  readonly version: number;
  readonly actor: IdentityHex;
  readonly madeAtMicros: bigint;
  readonly beforeHash: Uint8Array;
  /** The whole content was replaced: nothing can be moved over this op. */
  readonly replacesAll: boolean;
}

/** How a file's text changes in one step. */
export interface TextStep {
  readonly changes: Changes;
  readonly text: Text;
  readonly byteLength: number;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly lineDelta: number;
}

/** A reach, and the ops whose it is. */
interface KnownReach {
  readonly ops: readonly CommittedChanges[];
  readonly reach: LineReach;
}

/** The state of one file while the ops of a batch are applied to it one after the other. */
export class FileWork {
  readonly file: OpenFile;
  readonly baseVersion: number;
  /** Ops between the author's base and the head, moved along over the batch's own ops. */
  between: readonly CommittedChanges[];
  /** When the author's side last knew everything: the time of the first op it had not seen. */
  readonly unseenSinceMicros: bigint | undefined;
  readonly unseenCount: number;
  readonly baseText: Text;
  /** The text as the author sees it; ops are checked against it. */
  authorText: Text;
  text: Text;
  byteLength: number;
  claims: readonly Claim[];
  /** Ops of the batch on this file, as sent. */
  readonly ops: SubmittedOp[] = [];
  /** What was done to the head, one entry an op. */
  readonly steps: Changes[] = [];
  /** Nothing can be moved from this base to the head. */
  readonly isStale: boolean;
  /** How far the batch's own ops so far can have moved lines. */
  ownShift = 0;
  readonly #meter: Meter;
  #betweenReach: KnownReach | undefined;
  #carriedReach: (KnownReach & { readonly ownShift: number }) | undefined;

  constructor(
    file: OpenFile,
    base: {
      readonly version: number;
      readonly text: Text;
      readonly between: readonly CommittedOp[];
      readonly isStale: boolean;
    },
    meter: Meter,
  ) {
    this.#meter = meter;
    this.file = file;
    this.baseVersion = base.version;
    this.between = base.between;
    this.unseenSinceMicros = base.between[0]?.madeAtMicros;
    this.unseenCount = file.version - base.version;
    this.baseText = base.text;
    this.authorText = base.text;
    this.isStale = base.isStale;
    this.text = file.text;
    this.byteLength = file.byteLength;
    this.claims = file.claims;
  }

  /** Moves on in the author's text by an op, and moves what the author has not seen along. */
  advanceAuthor(changes: Changes): void {
    const isAtHead = this.between.length === 0 && this.steps.at(-1) === changes;
    if (!isAtHead) this.#meter.spend(textUnits(changes.length, this.authorText.groups.length));
    this.authorText = isAtHead ? this.text : this.authorText.apply(changes);
    const { shift, lineDelta } = reachOf([{ changes }]);
    this.ownShift += shift;
    const side = sideOfReach(changes, this.reachOfBetween());
    if (side === 'below' || (side === 'above' && lineDelta === 0)) return;
    let own = changes;
    this.between = this.between.map((other) => {
      // Each side is moved over the other.
      this.#meter.spend(2 * crossingOf(own, other.changes));
      const moved = rebase(other.changes, own, 'before');
      own = rebase(own, other.changes, 'after');
      return moved === other.changes ? other : { opSeq: other.opSeq, changes: moved };
    });
  }

  /** Worked out once for as long as the batch's own ops move none of them. */
  reachOfBetween(): LineReach {
    if (this.#betweenReach?.ops !== this.between) {
      this.#betweenReach = { ops: this.between, reach: reachOf(this.between) };
    }
    return this.#betweenReach.reach;
  }

  /**
   * How far the ops of others among the carried reach, and by how much those of the author can have
   * moved lines. Worked out once: most ops of a batch were carried over the same others.
   */
  reachOfCarried(carried: readonly CommittedOp[], author: IdentityHex) {
    if (this.#carriedReach?.ops !== carried) {
      const reach = reachOf(carried.filter(({ actor }) => actor !== author));
      const { shift } = reachOf(carried.filter(({ actor }) => actor === author));
      this.#carriedReach = { ops: carried, reach, ownShift: shift };
    }
    return this.#carriedReach;
  }

  /** Moves on in the head's text by changes that were judged. */
  advanceHead(changes: Changes): TextStep {
    this.#meter.spend(textUnits(changes.length, this.text.groups.length));
    const step = stepOf(this.text, this.byteLength, changes);
    this.text = step.text;
    this.byteLength = step.byteLength;
    this.steps.push(changes);
    if (this.claims.length > 0) {
      this.#meter.spend(this.claims.length * (1 + changes.length));
      this.claims = this.claims.map((claim) => ({ ...claim, ...mapLineRange(claim, changes) }));
    }
    return step;
  }
}

/** The result of applying changes that lie inside `base`. */
export function stepOf(base: Text, byteLength: number, changes: Changes): TextStep {
  const text = base.apply(changes);
  let bytes = byteLength;
  for (const change of changes) bytes += utf8Length(change.text) - deletedBytes(base, change);
  const ranges = changes.length > 0 ? resultRanges(changes) : [];
  return {
    changes,
    text,
    byteLength: bytes,
    firstLine: ranges[0]?.start.line ?? 0,
    lastLine: ranges.at(-1)?.end.line ?? 0,
    lineDelta: text.lineCount - base.lineCount,
  };
}

function deletedBytes(base: Text, change: Changes[number]): number {
  const { startLine, startCharacter, endLine, endCharacter } = change;
  if (startLine === endLine && startCharacter === endCharacter) return 0;
  return utf8Length(
    base.slice(
      { line: startLine, character: startCharacter },
      { line: endLine, character: endCharacter },
    ),
  );
}
