import type { OpKind } from '../../src/core/op.ts';
import { canonicalJson, type ProposalKind, type TicketReason } from '../../src/core/op-payload.ts';
import { authorOf, type Caller, demandScope, writerOf } from './caller.ts';
import { demandNewCall, rememberSettled } from './call-memory.ts';
import { type ClaimedPlace, demandPathsFree } from './claimed-paths.ts';
import { type FileEffect, headAfter } from './file-effect.ts';
import { committedOps } from './file-texts.ts';
import { hashText } from './hash.ts';
import { History, NO_TEXT, type OpDraft } from './history.ts';
import { demandOpId } from './ids.ts';
import { answerAgain } from './known-op.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { rulesFor } from './rules.ts';
import { insertSnapshot } from './snapshots.ts';
import { openFileTicket } from './tickets.ts';
import { forgetRanges } from './tracked-ranges.ts';
import type { Context, Row } from './world.ts';

/** What every call about a whole file names. */
export interface FileCallArguments {
  readonly opId: string;
  readonly author: string;
  readonly fileId: number;
  readonly expectedBaseVersion: number;
}

/** A file and who asks for something to be done to it. */
export interface FileCall {
  readonly caller: Caller;
  readonly history: History;
  readonly head: Row<'file_head'>;
}

/** What becomes of such a call. */
export type FileDecision =
  | { readonly tag: 'nothing' }
  | { readonly tag: 'apply'; readonly effect: FileEffect; readonly payload: object }
  | {
      readonly tag: 'ticket';
      readonly reason: TicketReason;
      readonly overlapping: readonly number[];
      readonly payload: object;
    };

/**
 * Runs a call about a whole file: answers a retry, checks who asks, lets `decide` say what becomes
 * of it, and writes the op or the ticket. `sent` is what a retry must repeat.
 */
export function runFileCall(
  ctx: Context,
  kind: OpKind & ProposalKind,
  proposal: ProposalKind,
  args: FileCallArguments,
  sent: object,
  decide: (call: FileCall) => FileDecision,
): void {
  const { opId, fileId, expectedBaseVersion } = args;
  const asked = canonicalJson({ [proposal]: sent, fileId, expectedBaseVersion });
  const payloadHash = hashText(asked);
  if (answerAgain(ctx, opId, () => payloadHash, asked.length)) return;
  const caller = writerOf(ctx, 'edit');
  if (kind === 'edit') demandOpId(opId);
  else demandNewCall(ctx, caller, opId);
  const history = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, history.limits.opsPerSecond, history.nowMicros);
  const author = authorOf(ctx, caller, args.author);
  const head = ctx.db.file_head.fileId.find(fileId);
  if (!head) throw new Refusal('no_such_file', `there is no file ${fileId}`);
  demandScope(caller, head.path);
  const isVersion = expectedBaseVersion >= 1 && expectedBaseVersion <= head.version;
  demand(isVersion, 'bad_range', `the file has no version ${expectedBaseVersion}`);
  const decision = decide({ caller, history, head });
  const common = { opId, batchId: opId, fileId, author, payloadHash };
  if (decision.tag === 'nothing') {
    const { version } = head;
    rememberSettled(ctx, caller, [{ opId, payloadHash, opSeq: 0, version }]);
    history.tell(opId, 'duplicate', 0, version);
    return;
  }
  demandPathsFree(ctx.db, rulesFor(caller, history), placesOf(head, decision));
  if (decision.tag === 'ticket') {
    const { reason, overlapping, payload } = decision;
    const ticket = { kind: proposal, reason, baseVersion: expectedBaseVersion, parts: [] };
    const json = canonicalJson(payload);
    const draft = { ...common, ...ticket, payload: json, overlapping, proposal: payload };
    openFileTicket(ctx, caller, history, draft, head);
  } else {
    const json = canonicalJson(decision.payload);
    const op = { ...common, kind, expectedBaseVersion, payload: json };
    const { opSeq, after } = applyEffect(ctx, caller, history, head, decision.effect, op);
    history.tell(opId, 'applied', opSeq, after.version);
  }
  history.close();
}

/** Writes the op of an effect on a whole file, and the file's head after it. */
export function applyEffect(
  ctx: Context,
  caller: Caller,
  history: History,
  head: Row<'file_head'>,
  effect: FileEffect,
  op: Pick<
    OpDraft,
    'opId' | 'batchId' | 'kind' | 'author' | 'payload' | 'payloadHash' | 'expectedBaseVersion'
  >,
): { readonly opSeq: number; readonly after: Row<'file_head'> } {
  const after = headAfter(ctx.db, head, effect);
  const opSeq = history.append({
    ...NO_TEXT,
    ...op,
    fileId: head.fileId,
    version: after.version,
    beforeHash: head.contentHash,
    afterHash: after.contentHash,
  });
  if (effect.kind === 'content') {
    insertSnapshot(ctx, opSeq, after, effect.content.parts);
    forgetRanges(ctx.db, head.fileId);
  }
  writeHead(ctx, caller, after);
  return { opSeq, after };
}

/** Where the file is, and where it is to be. */
function placesOf(head: Row<'file_head'>, decision: FileDecision): readonly ClaimedPlace[] {
  const effect = decision.tag === 'apply' ? decision.effect : undefined;
  return effect && 'path' in effect ? [head, { path: effect.path }] : [head];
}

/** Writes a head row as of now. */
export function writeHead(ctx: Context, caller: Caller, head: Row<'file_head'>): void {
  const { identity: updatedBy } = caller;
  ctx.db.file_head.fileId.update({ ...head, updatedBy, updatedAt: ctx.timestamp });
}

/**
 * Numbers of the latest text ops after the version that the caller saw. The caller's own count too:
 * one person has several windows, and what was typed in one may not be on the disk of the other.
 */
export function unseenEdits(
  ctx: Context,
  call: Pick<FileCall, 'head' | 'history'>,
  version: number,
): number[] {
  const { head, history } = call;
  const after = Math.max(version, head.version - history.limits.staleOps);
  return committedOps(ctx.db, head.fileId, after, head.version).map((op) => op.opSeq);
}
