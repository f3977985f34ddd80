/**
 * Owns: what a person can do about the work of agents: see what nobody has looked at, keep it, take it back. Does not
 * know: how it is shown.
 */
import type { LineRange, Whose } from '../core/review.ts';
import { REVIEW_FILES } from '../core/review.ts';
import { REVIEWS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import type { StopListening } from '../world/listeners.ts';
import { WorldError } from '../world/world-error.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { RandomBytes } from '../world/uuid.ts';
import { type Decider, decidersOf } from './deciders.ts';
import { settlingOf } from './export-review.ts';
import { type FileDecision, fileDecision } from './file-decision.ts';
import type { FileReview } from './file-review.ts';
import {
  type AgentWork,
  partOf,
  type ReviewHunk,
  type ShownHunk,
  shownIn,
  sightOf,
} from './review-hunk.ts';
import { ReviewReader } from './review-reader.ts';
import { type AgentNode, entriesOf, type FileEntry, treeOf } from './review-tree.ts';
import { sendDecisions } from './send-decisions.ts';

/** What of all unreviewed work is meant: everything, where nothing is said. */
export interface ReviewSelection extends Whose {
  readonly fileId?: number | undefined;
  /** Only what stands on these lines of the newest text; needs a file. Whole changes are left out. */
  readonly lines?: LineRange | undefined;
}

/** A file in which agents did something that nobody has looked at. */
export interface ReviewedFile {
  readonly head: FileHead;
  /** Whose work it is. */
  readonly works: readonly AgentWork[];
  readonly hunks: readonly ReviewHunk[];
}

export interface DecisionOptions {
  /** What the agents are told. */
  readonly words?: string | undefined;
  /** When taking back: also what others wrote inside. */
  readonly withOthers?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DecisionResult<Hunk extends ShownHunk = ReviewHunk> {
  /** How many hunks were decided. */
  readonly decided: number;
  /** Those that are not any more as they were shown, or about which others decided first: to be looked at again. */
  readonly moved: readonly Hunk[];
  /** Who decided first about those, as far as that is known; the newest decision last. */
  readonly deciders: readonly Decider[];
  readonly refused: readonly RefusedFile[];
  /** Agents whom the world did not let be told, such as for want of room. */
  readonly untold: readonly IdentityHex[];
}

export interface RefusedFile {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export class Review {
  readonly #session: WorldSession;
  readonly #randomBytes: RandomBytes;
  readonly #reader: ReviewReader;

  constructor(session: WorldSession, randomBytes: RandomBytes) {
    this.#session = session;
    this.#randomBytes = randomBytes;
    this.#reader = new ReviewReader(session);
  }

  /** The ids of files in which there may be something to look at; known at once, and watched with `onChange`. */
  get fileIds(): readonly number[] {
    return [...this.#session.view.unreviewed.files.keys()];
  }

  /** There may be other things to look at in a file than before, since somebody wrote there or decided. */
  onChange(listener: (fileId: number) => void): StopListening {
    const { unreviewed, files } = this.#session.view;
    const stops = [
      unreviewed.files.onChange(({ before, after }) => listener((after ?? before)!.fileId)),
      files.onChange(({ after }) => {
        if (after && unreviewed.files.has(after.fileId)) listener(after.fileId);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /**
   * The files that have something to look at, by path, with their hunks. Rejects with `LinkFailure` when the
   * connection ends, with `WorldError` `upgrade_needed` in a world whose module keeps no reviews.
   */
  async files(
    selection: ReviewSelection = {},
    signal?: AbortSignal,
  ): Promise<readonly ReviewedFile[]> {
    await this.#demandReviews(signal);
    const fileIds = selection.fileId === undefined ? this.fileIds : [selection.fileId];
    const found: ReviewedFile[] = [];
    await this.#reader.each(fileIds, signal, (review, head) => {
      const hunks = selected(review, head, selection);
      if (hunks.length > 0) found.push({ head, works: worksOf(hunks), hunks });
    });
    return found.sort((a, b) => (a.head.path < b.head.path ? -1 : 1));
  }

  /**
   * The same by agent, turn and file. `onSettled` is told of files in which nothing is left, which the world cannot know
   * by itself. Rejects as `files` does.
   */
  async tree(
    signal?: AbortSignal,
    onSettled?: (settling: FileDecision) => void,
  ): Promise<readonly AgentNode[]> {
    await this.#demandReviews(signal);
    const entries: FileEntry[] = [];
    await this.#reader.each(this.fileIds, signal, (review, head) => {
      const own = entriesOf(review, head);
      entries.push(...own);
      if (!onSettled || own.length > 0) return;
      const settling = settlingOf(review, head);
      const { sinceSeq = 0 } = this.#session.view.unreviewed.files.get(head.fileId) ?? {};
      if (settling.upTo > sinceSeq) onSettled(settling);
    });
    return treeOf(entries);
  }

  /** The hunks of one file, whole changes first. */
  async hunks(fileId: number, whose: Whose = {}): Promise<readonly ReviewHunk[]> {
    const [file] = await this.files({ ...whose, fileId });
    return file?.hunks ?? [];
  }

  /** Says of hunks as they were shown that they stay. Rejects when the world cannot be reached. */
  keep<Hunk extends ShownHunk>(
    hunks: readonly Hunk[],
    options: DecisionOptions = {},
  ): Promise<DecisionResult<Hunk | ReviewHunk>> {
    return this.#decide('keep', hunks, options);
  }

  /**
   * Takes hunks back as they were shown, as the person's own work; what others wrote in them stays. The agents are
   * told by a message.
   */
  takeBack<Hunk extends ShownHunk>(
    hunks: readonly Hunk[],
    options: DecisionOptions = {},
  ): Promise<DecisionResult<Hunk | ReviewHunk>> {
    return this.#decide('take', hunks, options);
  }

  async #decide<Hunk extends ShownHunk>(
    does: 'keep' | 'take',
    hunks: readonly Hunk[],
    { words, ...more }: DecisionOptions,
  ): Promise<DecisionResult<Hunk | ReviewHunk>> {
    const options = { ...more, ...(words?.trim() && { words }) };
    await this.#demandReviews(options.signal);
    const moved: (Hunk | ReviewHunk)[] = [];
    const refused: RefusedFile[] = [];
    const done: FileDecision[] = [];
    const untold = new Set<IdentityHex>();
    for (const group of roundsOf(hunks)) {
      let open: readonly (Hunk | ReviewHunk)[] = group;
      let tries = 0;
      while (open.length > 0) {
        options.signal?.throwIfAborted();
        const { decisions, gone, rest } = await this.#newest(does, open, options);
        moved.push(...gone);
        const sent = await sendDecisions(this.#session, decisions, this.#randomBytes, options);
        done.push(...sent.done);
        for (const each of sent.untold) untold.add(each);
        const late = sent.late.flatMap((each) => each.hunks);
        for (const { decision, refusal } of sent.refused) {
          const { code, message } = refusal;
          refused.push({ path: decision.head.path, code, message });
        }
        // What somebody else wrote or decided in this very moment is looked at once more, and not for ever.
        if (late.length > 0) tries += 1;
        if (tries > ATTEMPTS) moved.push(...late);
        open = tries > ATTEMPTS ? rest : [...late, ...rest];
      }
    }
    const decided = done.reduce((sum, each) => sum + each.hunks.length, 0);
    const link = moved.length > 0 && (await this.#session.whenOnline(options.signal));
    const deciders = link ? await decidersOf(link, this.#session.view, moved) : [];
    return { decided, moved, deciders, refused, untold: [...untold] };
  }

  /** What is to be done about hunks as they stand by now, file by file, and those that are not there any more. */
  async #newest<Hunk extends ShownHunk>(
    does: 'keep' | 'take',
    hunks: readonly Hunk[],
    options: DecisionOptions,
  ): Promise<{
    readonly decisions: readonly FileDecision[];
    readonly gone: readonly Hunk[];
    /** More than one decision names. */
    readonly rest: readonly ReviewHunk[];
  }> {
    const gone: Hunk[] = [];
    const rest: ReviewHunk[] = [];
    const decisions: FileDecision[] = [];
    const byFile = Map.groupBy(hunks, (hunk) => hunk.fileId);
    // With as few questions as can be; each by itself is then up to date.
    await this.#reader.each(byFile.keys(), options.signal, () => undefined);
    for (const [fileId, shown] of byFile) {
      const review = await this.#reader.read(fileId);
      const head = this.#session.view.files.get(fileId);
      const newest = review && head ? review.hunksToTake(head, shown[0]!.whose) : [];
      const found = shown.flatMap((hunk) => {
        const same = review && sameHunk(hunk, newest, review);
        if (!same) gone.push(hunk);
        return same ? [same] : [];
      });
      if (!review || !head || found.length === 0) continue;
      const wish = { does, hunks: found, options };
      const decision = await fileDecision(this.#session, review, head, wish);
      const now = new Set(decision.hunks);
      rest.push(...found.filter((hunk) => !now.has(hunk)));
      decisions.push(decision);
    }
    return { decisions, gone, rest };
  }

  async #demandReviews(signal: AbortSignal | undefined): Promise<void> {
    const { moduleLevel } = await this.#session.whenOnline(signal);
    if (moduleLevel >= REVIEWS_LEVEL) return;
    const why = 'this world keeps no reviews; an owner can bring its module up to date';
    throw new WorldError('refused', `upgrade_needed: ${why}`);
  }
}

/** A call decides about a file once, and about so many. */
function* roundsOf<Hunk extends ShownHunk>(hunks: readonly Hunk[]): Generator<readonly Hunk[]> {
  const byWhose = Map.groupBy(hunks, ({ whose }) => `${whose.agent} ${whose.turn}`);
  for (const same of byWhose.values()) {
    const files = [...Map.groupBy(same, ({ fileId }) => fileId).values()];
    for (let at = 0; at < files.length; at += REVIEW_FILES) {
      yield files.slice(at, at + REVIEW_FILES).flat();
    }
  }
}

function selected(
  review: FileReview,
  head: FileHead,
  { agent, turn, lines }: ReviewSelection,
): readonly ReviewHunk[] {
  const hunks = review.hunks(head, { agent, turn });
  if (!lines) return hunks;
  return hunks.flatMap((hunk) => {
    return (hunk.tag === 'text' && partOf(hunk, review.text, lines)) || [];
  });
}

/** The hunk as it stands by now, if it is as it was shown. */
export function sameHunk(
  shown: ShownHunk,
  newest: readonly ReviewHunk[],
  review: Pick<FileReview, 'text'>,
): ReviewHunk | undefined {
  for (const hunk of newest) {
    if (shown.tag === 'text' && hunk.tag === 'text') {
      const found = shownIn(hunk, review.text, shown);
      if (found) return found;
    } else if (shown.tag === 'whole' && hunk.tag === 'whole') {
      if (sightOf(hunk) === sightOf(shown)) return hunk;
    }
  }
  return undefined;
}

function worksOf(hunks: readonly ReviewHunk[]): readonly AgentWork[] {
  const works = hunks.flatMap((hunk) => hunk.works);
  return [...new Map(works.map((work) => [`${work.agent} ${work.turn}`, work])).values()];
}

const ATTEMPTS = 5;
