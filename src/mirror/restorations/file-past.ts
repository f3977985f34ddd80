import type { Changes } from '../../core/change.ts';
import type { Intent } from '../../core/op.ts';
import type { Origin } from '../../core/origin.ts';
import { Text } from '../../core/text.ts';
import { isThere, type Strand } from '../../core/strand.ts';
import { WovenText } from '../../core/woven-text.ts';

/** An op that made a version of a file, as far as judging needs it. */
export interface PastOp {
  /** The version that it made. */
  readonly version: number;
  /** The author is who answers for it: for what nobody is named for, whose folder it came from. */
  readonly origin: Origin;
  readonly intent: Intent;
  /** Empty where it brought a whole content. */
  readonly changes: Changes;
  readonly isWhole: boolean;
}

/** Whether what was deleted at the upper and at the lower border of lines belongs to them. */
export type Border = 'both' | 'above' | 'below' | 'none';

export function hasAbove(border: Border): boolean {
  return border === 'both' || border === 'above';
}

/**
 * All texts that a file had from one version on, and whose work lies between them: what was deleted
 * stays at its place, so a version costs what was changed by it.
 */
export class FilePast {
  readonly firstVersion: number;
  /** Who made the first version as a whole; undefined where that is not known. */
  readonly firstOrigin: Origin | undefined;
  /** What it takes in memory, about. */
  bytes: number;
  readonly #woven: WovenText;
  readonly #ops: PastOp[];
  /** The versions that ops made, by the ops' numbers. */
  readonly #versions: Map<number, number>;

  static of(text: Text, version: number, firstOrigin?: Origin): FilePast {
    const bytes = LINE_BYTES * text.lineCount + 2 * text.length;
    return new FilePast({ version, origin: firstOrigin }, WovenText.of(text), [], new Map(), bytes);
  }

  private constructor(
    first: { readonly version: number; readonly origin: Origin | undefined },
    woven: WovenText,
    ops: PastOp[],
    versions: Map<number, number>,
    bytes: number,
  ) {
    this.firstVersion = first.version;
    this.firstOrigin = first.origin;
    this.#woven = woven;
    this.#ops = ops;
    this.#versions = versions;
    this.bytes = bytes;
  }

  /** The newest version. */
  get version(): number {
    return this.firstVersion + this.#ops.length;
  }

  /** Takes the op that made the next version. Throws RangeError for one that does not fit. */
  add(op: PastOp): void {
    if (op.version !== this.version + 1) {
      throw new RangeError(`version ${op.version} does not follow ${this.version}`);
    }
    this.#woven.apply(op.changes, op.origin);
    this.#ops.push(op);
    this.#versions.set(op.origin.opSeq, op.version);
    this.bytes += op.changes.reduce((sum, { text }) => sum + 2 * text.length + STRAND_BYTES, 0);
  }

  /** A past that goes its own way. */
  clone(): FilePast {
    const { firstVersion: version, firstOrigin: origin, bytes } = this;
    const ops = [...this.#ops];
    return new FilePast(
      { version, origin },
      this.#woven.clone(),
      ops,
      new Map(this.#versions),
      bytes,
    );
  }

  /** The op that made a version; undefined for the first one and for those before. */
  op(version: number): PastOp | undefined {
    return this.#ops[version - this.firstVersion - 1];
  }

  text(): Text {
    return Text.of(this.#woven.toString());
  }

  /** True for the text of the newest version. */
  isAt(text: Text): boolean {
    if (text.lineCount !== this.lineCount) return false;
    let number = 0;
    for (const line of text.lines()) {
      if (this.#line(number++) !== line) return false;
    }
    return true;
  }

  get lineCount(): number {
    return this.#woven.lines().length;
  }

  /**
   * What stands in some lines of the newest version, and what was deleted in them. What was deleted
   * where they begin, or behind them, belongs to them or to their neighbours: `border` says.
   */
  strands(from: number, to: number, border: Border = 'both'): readonly Strand[] {
    const found: Strand[] = [];
    for (let line = from; line < to; line++) this.#addLine(line, found);
    const isWithBelow = border === 'both' || border === 'below';
    const begin = hasAbove(border) ? 0 : this.goneBefore(from).length;
    // Between no lines there is one border only.
    if (from === to && border !== 'both') return [];
    if (isWithBelow) found.push(...this.goneBefore(to));
    return begin > 0 ? found.slice(begin) : found;
  }

  /** What was deleted where a line begins. */
  goneBefore(line: number): readonly Strand[] {
    const woven = this.#woven.lines()[line];
    if (woven === undefined || typeof woven === 'string') return [];
    const first = woven.findIndex(isThere);
    return first < 0 ? woven : woven.slice(0, first);
  }

  /** True for lines that never changed since the first version, nor anything between them. */
  isUntouched(line: number): boolean {
    return typeof this.#woven.lines()[line] === 'string';
  }

  /** Who put a strand in. */
  madeBy({ insertedBy }: Strand): Origin | undefined {
    return insertedBy ?? this.firstOrigin;
  }

  /** The version at which a strand came, and at which it went; the first version, and infinity. */
  cameAt({ insertedBy }: Strand): number {
    return insertedBy ? this.#versions.get(insertedBy.opSeq)! : this.firstVersion;
  }

  wentAt({ deletedBy }: Strand): number {
    return deletedBy ? this.#versions.get(deletedBy.opSeq)! : Number.POSITIVE_INFINITY;
  }

  wasThere(strand: Strand, version: number): boolean {
    return this.cameAt(strand) <= version && version < this.wentAt(strand);
  }

  /** The text of strands at a version. */
  textAt(strands: readonly Strand[], version: number): string {
    let text = '';
    for (const strand of strands) if (this.wasThere(strand, version)) text += strand.text;
    return text;
  }

  /** Without its line end. */
  #line(number: number): string {
    const woven = this.#woven.lines()[number]!;
    if (typeof woven === 'string') return woven;
    const line = woven.map((strand) => (isThere(strand) ? strand.text : '')).join('');
    return line.endsWith('\n') ? line.slice(0, -1) : line;
  }

  #addLine(line: number, found: Strand[]): void {
    const woven = this.#woven.lines()[line]!;
    if (typeof woven !== 'string') {
      for (const strand of woven) found.push(strand);
      return;
    }
    const text = line === this.lineCount - 1 ? woven : `${woven}\n`;
    if (text !== '') found.push({ text, insertedBy: undefined, deletedBy: undefined });
  }
}

const LINE_BYTES = 32;
const STRAND_BYTES = 160;
