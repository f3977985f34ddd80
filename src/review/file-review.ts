/**
 * Owns: what agents did to one file that nobody has decided about, folded from its ops as they come. Does not know:
 * how ops and texts are read, or how a decision is sent.
 */
import { type Changes, replace } from '../core/change.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { contentOf, makesVersion, readPayload } from '../core/op-payload.ts';
import { type Origin, Originator } from '../core/origin.ts';
import { type LineRange, type ReviewDecision, type WholeKind, type Whose } from '../core/review.ts';
import type { PutBackQuestion } from '../core/put-back.ts';
import { type DecidedLines, ReviewText } from '../core/review-text.ts';
import { Text } from '../core/text.ts';
import { turnOf } from '../core/turn.ts';
import type { FileHead } from '../world/world-rows.ts';
import { type KeptOp, keptOp } from './kept-op.ts';
import {
  type AgentWork,
  type HunkPlace,
  type ReviewHunk,
  textHunk,
  type TextHunk,
  type WholeChange,
  type WholeHunk,
} from './review-hunk.ts';
import { isWorkOf, sightsBehind, type WorkOf } from './same-sight.ts';
import { type WholeDeed, wholeDeedOf } from './whole-deed.ts';

/** What a decision is about, before it is sent. */
export interface Decided extends Whose {
  readonly lines: readonly LineRange[];
  readonly whole: readonly WholeKind[];
}

/** Since when a file is looked at. */
export interface ReviewStart {
  readonly fileId: number;
  readonly sinceSeq: number;
  readonly sinceVersion: number;
}

/** An op that was taken in, and the text that it left, where it brought a whole content. */
interface TakenOp {
  readonly op: KeptOp;
  readonly whole: Text | undefined;
}

/** What takes back, one edit on top of the other, and who does that. */
export interface PlannedEdits {
  readonly edits: readonly Changes[];
  readonly author: IdentityHex;
}

/** An agent's op on the file as a whole. */
interface WholeOp {
  readonly opSeq: number;
  /** Of the file after it. */
  readonly version: number;
  readonly deed: WholeDeed;
}

/** So many lines of a text take about as much room as an op. */
const LINES_PER_OP = 16;

/** So many ops are tried, the newest first, from which a file might be read on. */
const TRIES = 3;

/** So many ops are folded again for that, in all tries together: a window takes no keys meanwhile. */
const MOST_AGAIN = 250;

/** The number of what is worked out before it is sent: it comes after all else. */
const PLANNED = Number.MAX_SAFE_INTEGER;

