import type { Hash } from '../core/hash.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { type MemberPayload, type PolicyPayload, readPayload } from '../core/op-payload.ts';
import {
  type LogFault,
  type LogHead,
  LogVerifier,
  type PartSource,
  type VerifiedFile,
} from '../core/verify-log.ts';
import { decidesNothing, isReviewDecision } from '../core/review.ts';
import { isTurnMark } from '../core/turn-mark.ts';
import { answersFor } from '../core/unattributed.ts';
import { ChangedFile } from './changed-file.ts';
import type { WorkKey, WorkOf } from './work-key.ts';

/** What somebody did in a range of ops, or answers for. */
export interface Deeds {
  readonly firstSeq: number;
  lastMicros: bigint;
  readonly files: Set<number>;
}

/** A conflict that was decided: where, how and by whom. */
export interface Decision {
  readonly fileId: number;
  readonly author: IdentityHex;
  readonly resolution: string;
}

/** Somebody kept what agents did to a file, of which they had seen ops up to this one. */
export interface KeptWork {
  readonly fileId: number;
  readonly author: IdentityHex;
  /** Whose work; undefined for all agents'. */
  readonly agent: IdentityHex | undefined;
  readonly seenSeq: number;
}

/** What the history says of a turn: by which client, and what that showed of it. */
export interface BegunTurn {
  readonly client: string;
  readonly title: string;
}

/** The newest op that an export is about. */
export interface Mark {
  readonly opSeq: number;
  readonly chainHash: Uint8Array;
  readonly madeAtMicros: bigint;
}

/**
 * A world's history as an export sees it: folded and verified from its first op, and told apart by
 * files and authors behind the op `after`.
 */
export class ExportFold {
  #after: number;
  readonly #log: LogVerifier;
  readonly #changed = new Map<number, ChangedFile>();
  readonly #living = new Map<string, number>();
  readonly #lastPaths = new Map<number, string>();
  /** Every path at which the world ever had a file: what is there is the world's to say. */
  readonly owned = new Set<string>();
  /** As they were at the mark: what comes after it is no matter of the export. */
  readonly members = new Map<IdentityHex, MemberPayload>();
  /** In the order in which they began. */
  readonly deeds = new Map<WorkKey, Deeds>();
  /** How turns began, by their numbers. */
  readonly turns = new Map<number, BegunTurn>();
  readonly decisions: Decision[] = [];
  /** What people kept of agents' work behind `after`, also behind the mark. */
  #kept: KeptWork[] = [];
  #mark: Mark | undefined;
  #settings: PolicyPayload | undefined;
  #laterMembers: MemberPayload[] = [];
  #laterDecisions: Decision[] = [];
  #firstActor: IdentityHex | undefined;
  readonly #workOf: WorkOf;

  constructor(hash: Hash, parts: PartSource, after: number, workOf: WorkOf = answersFor) {
    this.#after = after;
    this.#workOf = workOf;
    this.#log = new LogVerifier(hash, parts);
  }

  /** The op behind which files and authors are told apart. */
  get after(): number {
    return this.#after;
  }

  /** The world's name and rules at the mark. */
  get settings(): PolicyPayload | undefined {
    return this.#settings;
  }

  /** The newest op of all that were taken. */
  get head(): LogHead {
    return this.#log.head;
  }

  /** The newest op that changed a file, or that was given to `markHere`. */
  get mark(): Mark | undefined {
    return this.#mark;
  }

  /** Who sent the first op of the range. */
  get firstActor(): IdentityHex | undefined {
    return this.#firstActor;
  }

