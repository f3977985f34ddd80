import type { ExportMode, UnreviewedExport } from '../core/git-point.ts';
import type { Hash } from '../core/hash.ts';
import type { OpRecord } from '../core/op.ts';
import { readPayload } from '../core/op-payload.ts';
import { answersFor } from '../core/unattributed.ts';
import type { LogFault, LogHead, LogPart, VerifiedFile } from '../core/verify-log.ts';
import { proposeMessage, withTrailers } from './commit-message.ts';
import {
  authorsOf,
  commitReviews,
  peopleOf,
  plannedFile,
  secondsOf,
  storyOf,
  tracesOf,
  trailersAt,
  unreviewedWork,
  wholeTree,
} from './commit-parts.ts';
import { ExportFold, type Mark } from './export-fold.ts';
import { nameReturned } from './name-returned.ts';
import { planByWork } from './plan-by-work.ts';
import type { PlannedCommit, PlannedFile } from './planned-commit.ts';
import { workInTurn } from './work-key.ts';

/** What is to be written out, of which ops, and how. */
export interface ExportRange {
  readonly mode: ExportMode;
  /** The ops that the commits tell of: after the first number, up to the second. */
  readonly after: number;
  readonly upTo: number;
  /** Empty for the proposed one. */
  readonly message: string;
  /** Up to this op, which is none before `upTo`, people are named who reviewed; undefined for nobody. */
  readonly reviewedUpTo?: number | undefined;
  /** What agents did in it and nobody has looked at. */
  readonly unreviewed?: UnreviewedExport | undefined;
}

/** The parts of a history that planning reads. */
export interface PlanSource {
  ops(signal?: AbortSignal): AsyncIterable<readonly OpRecord[]>;
  readonly partOf: (key: string) => LogPart | undefined;
}

/** How a file's bytes are made of what a history keeps; a port, since the core has no encoder. */
export type BytesOf = (file: VerifiedFile, partOf: PlanSource['partOf']) => Uint8Array;

/** What planning found out when it came to the end. */
export interface PlannedRange {
  /** The newest op that the commits hold. */
  readonly mark: Mark | undefined;
  /** The newest op that was read. */
  readonly head: LogHead;
  readonly epoch: string;
  readonly world: string;
}

/** The history does not verify. */
export class PlanFault extends Error {
  readonly fault: LogFault;

  constructor(fault: LogFault) {
    super(`op ${fault.opSeq} does not fit: ${fault.kind}`);
    this.name = 'PlanFault';
    this.fault = fault;
  }
}

/**
 * Makes commits of a history: a pure function of it and of the range, whoever runs it and wherever.
 * Each commit is to be used before the next one is asked for, and none for good before the end, where
 * all is verified. Throws `PlanFault`.
 */
export async function* planExport(
  source: PlanSource,
  range: ExportRange,
  tools: { readonly hash: Hash; readonly bytesOf: BytesOf; readonly signal?: AbortSignal },
): AsyncGenerator<PlannedCommit, PlannedRange> {
  const workOf = range.mode === 'turns' ? workInTurn : answersFor;
  const fold = new ExportFold(tools.hash, source.partOf, range.after, workOf);
  const bytesOf = (file: VerifiedFile): Uint8Array => tools.bytesOf(file, source.partOf);
  const namesReviewers = range.reviewedUpTo !== undefined;
  // Nothing changes a file between the two: the range ends with its last change.
  const upTo = range.reviewedUpTo ?? range.upTo;
  const planner = new RangePlanner(fold, bytesOf, range);
  for await (const ops of source.ops(tools.signal)) {
    for (const op of ops) {
      if (op.opSeq > upTo) break;
      const fault = fold.take(op);
      if (fault) throw new PlanFault(fault);
      const note = op.kind === 'note' ? readPayload('note', op.payload) : undefined;
      if (note?.note === 'base') fold.markHere(op);
      const isCut = note?.note === 'checkpoint' && range.mode === 'checkpoints';
      if (!isCut || op.opSeq <= range.after) continue;
      fold.markHere(op);
      await nameReturned(source, fold, tools.signal);
      yield planner.commit(note.text);
    }
    if (fold.head.opSeq >= upTo) break;
  }
  await nameReturned(source, fold, tools.signal);
  if (range.mode === 'authors' || range.mode === 'turns') {
    const { mode: by, message: said, unreviewed } = range;
    yield* planByWork(fold, { by, said, namesReviewers, unreviewed }, bytesOf);
  } else if (planner.hasMore) yield planner.commit(range.message);
  // After the last commit, which git takes in meanwhile; before anything is made of it.
  const fault = fold.finish();
  if (fault) throw new PlanFault(fault);
  const { worldEpoch: epoch = '', name: world = '' } = fold.settings ?? {};
  return { mark: fold.mark, head: fold.head, epoch, world };
}

/** True where some of these files changed; of more than are named nobody knows. */
function touches(fold: ExportFold, { files, fileIds }: UnreviewedExport): boolean {
  return files > fileIds.length || fold.changed.some(({ fileId }) => fileIds.includes(fileId));
}

/** Commits of everybody's work together, each up to some point. */
class RangePlanner {
  readonly #fold: ExportFold;
  readonly #bytesOf: (file: VerifiedFile) => Uint8Array;
  readonly #range: ExportRange;
  #isFirst = true;

  constructor(fold: ExportFold, bytesOf: (file: VerifiedFile) => Uint8Array, range: ExportRange) {
    this.#fold = fold;
    this.#bytesOf = bytesOf;
    this.#range = range;
  }

  /** Whether there is something behind the last commit. */
  get hasMore(): boolean {
    return this.#isFirst || (this.#fold.mark?.opSeq ?? 0) > this.#fold.after;
  }

  /** All up to here; `said` is what somebody calls it, or empty. */
  commit(said: string): PlannedCommit {
    const fold = this.#fold;
    const isWhole = this.#isFirst;
    const files = isWhole ? wholeTree(fold, this.#bytesOf) : this.#touchedFiles();
    const people = peopleOf(fold);
    const traces = tracesOf(fold, fold.changed);
    const { author, others } = authorsOf(fold, traces, people);
    const proposed = said.trim() === '' ? proposeMessage(storyOf(fold, fold.changed)) : said;
    const { reviewedUpTo, mode, unreviewed: left } = this.#range;
    const reviews = reviewedUpTo === undefined ? undefined : commitReviews(fold, fold.changed);
    // Of several commits those tell of it that have some of these files.
    const isAbout = mode === 'one' || (left !== undefined && touches(fold, left));
    const unreviewed = isAbout ? unreviewedWork(fold, left) : undefined;
    const message = withTrailers(proposed, {
      ...trailersAt(fold),
      coAuthors: others,
      reviewers: reviews?.people ?? [],
      ...(unreviewed && { unreviewed }),
    });
    const seconds = secondsOf(fold.mark?.madeAtMicros ?? 0n);
    this.#isFirst = false;
    fold.beginRange();
    const times = { authorSeconds: seconds, committerSeconds: seconds };
    const told = { ...(reviews && { reviews }), ...(unreviewed && { unreviewed }) };
    return { author, ...times, message, isWhole, files, people, traces, ...told };
  }

  #touchedFiles(): Map<string, PlannedFile | undefined> {
    const files = new Map<string, PlannedFile | undefined>();
    for (const path of [...this.#fold.touchedPaths()].sort()) {
      const file = this.#fold.fileAt(path);
      files.set(path, file && plannedFile(file, this.#bytesOf));
    }
    return files;
  }
}
