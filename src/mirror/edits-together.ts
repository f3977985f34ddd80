/**
 * Owns: sending edits of many files in few calls, one after the other: a world lets who sends without waiting
 * for answers wait behind everybody else. Does not know: how a call is made, what an edit is.
 *
 * A batch is one ticket if one of its edits is in conflict. So only edits of files that nobody has changed, as
 * far as is known, go together; where one was changed in that moment all the same, or is refused, each goes by
 * itself.
 */
import type { SubmittedOp } from '../core/op.ts';
import { RETURNED_PER_CALL } from '../core/returned-text.ts';
import { CallSize } from '../world/call-size.ts';
import type { Verdict } from './mirror-world.ts';

/**
 * While somebody else edits: who types waits for the call that is under way. A call of the fewest takes about five
 * milliseconds of a world's time, one of the most ten. How long an answer takes tells little of that while this
 * process is busy itself. Of a call of fewer edits more than a third is what any call costs a world and everybody
 * who is told, and who types waits for all of that, too.
 */
const EDITS = { least: 10, most: 20 } as const;
/** While nobody does: who begins to type waits for such a call once. */
const EDITS_ALONE = 40;
/** Who has edited so lately goes on. */
const PRESENT_MS = 1000;
const MOST_CHARACTERS = 64 * 1024;

export interface EditCalls {
  /** The verdicts in the order of the edits; undefined where each is to be sent by itself. */
  together(ops: readonly SubmittedOp[]): Promise<readonly Verdict[] | undefined>;
  /** `newId`: another id than it has, which may be that of an edit in a batch that is given up. */
  alone(op: SubmittedOp, newId?: NewOpId): Promise<Verdict>;
  /** Calls with each file that is edited, whoever does it, until the returned function is called. */
  onEdit(listener: (fileId: number) => void): () => void;
  readonly nowMs: () => number;
}

/** Gives an op another id, and resolves once that will be known whatever happens. */
export type NewOpId = () => Promise<string>;

interface Waiting {
  readonly op: SubmittedOp;
  readonly newId: NewOpId;
  readonly answer: PromiseWithResolvers<Verdict>;
}

export class EditsTogether {
  readonly #calls: EditCalls;
  readonly #size = new CallSize(EDITS);
  #waiting: Waiting[] = [];
  #isSending = false;
  /** The files of the call that is under way, and of the one before: of these it is told late somewhere. */
  #own: readonly ReadonlySet<number>[] = [];
  #othersMs = -Infinity;

  constructor(calls: EditCalls) {
    this.#calls = calls;
  }

  send(op: SubmittedOp, newId: NewOpId): Promise<Verdict> {
    const answer = Promise.withResolvers<Verdict>();
    this.#waiting.push({ op, newId, answer });
    if (!this.#isSending) void this.#sendAll();
    return answer.promise;
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    const stopListening = this.#calls.onEdit((fileId) => this.#heardOf(fileId));
    // What comes in this turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#sendNext(this.#take());
    stopListening();
    this.#isSending = false;
  }

  #heardOf(fileId: number): void {
    if (!this.#own.some((files) => files.has(fileId))) this.#othersMs = this.#calls.nowMs();
  }

  get #most(): number {
    const areOthersThere = this.#calls.nowMs() - this.#othersMs < PRESENT_MS;
    return areOthersThere ? this.#size.count : EDITS_ALONE;
  }

  /** One edit of each file at most: a second one would be one of the first one's result. */
  #take(): readonly Waiting[] {
    const most = this.#most;
    const files = new Set<number>();
    const taken: Waiting[] = [];
    let characters = 0;
    let pieces = 0;
    for (const each of this.#waiting) {
      const { fileId, changes, returned = [] } = each.op;
      characters += changes.reduce((sum, { text }) => sum + text.length, 0);
      pieces += returned.length;
      const isMuch = characters > MOST_CHARACTERS || pieces > RETURNED_PER_CALL;
      const isFull = taken.length === most || isMuch;
      if (taken.length > 0 && (isFull || files.has(fileId))) break;
      files.add(fileId);
      taken.push(each);
    }
    this.#waiting = this.#waiting.slice(taken.length);
    this.#own = [files, ...this.#own.slice(0, 1)];
    return taken;
  }

  async #sendNext(edits: readonly Waiting[]): Promise<void> {
    try {
      const ops = edits.map(({ op }) => op);
      const isMany = edits.length > 1;
      const sentMs = this.#calls.nowMs();
      const verdicts = isMany ? await this.#calls.together(ops) : undefined;
      const isOfThatSize = edits.length <= this.#size.count;
      if (verdicts && isOfThatSize) this.#size.took(edits.length, this.#calls.nowMs() - sentMs);
      for (const [index, { op, newId, answer }] of edits.entries()) {
        const verdict = verdicts?.[index];
        answer.resolve(verdict ?? (await this.#calls.alone(op, isMany ? newId : undefined)));
      }
    } catch (error) {
      for (const { answer } of edits) answer.reject(error);
    }
  }
}
