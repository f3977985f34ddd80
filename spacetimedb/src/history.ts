import { errors } from 'spacetimedb/server';
import { CHAIN_START } from '../../src/core/chain.ts';
import type { Changes } from '../../src/core/change.ts';
import type { Limits } from '../../src/core/limits.ts';
import { readLimits } from '../../src/core/limits.ts';
import type { Intent, OpKind } from '../../src/core/op.ts';
import type { PolicyMode } from '../../src/core/policy.ts';
import { storedBytes } from '../../src/core/quota.ts';
import { SIZES } from '../../src/core/sizes.ts';
import { turnOf, withTurn } from '../../src/core/turn.ts';
import { isAgentWork, payloadOfWork } from './agent-work.ts';
import { turnOfConnection } from './call-turn.ts';
import type { Who } from './caller.ts';
import { chainHasher } from './hash.ts';
import { moduleOpId } from './ids.ts';
import { noteLineEnds } from './line-ends.ts';
import { OpPages } from './op-pages.ts';
import { demand, Refusal } from './refusal.ts';
import { openReview } from './review-table.ts';
import { Usage } from './usage.ts';
import type { Context, Row } from './world.ts';

/** What an op says of itself; its number, time and chain hash come from the history. */
export interface OpDraft {
  readonly opId: string;
  readonly batchId: string;
  readonly fileId: number;
  readonly version: number;
  readonly kind: OpKind;
  readonly author: Who;
  readonly expectedBaseVersion: number;
  readonly carriedFrom: number;
  readonly intent: Intent;
  readonly changes: Changes;
  readonly payload: string;
  readonly overlaps: readonly number[];
  readonly overwrote: readonly number[];
  readonly firstLine: number;
  readonly lastLine: number;
  readonly lineDelta: number;
  readonly payloadHash: Uint8Array;
  readonly beforeHash: Uint8Array;
  readonly afterHash: Uint8Array;
}

/** What remains to be said of an op that is about no file. */
export interface FilelessDraft extends Pick<OpDraft, 'opId' | 'kind' | 'author' | 'payload'> {
  /** Of what was asked for, where the caller named the op and may ask again. */
  readonly payloadHash?: Uint8Array;
}

export type Outcome = 'applied' | 'rebased' | 'ticket' | 'held' | 'duplicate';

/** The world's history during one reducer call: appends ops, and writes the new head once. */
export class History {
  readonly #ctx: Context;
  readonly #actor: Who;
  readonly #workspace: Row<'workspace'>;
  readonly limits: Limits;
  readonly nowMicros: bigint;
  #headSeq: number;
  #headChainHash: Uint8Array;
  #usage: Usage | undefined;
  /** All ops of a call may be one batch. */
  #loggedBytes = 0;
  /** Looked up when the first op is written. */
  #turn: { readonly of: number | undefined } | undefined;
  #isDecision = false;
  #pages: OpPages | undefined;

  private constructor(
    ctx: Context,
    actor: Who,
    workspace: Row<'workspace'>,
    head: Row<'log_head'>,
  ) {
    this.#ctx = ctx;
    this.#actor = actor;
    this.#workspace = workspace;
    this.limits = limitsOf(workspace.limits);
    this.nowMicros = ctx.timestamp.microsSinceUnixEpoch;
    this.#headSeq = head.opSeq;
    this.#headChainHash = head.chainHash;
  }

  static open(ctx: Context, actor: Who): History {
    const workspace = ctx.db.workspace.id.find(WORKSPACE_ID);
    const head = ctx.db.log_head.id.find(LOG_HEAD_ID);
    if (!workspace || !head) throw new Error('the world has no workspace row or no head');
    return new History(ctx, actor, workspace, head);
  }

  get policyMode(): PolicyMode {
    return this.#workspace.policyMode as PolicyMode;
  }

  get workspace(): Row<'workspace'> {
    return this.#workspace;
  }

  /** The number that the next op will have. */
  get nextSeq(): number {
    return this.#headSeq + 1;
  }

  /** An id for an op that no caller named, valid for the next one only. */
  nextModuleOpId(): string {
    return moduleOpId(this.nowMicros, this.nextSeq);
  }