  /** Files that something happened to behind `after`, in the order of their ids. */
  get changed(): readonly ChangedFile[] {
    return [...this.#changed.values()].sort((a, b) => a.fileId - b.fileId);
  }

  /** Takes the next op; its fault if it does not fit. */
  take(op: OpRecord): LogFault | undefined {
    const isOfFile = op.fileId > 0 && changesFile(op);
    if (isOfFile && op.opSeq > this.#after) this.#remember(op.fileId);
    const fault = this.#log.add(op);
    if (fault) return fault;
    if (op.kind === 'member') this.#laterMembers.push(readPayload('member', op.payload));
    if (op.kind === 'resolve' && op.opSeq > this.#after) this.#decide(op);
    if (op.kind === 'note') {
      this.#beginTurn(op);
      this.#keep(op);
    }
    if (isOfFile) this.#follow(op);
    return undefined;
  }

  /** Ends the range here although no file changed, as a named point does. */
  markHere({ opSeq, chainHash, madeAtMicros }: OpRecord): void {
    this.#mark = { opSeq, chainHash, madeAtMicros };
    this.#settings = this.#log.settings;
    for (const member of this.#laterMembers) this.members.set(member.identity, member);
    this.decisions.push(...this.#laterDecisions);
    this.#laterMembers = [];
    this.#laterDecisions = [];
  }

  /** What people kept of the work that the range is about, in the order in which they did. */
  get kept(): readonly KeptWork[] {
    return this.#kept.filter(({ seenSeq, fileId }) => {
      return seenSeq > this.#after && this.#changed.has(fileId);
    });
  }

  /** Everybody who came in until now, also behind the mark. */
  get everybody(): ReadonlyMap<IdentityHex, MemberPayload> {
    const later = this.#laterMembers.map((member) => [member.identity, member] as const);
    return new Map([...this.members, ...later]);
  }

  /** Checks what only the end shows. */
  finish(): LogFault | undefined {
    return this.#log.finish();
  }

  /** All files that are there now, by their paths. */
  *living(): Generator<readonly [path: string, file: VerifiedFile]> {
    for (const [path, fileId] of this.#living) yield [path, this.#log.file(fileId)!];
  }

  fileAt(path: string): VerifiedFile | undefined {
    const fileId = this.#living.get(path);
    return fileId === undefined ? undefined : this.#log.file(fileId);
  }

  file(fileId: number): VerifiedFile | undefined {
    return this.#log.file(fileId);
  }

  /** Paths at which something may be another than at the beginning of the range. */
  touchedPaths(): ReadonlySet<string> {
    const paths = new Set<string>();
    for (const { fileId, before } of this.#changed.values()) {
      if (before) paths.add(before.place.path);
      paths.add(this.#log.file(fileId)!.path);
    }
    return paths;
  }

  /** Somebody has lines in the range that came back with another's op: they have done something, too. */
  credit(author: IdentityHex, { opSeq, fileId, madeAtMicros }: OpRecord): void {
    const deeds = this.deeds.get(author);
    if (deeds) deeds.files.add(fileId);
    else {
      const files = new Set([fileId]);
      this.deeds.set(author, { firstSeq: opSeq, lastMicros: madeAtMicros, files });
    }
  }

  /** Begins a new range behind the newest op that changed a file. */
  beginRange(): void {
    this.#after = this.#mark?.opSeq ?? this.#after;
    this.#changed.clear();
    this.deeds.clear();
    this.decisions.length = 0;
    this.#kept = this.#kept.filter(({ seenSeq }) => seenSeq > this.#after);
    this.#firstActor = undefined;
  }

  #remember(fileId: number): void {
    if (this.#changed.has(fileId)) return;
    const known = this.#log.file(fileId);
    this.#changed.set(fileId, known ? ChangedFile.unchanged(known) : ChangedFile.made(fileId));
  }

  #follow(op: OpRecord): void {
    const file = this.#log.file(op.fileId);
    if (!file) return;
    this.markHere(op);
    if (op.payload !== '') this.#placeAt(file);
    if (op.opSeq <= this.#after) return;
    const work = this.#workOf(op);
    this.#changed.get(op.fileId)!.take(op, work, file);
    this.#firstActor ??= op.actor;
    const deeds = this.deeds.get(work);
    const { madeAtMicros: lastMicros } = op;
    if (deeds) deeds.lastMicros = lastMicros;
    else this.deeds.set(work, { firstSeq: op.opSeq, lastMicros, files: new Set() });
    this.deeds.get(work)!.files.add(op.fileId);
  }

  #placeAt({ fileId, path, deleted }: VerifiedFile): void {
    this.owned.add(path);
    const before = this.#lastPaths.get(fileId);
    if (before !== undefined && this.#living.get(before) === fileId) this.#living.delete(before);
    this.#lastPaths.set(fileId, path);
    if (!deleted) this.#living.set(path, fileId);
  }

  #beginTurn({ opSeq, payload }: OpRecord): void {
    const { mark } = readPayload('note', payload);
    if (mark?.does !== 'begin' || !isTurnMark(mark)) return;
    const { client, title } = mark;
    this.turns.set(opSeq, { client, title });
  }

  #keep({ fileId, author, payload }: OpRecord): void {
    const { review } = readPayload('note', payload);
    if (review?.does !== 'keep' || !isReviewDecision(review) || decidesNothing(review)) return;
    const { agent, seenSeq } = review;
    if (seenSeq > this.#after) this.#kept.push({ fileId, author, agent, seenSeq });
  }

  #decide(op: OpRecord): void {
    const { resolution, isSettled } = readPayload('resolve', op.payload);
    if (isSettled) return;
    this.#laterDecisions.push({ fileId: op.fileId, author: op.author, resolution });
  }
}

/** True for ops after which a file is another, or elsewhere. */
export function changesFile(op: Pick<OpRecord, 'kind' | 'changes' | 'payload'>): boolean {
  switch (op.kind) {
    case 'create':
    case 'edit':
    case 'rename':
    case 'delete':
    case 'restore':
    case 'mode':
      return true;
    case 'resolve':
      return op.changes.length > 0 || hasEffect(op.payload);
    case 'conflict':
    case 'member':
    case 'policy':
    case 'checkpoint':
    case 'note':
      return false;
  }
}

/** Of a payload that cannot be read whoever verifies the op will tell. */
function hasEffect(payload: string): boolean {
  try {
    return readPayload('resolve', payload).effect !== undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return true;
    throw error;
  }
}