export class FileReview {
  readonly #start: ReviewStart;
  readonly #isAgent: (identity: IdentityHex) => boolean;
  readonly #originator = new Originator();
  readonly #works = new Map<number, AgentWork>();
  readonly #wholeOps: WholeOp[] = [];
  readonly #decisions: ReviewDecision[] = [];
  /**
   * The calls by which something was taken back, each with the number of the op that decided it: what they put in its
   * place is no word of anybody's.
   */
  readonly #takings = new Map<string, number>();
  /** The ops that they put it back with, and of which decision each is. */
  readonly #restoring = new Map<number, number>();
  readonly #putBack: PutBackQuestion = {
    isTaken: ({ opSeq }) => this.#works.has(opSeq),
    isRestoring: ({ opSeq }) => opSeq === PLANNED || this.#restoring.has(opSeq),
  };
  readonly #workOf: WorkOf = (opSeq) => this.#works.get(opSeq);
  /** In order; those before the newest whole content without what they did to the text. */
  readonly #ops: TakenOp[] = [];
  /** How many of them brought a whole content or came before it, and how many lines its text has. */
  #whole = { count: 0, lines: 0 };
  /** Versions that brought a whole new content. */
  readonly #contents: number[] = [];
  #text: ReviewText;
  /** What was shown of the file as it is, by whose work was asked for: whoever looks asks over and over. */
  #shown:
    { readonly head: FileHead; readonly hunks: Map<string, readonly ReviewHunk[]> } | undefined;
  #version: number;
  #changedSeq = 0;

  /** `base` is the text at the start; empty where the file was not there yet, or was no text. */
  constructor(start: ReviewStart, base: Text, isAgent: (identity: IdentityHex) => boolean) {
    this.#start = start;
    this.#isAgent = isAgent;
    this.#text = ReviewText.of(base, this.#putBack);
    this.#version = start.sinceVersion;
  }

  get fileId(): number {
    return this.#start.fileId;
  }

  get version(): number {
    return this.#version;
  }

  /** The newest op that was taken in. */
  get lastSeq(): number {
    return this.#ops.at(-1)?.op.opSeq ?? this.#start.sinceSeq;
  }

  /** The newest op that changed the file, of those that were taken in; 0 where none did. */
  get changedSeq(): number {
    return this.#changedSeq;
  }

  get text(): Text {
    return this.#text.text;
  }

  /** How much it keeps, in ops; a text is so much, too. */
  get size(): number {
    const lines = this.text.lineCount + this.#whole.lines;
    return this.#ops.length + this.#text.size + lines / LINES_PER_OP;
  }

  /**
   * The same for whoever begins behind an op, up to which nothing is to be looked at: what came by then is text from
   * before. All begin there, those that have followed the file and those that read it first, so all see the same.
   * Never behind the newest op that was taken in: the world may have settled more than was read by now, and what is not
   * read yet comes with the next reading.
   */
  settled(upTo: number): FileReview {
    const sinceSeq = Math.min(upTo, this.lastSeq);
    if (sinceSeq <= this.#start.sinceSeq) return this;
    const count = this.#ops.findLastIndex(({ op }) => op.opSeq <= sinceSeq) + 1;
    const sinceVersion = this.#ops[count - 1]?.op.version ?? this.#start.sinceVersion;
    // Where a whole content comes it makes no difference what was there before.
    const base = count < this.#whole.count ? Text.of('') : this.#text.textAt(sinceSeq);
    const start = { fileId: this.fileId, sinceSeq, sinceVersion };
    const review = new FileReview(start, base, this.#isAgent);
    for (const { op, whole } of this.#ops.slice(count)) review.#take(op, whole);
    return review;
  }

  /** True for an op whose text has to be read before it can be taken in. */
  static needsText(op: Pick<OpRecord, 'kind' | 'payload'>): boolean {
    return op.kind === 'create' || contentOf(op) !== undefined;
  }

  /** Takes the op that comes next; `whole` is the text that it left, where it brought a whole content. */
  add(op: OpRecord, whole?: Text): void {
    if (op.opSeq > this.#start.sinceSeq) this.#take(keptOp(op), whole);
  }

  #take(op: KeptOp, whole: Text | undefined): void {
    const origin = this.#originator.originOf(op);
    this.#shown = undefined;
    this.#ops.push({ op, whole });
    if (op.kind === 'note') {
      const { review } = readPayload('note', op.payload);
      if (review) this.#decide(review, op);
      return;
    }
    const decision = this.#takings.get(op.batchId);
    if (decision !== undefined) this.#restoring.set(op.opSeq, decision);
    if (op.kind === 'conflict') return;
    const isWork = this.#isAgent(op.author) && this.#isAgent(origin.author);
    if (isWork) {
      this.#works.set(op.opSeq, { agent: origin.author, turn: turnOf(op) });
      const deed = wholeDeedOf(op);
      if (deed) this.#wholeOps.push({ opSeq: op.opSeq, version: op.version, deed });
    }
    if (!makesVersion(op)) return;
    this.#version = op.version;
    this.#changedSeq = op.opSeq;
    this.#change(op, origin, whole);
  }

  #change(op: KeptOp, origin: Origin, whole: Text | undefined): void {
    const { version } = op;
    if (FileReview.needsText(op)) this.#forgetTexts(whole);
    if (op.kind === 'create') {
      const changes = wholeText(whole ?? Text.of(''));
      this.#text.add({ origin, version, changes });
    } else if (contentOf(op)) {
      // What was replaced as a whole left nothing before it to be looked at.
      this.#contents.push(version);
      this.#text = ReviewText.of(whole ?? Text.of(''), this.#putBack);
    } else {
      const decision = this.#restoring.get(op.opSeq);
      this.#text.add({ origin, version, changes: op.changes, decision });
    }
  }

  /** What was there before a whole content is asked for no more. */
  #forgetTexts(whole: Text | undefined): void {
    const last = this.#ops.length - 1;
    for (let index = Math.max(0, this.#whole.count - 1); index < last; index++) {
      const { op } = this.#ops[index]!;
      this.#ops[index] = { op: { ...op, changes: [] }, whole: undefined };
    }
    this.#whole = { count: last + 1, lines: whole?.lineCount ?? 0 };
  }

  #decide(review: ReviewDecision, { opSeq, batchId }: KeptOp): void {
    this.#decisions.push(review);
    let decision = opSeq;
    if (review.does === 'take') {
      decision = this.#takings.get(batchId) ?? opSeq;
      this.#takings.set(batchId, decision);
    }
    const { version } = review;
    for (const each of this.#linesOf(review, { version, decision })) this.#text.decide(each);
  }

  #linesOf(
    decided: Decided,
    about: Pick<DecidedLines, 'version' | 'decision'>,
  ): readonly DecidedLines[] {
    const isDecided = this.#isWorkOf(decided);
    const isWork = this.#isWorkOf({});
    return decided.lines.map(([startLine, endLine]) => {
      return { ...about, startLine, endLine, isDecided, isWork };
    });
  }

  /** True for what is to be looked at of somebody's. */
  #isWorkOf(whose: Whose): (origin: { readonly opSeq: number }) => boolean {
    return isWorkOf(this.#workOf, whose);
  }

  /** Whose work came up to an op, whether or not anything is left of it. */
  agentsUpTo(upTo: number): readonly IdentityHex[] {
    const agents = new Set<IdentityHex>();
    for (const [opSeq, { agent }] of this.#works) {
      if (opSeq <= upTo) agents.add(agent);
    }
    return [...agents];
  }

  /** Who has something to look at in this file. */
  works(head: FileHead): readonly AgentWork[] {
    const found = new Map<string, AgentWork>();
    for (const hunk of this.hunks(head, {})) {
      for (const work of hunk.works) found.set(`${work.agent} ${work.turn}`, work);
    }
    return [...found.values()];
  }

  /**
   * What is to be looked at of somebody's, whole changes first, then from the first line on. Of a file that is gone
   * there are no lines to look at.
   */
  hunks(head: FileHead, whose: Whose): readonly ReviewHunk[] {
    if (this.#shown?.head !== head) this.#shown = { head, hunks: new Map() };
    const { hunks } = this.#shown;
    const key = `${whose.agent} ${whose.turn}`;
    const known = hunks.get(key);
    if (known) return known;
    const all = this.#isEverything(whose)
      ? this.hunks(head, {}).map((hunk) => ({ ...hunk, whose: this.#place(whose).whose }))
      : [...this.#wholeHunks(head, whose, []), ...this.#textHunks(head, whose)];
    hunks.set(key, all);
    return all;
  }

  /** True for one agent, or one turn, where nobody else did anything: mostly there is no other. */
  #isEverything(whose: Whose): boolean {
    if (whose.agent === undefined && whose.turn === undefined) return false;
    const isWork = this.#isWorkOf(whose);
    return [...this.#works.keys()].every((opSeq) => isWork({ opSeq }));
  }

  /** The same for whoever takes it back, with where each text stood that would come back. */
  hunksToTake(head: FileHead, whose: Whose): readonly ReviewHunk[] {
    return [...this.#wholeHunks(head, whose, []), ...this.#textHunks(head, whose, true)];
  }

  #textHunks(head: FileHead, whose: Whose, withSources = false): readonly TextHunk[] {
    if (head.deleted || head.kind === 'binary') return [];
    const place = this.#place(whose);
    const plans = this.#text.hunks(this.#isWorkOf(whose), { withSources });
    return plans.map((plan) => textHunk(place, this.text, plan, (seq) => this.#works.get(seq)));
  }

  /**
   * The newest op of the file, of those that were seen, up to which nothing is left to look at once something more was
   * decided, after which the file is so; 0 where the first thing is still there. What takes back may bring something to
   * be looked at. Whoever begins behind that op sees what is seen now.
   */
  settledBy(
    head: FileHead,
    decided: Decided,
    { seenSeq, version }: Pick<HunkPlace, 'seenSeq' | 'version'>,
    planned?: PlannedEdits,
  ): number {
    const text = this.#afterwards(decided, version, planned);
    const left = [
      ...(head.deleted ? [] : text.hunks(this.#isWorkOf({}))),
      ...this.#wholeHunks(head, {}, [{ ...decided, seenSeq }]),
    ];
    let first = Math.min(Infinity, ...left.map(({ firstSeq }) => firstSeq));
    const pairs = text.inseparable(this.#isWorkOf({})).toSorted(([a], [b]) => b - a);
    for (const [earlier, later] of pairs) {
      if (earlier < first && first <= later) first = earlier;
    }
    const seen = this.#ops.filter(({ op }) => op.opSeq < first && op.opSeq <= seenSeq);
    if (left.length === 0) return seen.at(-1)?.op.opSeq ?? 0;
    let again = 0;
    for (let count = seen.length, tries = 0; count > 0 && tries < TRIES; count >>= 1, tries++) {
      again += this.#ops.length - count;
      if (again > MOST_AGAIN) return 0;
      const upTo = seen[count - 1]!.op.opSeq;
      const sights = sightsBehind(text, upTo, this.#workOf);
      if (sights === undefined) continue;
      const begun = this.settled(upTo);
      const afterwards = begun.#afterwards(decided, version, planned);
      if (sightsBehind(afterwards, upTo, begun.#workOf) === sights) return upTo;
    }
    return 0;
  }

  #afterwards(decided: Decided, version: number, planned: PlannedEdits | undefined): ReviewText {
    const text = this.#text.decided(this.#linesOf(decided, { version, decision: PLANNED }));
    for (const [at, changes] of planned?.edits.entries() ?? []) {
      const { author } = planned!;
      const origin = { opSeq: PLANNED, author, madeAtMicros: 0n, isImported: false };
      const made = this.#version + at + 1;
      text.add({ origin, version: made, changes, decision: PLANNED });
    }
    return text;
  }

  #place(whose: Whose): HunkPlace {
    const { agent, turn } = whose;
    return {
      fileId: this.fileId,
      whose: { ...(agent !== undefined && { agent }), ...(turn !== undefined && { turn }) },
      seenSeq: this.lastSeq,
      version: this.#version,
    };
  }

  #wholeHunks(
    head: FileHead,
    whose: Whose,
    more: readonly (Decided & { readonly seenSeq: number })[],
  ): readonly WholeHunk[] {
    const isWork = this.#isWorkOf(whose);
    const open = this.#wholeOps.filter(({ deed: { kind }, opSeq }) => {
      if (!isWork({ opSeq })) return false;
      return ![...this.#decisions, ...more].some((decision) => {
        const isAbout = decision.whole.includes(kind) && opSeq <= decision.seenSeq;
        return isAbout && this.#isWorkOf(decision)({ opSeq });
      });
    });
    return WHOLE_ORDER.flatMap((kind) => {
      const own = open.filter(({ deed }) => deed.kind === kind);
      const change = own.length > 0 ? this.#changeOf(own, head) : undefined;
      if (!change) return [];
      const works = new Map(
        own.map(({ opSeq }) => [JSON.stringify(this.#works.get(opSeq)), this.#works.get(opSeq)!]),
      );
      const [firstSeq, lastSeq] = [own[0]!.opSeq, own.at(-1)!.opSeq];
      const about = { works: [...works.values()], firstSeq, lastSeq };
      return [{ ...this.#place(whose), ...about, tag: 'whole', change } as const];
    });
  }

  /** What is left of such changes in the file as it is; undefined where it is as it was before them. */
  #changeOf(ops: readonly WholeOp[], head: FileHead): WholeChange | undefined {
    const [first, last] = [ops[0]!.deed, ops.at(-1)!.deed];
    switch (first.kind) {
      case 'created':
        return head.deleted ? undefined : { kind: first.kind };
      case 'deleted': {
        const isDeleted = last.kind === 'deleted' && last.isDeleted;
        const wasDeleted = !first.isDeleted;
        const isStill = head.deleted === isDeleted && isDeleted !== wasDeleted;
        return isStill ? { kind: first.kind, isDeleted } : undefined;
      }
      case 'renamed': {
        const { kind, from } = first;
        const to = last.kind === 'renamed' ? last.to : first.to;
        return to === head.path && from !== to && !head.deleted ? { kind, from, to } : undefined;
      }
      case 'mode': {
        const { kind, before } = first;
        const areEndsSame = [undefined, head.otherEnds].includes(before.otherEnds);
        const isSame =
          before.mode === head.mode && before.eol === head.eol && before.bom === head.bom;
        if ((isSame && areEndsSame) || head.deleted) return undefined;
        return { kind, before, version: ops[0]!.version };
      }
      case 'content': {
        if (head.deleted) return undefined;
        const own = new Set(ops.map(({ version }) => version));
        const newest = ops.at(-1)!.version;
        const isReplaced = this.#contents.some((each) => each > newest && !own.has(each));
        if (isReplaced) return undefined;
        const isBuiltOn = head.version > newest;
        return { kind: first.kind, beforeVersion: ops[0]!.version - 1, isBuiltOn };
      }
    }
  }
}

const WHOLE_ORDER: readonly WholeKind[] = ['created', 'deleted', 'renamed', 'mode', 'content'];

function wholeText(text: Text): Changes {
  const start = { line: 0, character: 0 };
  return text.length === 0 ? [] : [replace(start, start, text.toString())];
}