  /** Writes an op and returns its number. Refuses with `op_id_reused`, or with `quota_exceeded`. */
  append(asDrafted: OpDraft): number {
    const { draft, opensReview } = this.#toReview(this.#inTurn(asDrafted));
    const opSeq = this.nextSeq;
    this.#usage ??= Usage.after(this.#ctx.db, this.#head);
    const bytes = storedBytes(draft);
    if (!this.#isDecision) this.#usage.demandRoom(draft, this.#actor, bytes);
    const chainHash = chainHasher.link(this.#headChainHash, {
      ...draft,
      opSeq,
      actor: this.#actor.hex,
      author: draft.author.hex,
      madeAtMicros: this.nowMicros,
    });
    this.#loggedBytes += chainHasher.opBytes;
    // A history that nobody could restore would be none.
    const fits = this.#loggedBytes <= SIZES.batchLog;
    demand(fits, 'too_large', 'what this call adds to the history is too long');
    const row = {
      ...draft,
      opSeq,
      actor: this.#actor.identity,
      author: draft.author.identity,
      madeAt: this.#ctx.timestamp,
      chainHash,
    } as unknown as Row<'file_op'>;
    try {
      this.#ctx.db.file_op.insert(row);
    } catch (error) {
      if (!(error instanceof errors.UniqueAlreadyExists)) throw error;
      throw new Refusal('op_id_reused', 'another op has this id');
    }
    this.#usage.add({ ...draft, opSeq }, this.#actor, bytes);
    this.#pages ??= OpPages.after(this.#ctx.db, this.#head);
    this.#pages.add({ ...draft, opSeq, chainHash });
    this.#headSeq = opSeq;
    this.#headChainHash = chainHash;
    if (opensReview) openReview(this.#ctx.db, { ...draft, opSeq });
    noteLineEnds(this.#ctx.db, draft);
    return opSeq;
  }

  /** An op names the turn of its caller's session, unless its call has named one. */
  #inTurn(draft: OpDraft): OpDraft {
    if (!TURN_KINDS.has(draft.kind)) return draft;
    this.#turn ??= { of: turnOfConnection(this.#ctx, this.#actor) };
    if (this.#turn.of === undefined || turnOf(draft) !== undefined) return draft;
    return { ...draft, payload: withTurn(draft.payload, this.#turn.of) };
  }

  /** What an agent does is to be looked at: the first op that a file has of it says so. */
  #toReview(draft: OpDraft): { readonly draft: OpDraft; readonly opensReview: boolean } {
    const { db } = this.#ctx;
    if (!isAgentWork(this.#ctx, draft, this.#actor)) return { draft, opensReview: false };
    const opensReview = !db.unreviewed_file.fileId.find(draft.fileId);
    return { draft: { ...draft, payload: payloadOfWork(db, draft, opensReview) }, opensReview };
  }

  /** Writes an op that is about no file, such as one about a member, and returns its number. */
  appendFileless(draft: FilelessDraft): number {
    return this.append({
      ...NO_TEXT,
      payloadHash: NO_HASH,
      ...draft,
      batchId: draft.opId,
      fileId: 0,
      version: 0,
      beforeHash: NO_HASH,
      afterHash: NO_HASH,
    });
  }

  /** What follows decides what is open: it is never refused for want of room. */
  decides(): void {
    this.#isDecision = true;
  }

  /** Tells the caller what became of an op. */
  tell(opId: string, outcome: Outcome, opSeq: number, version: number, ticketId = 0): void {
    const actor = this.#actor.identity;
    this.#ctx.db.op_outcome.insert({ opId, actor, outcome, opSeq, version, ticketId });
  }

  /** Writes the head; once at the end of a call, together with other changes of the workspace. */
  close(changes?: Partial<Row<'workspace'>>): void {
    const { db } = this.#ctx;
    if (changes) db.workspace.id.update({ ...this.#workspace, ...changes });
    db.log_head.id.update({ id: LOG_HEAD_ID, ...this.#head });
    this.#pages?.keep(this.#head);
    this.#usage?.keep(this.#head);
  }

  /** Files that are there; all that ever were in a world that is not counted yet. */
  get fileCount(): number {
    this.#usage ??= Usage.after(this.#ctx.db, this.#head);
    return this.#usage.files ?? Number(this.#ctx.db.file_head.count());
  }

  get #head(): { readonly opSeq: number; readonly chainHash: Uint8Array } {
    return { opSeq: this.#headSeq, chainHash: this.#headChainHash };
  }
}

/** What is done to files; what is said and set by the way is no work of a turn. */
const TURN_KINDS: ReadonlySet<OpKind> = new Set([
  'create',
  'edit',
  'rename',
  'delete',
  'restore',
  'mode',
  'conflict',
  'resolve',
]);

export const WORKSPACE_ID = 1;
export const LOG_HEAD_ID = 1;

/** Where the history of a new world begins. */
export const NO_OPS: Row<'log_head'> = { id: LOG_HEAD_ID, opSeq: 0, chainHash: CHAIN_START };

/** A draft's columns for an op that has no text, such as one about a member. */
export const NO_TEXT = {
  expectedBaseVersion: 0,
  carriedFrom: 0,
  intent: 'patch',
  changes: [],
  overlaps: [],
  overwrote: [],
  firstLine: 0,
  lastLine: 0,
  lineDelta: 0,
} as const;

export const NO_HASH: Uint8Array = new Uint8Array(0);

/** Limits are read with every call and change almost never. */
export function limitsOf(json: string): Limits {
  if (lastLimits?.json !== json) {
    const limits = readLimits(json);
    if (!limits) throw new Error('the limits of the world cannot be read');
    lastLimits = { json, limits };
  }
  return lastLimits.limits;
}

let lastLimits: { readonly json: string; readonly limits: Limits } | undefined;
