import type { Changes } from '../../src/core/change.ts';
import { sameBytes } from '../../src/core/hash.ts';
import { type Limits, readLimits } from '../../src/core/limits.ts';
import type { OpRecord } from '../../src/core/op.ts';
import {
  type ContentPayload,
  contentOf,
  isOfChangesAlone,
  makesVersion,
  type MemberPayload,
  readPayload,
} from '../../src/core/op-payload.ts';
import { isOtherEnds } from '../../src/core/other-ends.ts';
import { pathFault, utf8Length } from '../../src/core/path.ts';
import { opensReview } from '../../src/core/review.ts';
import { findFault } from '../../src/core/validate-changes.ts';
import { textUnits, TooMuchWork } from '../../src/core/work.ts';
import { identityOf } from './caller.ts';
import { contentHashOf, loadText, storeText } from './content-store.ts';
import { insertFile } from './creates.ts';
import { demandExportRule, writeExportRule } from './export-rule.ts';
import { type FileEffect, headAfter } from './file-effect.ts';
import { demandMode } from './file-content.ts';
import { headText, rememberText } from './file-texts.ts';
import { stepOf } from './file-work.ts';
import { workspaceAfter } from './git-points.ts';
import { contentHasher } from './hash.ts';
import { limitsOf, WORKSPACE_ID } from './history.ts';
import { badLog } from './import-log-entries.ts';
import { demandPieces, demandReturned } from './import-log-returned.ts';
import { closeImportedTicket, replayConflict } from './import-log-tickets.ts';
import { noteLineEnds } from './line-ends.ts';
import { timestampAt } from './locks.ts';
import { noteOrigin } from './member-origins.ts';
import { notePause } from './member-pauses.ts';
import { demandProfile } from './member-profile.ts';
import { insertNote } from './notes.ts';
import { setPathTable } from './paths.ts';
import { demandQuotas, demandRules } from './policy.ts';
import { Refusal } from './refusal.ts';
import { applyReview, openReview } from './review-table.ts';
import {
  applyRestoration,
  demandRestorationRules,
  writeRestorationRules,
} from './restoration-table.ts';
import { insertSnapshot } from './snapshots.ts';
import { forgetRanges, moveAlong } from './tracked-ranges.ts';
import { applyTurn, endTurnsOf } from './turn-table.ts';
import { writeQuotas } from './usage.ts';
import { spend } from './work.ts';
import type { Context, Row } from './world.ts';

interface EditedFile {
  readonly head: Row<'file_head'>;
  readonly text: ReturnType<typeof headText>;
}

/**
 * Does to the tables what the ops of a log did when they were made: nothing is judged again, but
 * what an op says of its file must be so.
 */
export class LogReplay {
  readonly #ctx: Context;
  #row: Row<'workspace'> | undefined;
  #replayed: { readonly json: string; readonly limits: Limits } | undefined;
  /** What edits left of files, not written yet: of many edits of a file only the last one counts. */
  readonly #unwritten = new Map<number, EditedFile>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Takes ops of one kind and batch. Refuses with `bad_log` what does not fit. */
  take(batch: readonly OpRecord[]): void {
    const isPlain = batch[0]!.kind === 'edit' && isOfChangesAlone(batch[0]!);
    if (!isPlain) this.settle();
    try {
      for (const op of batch) this.#openReview(op);
      if (batch[0]!.kind === 'edit') this.#takeEdits(batch);
      else if (batch[0]!.kind === 'conflict') replayConflict(this.#ctx, batch, this.#limits);
      else for (const op of batch) this.#takeOne(op);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'bad_log') throw error;
      if (error instanceof TooMuchWork) throw error;
      // Whatever the rest of the module makes of it, it is this op that cannot be replayed.
      throw badLog(batch[0]!.opSeq, error instanceof Error ? error.message : String(error));
    }
  }

  /** Writes what was held back. To be called when all ops of a call were taken. */
  settle(): void {
    for (const { head, text } of this.#unwritten.values()) {
      rememberText(head.fileId, head.version, head.contentHash, text);
      this.#writeHead(head);
    }
    this.#unwritten.clear();
  }

  /** Those of the history by which an op came out as it did; nothing is too much when it is replayed. */
  get #limits(): Limits {
    const { limits: json } = this.#workspace;
    if (this.#replayed?.json !== json) {
      this.#replayed = { json, limits: { ...limitsOf(json), ...NOTHING_IS_TOO_MUCH } };
    }
    return this.#replayed.limits;
  }

  get #workspace(): Row<'workspace'> {
    return (this.#row ??= this.#ctx.db.workspace.id.find(WORKSPACE_ID)!);
  }

  #changeWorkspace(changes: Partial<Row<'workspace'>>): void {
    this.#row = { ...this.#workspace, ...changes };
    this.#ctx.db.workspace.id.update(this.#row);
  }

  #takeOne(op: OpRecord): void {
    switch (op.kind) {
      case 'create':
        return this.#create(op);
      case 'rename':
        return this.#effect(op, { kind: 'rename', path: readPayload('rename', op.payload).to });
      case 'delete':
        return this.#effect(op, { kind: 'delete' });
      case 'restore':
        return this.#effect(op, { kind: 'restore', ...readPayload('restore', op.payload) });
      case 'mode':
        return this.#effect(op, { kind: 'mode', ...readPayload('mode', op.payload) });
      case 'checkpoint':
        return this.#checkpoint(op);
      case 'resolve':
        return this.#resolve(op);
      case 'member':
        return this.#member(op);
      case 'policy':
        return this.#policy(op);
      case 'note':
        return this.#note(op);
      case 'edit':
      case 'conflict':
        throw new Error('edits and conflicts are taken by their batches');
    }
  }

  #create(op: OpRecord): void {
    const { path, mode, content } = readPayload('create', op.payload);
    const isNew = op.fileId === op.opSeq && op.version === 1;
    if (!isNew) throw badLog(op.opSeq, 'a file has the number of the op that creates it');
    demandPath(op, path);
    demandMode(mode);
    this.#demandContent(op, content);
    const { opSeq: fileId, afterHash: contentHash } = op;
    noteLineEnds(this.#ctx.db, op);
    insertFile(this.#ctx, { fileId, path, mode, contentHash, ...this.#updated(op) }, content);
  }

  #takeEdits(batch: readonly OpRecord[]): void {
    const [first] = batch;
    const content = contentOf(first!);
    for (const op of batch) if (op.payload !== '') demandReturned(op);
    if (content) {
      this.#effect(first!, { kind: 'content', content, contentHash: first!.afterHash });
      return;
    }
    for (const fileId of new Set(batch.map((op) => op.fileId))) {
      this.#edit(batch.filter((op) => op.fileId === fileId));
    }
  }

  /** Moves what stands in a file once for all ops of a batch, as it was when they were made. */
  #edit(ops: readonly OpRecord[]): void {
    const { db } = this.#ctx;
    const { fileId } = ops[0]!;
    const unwritten = this.#unwritten.get(fileId);
    let head = unwritten?.head ?? this.#headBefore(ops[0]!);
    let text = unwritten?.text ?? headText(db, head);
    for (const op of ops) {
      demandFit(op, head);
      const step = this.#step(op, text, head.byteLength);
      noteLineEnds(db, op);
      text = step.text;
      head = { ...head, ...step.head, ...this.#updated(op) };
    }
    this.#unwritten.set(fileId, { head, text });
    const isTracked = db.open_ticket_file.count() > 0n || db.soft_lock.count() > 0n;
    if (!isTracked) return;
    const steps = ops.map((op) => op.changes);
    moveAlong(db, head, text, steps, this.#limits);
    this.settle();
  }

  /** The text after an op, and what the head says of it. */
  #step(op: OpRecord, text: ReturnType<typeof headText>, byteLength: number) {
    if (findFault(op.changes, text)) throw badLog(op.opSeq, 'its changes leave the text');
    spend(textUnits(op.changes.length, text.groups.length));
    const step = stepOf(text, byteLength, op.changes);
    const isRight = sameBytes(contentHasher.text(step.text), op.afterHash);
    if (!isRight) throw badLog(op.opSeq, 'it leaves another text than it says');
    const { version, afterHash: contentHash } = op;
    const head = {
      version,
      contentHash,
      byteLength: step.byteLength,
      lineCount: step.text.lineCount,
    };
    return { text: step.text, head };
  }

  #effect(op: OpRecord, effect: FileEffect | undefined, changes: Changes = []): void {
    const { db } = this.#ctx;
    const before = this.#headBefore(op);
    demandFit(op, before);
    if (effect && 'path' in effect) demandPath(op, effect.path);
    if (effect?.kind === 'mode') demandMode(effect.mode);
    if (effect?.kind === 'content') this.#demandContent(op, effect.content);
    demandEnds(op, before, effect);
    noteLineEnds(db, op);
    let head = effect ? headAfter(db, before, effect) : before;
    if (effect?.kind === 'content') {
      insertSnapshot(this.#ctx, op.opSeq, head, effect.content.parts);
      forgetRanges(db, op.fileId);
    }
    if (changes.length > 0) {
      const step = this.#step(op, headText(db, before), before.byteLength);
      head = { ...head, ...step.head };
      rememberText(op.fileId, op.version, op.afterHash, step.text);
      moveAlong(db, head, step.text, [changes], this.#limits);
    }
    if (!sameBytes(head.contentHash, op.afterHash)) {
      throw badLog(op.opSeq, 'it leaves another content than it says');
    }
    this.#writeHead({ ...head, ...this.#updated(op) });
  }

  #checkpoint(op: OpRecord): void {
    const { db } = this.#ctx;
    const head = this.#headBefore(op);
    demandFit(op, head);
    const parts = storeText(db, headText(db, head));
    const named = readPayload('checkpoint', op.payload).parts;
    const isSame = parts.length === named.length && parts.every((key, at) => key === named[at]);
    if (!isSame) throw badLog(op.opSeq, 'it names other parts than the text has');
    insertSnapshot(this.#ctx, op.opSeq, head, parts);
    db.snapshot_due.fileId.delete(head.fileId);
    db.file_head.fileId.update({ ...head, snapshotVersion: head.version });
  }

  #resolve(op: OpRecord): void {
    const payload = readPayload('resolve', op.payload);
    if (payload.returned) demandPieces(op, payload.returned);
    if (payload.resolution !== 'accept_head') {
      const { effect } = payload;
      this.#effect(op, effect && effectOf(effect, op.afterHash), op.changes);
    }
    closeImportedTicket(this.#ctx, op, payload);
  }

  #member(op: OpRecord): void {
    const payload = readPayload('member', op.payload);
    const { removed, identity: hex, joined, pauses: _, ...columns } = payload;
    if (joined) demandJoined(op, joined);
    demandProfile(columns, this.#limits);
    const table = this.#ctx.db.workspace_member;
    const identity = identityOf(this.#ctx, hex);
    const madeAt = timestampAt(this.#ctx, op.madeAtMicros);
    const known = table.identity.find(identity);
    const isBack = known?.removedAt !== undefined && !removed;
    const row = {
      ...columns,
      capabilities: [...columns.capabilities],
      pathScope: [...columns.pathScope],
      identity,
      joinedAt: known && !isBack ? known.joinedAt : madeAt,
      removedAt: removed ? (known?.removedAt ?? madeAt) : undefined,
    };
    if (known) table.identity.update(row);
    else table.insert(row);
    noteOrigin(this.#ctx, op.opSeq, payload, known?.removedAt !== undefined);
    const author = { identity: identityOf(this.#ctx, op.author) };
    notePause(this.#ctx, { opSeq: op.opSeq, author, madeAt }, payload);
    const ending = { endedAt: timestampAt(this.#ctx, op.madeAtMicros), changedSeq: op.opSeq };
    if (payload.removed) endTurnsOf(this.#ctx.db, row.identity, ending);
  }

  #policy(op: OpRecord): void {
    const { baseCommit, paths, quotas, restorations, exportRule, ...columns } = readPayload(
      'policy',
      op.payload,
    );
    demandRules(columns.policyMode, columns.lockPolicy);
    if (!readLimits(columns.limits)) throw badLog(op.opSeq, 'its limits cannot be read');
    if (paths !== undefined) setPathTable(this.#ctx.db, paths);
    // Whoever published the world is told of before it has its rules.
    const first = this.#ctx.db.file_op.opSeq.find(1)!;
    const created = { createdBy: first.actor, createdAt: first.madeAt };
    this.#changeWorkspace({ ...columns, baseCommit: baseCommit || undefined, ...created });
    if (restorations) writeRestorationRules(this.#ctx.db, demandRestorationRules(restorations));
    if (exportRule) writeExportRule(this.#ctx.db, demandExportRule(exportRule));
    if (!quotas) return;
    demandQuotas(quotas);
    writeQuotas(this.#ctx.db, quotas);
  }

  #openReview(op: OpRecord): void {
    if (!opensReview(op)) return;
    const fits = op.kind !== 'note' && openReview(this.#ctx.db, op);
    if (!fits) throw badLog(op.opSeq, 'its file has work to look at already');
  }

  #note(op: OpRecord): void {
    const author = { identity: identityOf(this.#ctx, op.author), hex: op.author };
    const madeAt = timestampAt(this.#ctx, op.madeAtMicros);
    const payload = readPayload('note', op.payload);
    if (payload.restoration) {
      const fits = applyRestoration(this.#ctx, op.opSeq, author, madeAt, payload.restoration);
      if (!fits) throw badLog(op.opSeq, 'there is no such question, or it does not fit');
      return;
    }
    if (payload.mark) {
      const fits = applyTurn(this.#ctx.db, op.opSeq, author, madeAt, payload.mark);
      if (!fits) throw badLog(op.opSeq, 'there is no such turn, or it does not fit');
      return;
    }
    if (payload.review) {
      demandFit(op, this.#headBefore(op));
      const fits = sameBytes(op.beforeHash, op.afterHash);
      if (fits && applyReview(this.#ctx.db, op, payload.review)) return;
      throw badLog(op.opSeq, 'there is nothing to look at, or it does not fit');
    }
    insertNote(this.#ctx, op.opSeq, author, payload, madeAt);
    const changes = workspaceAfter(payload);
    if (changes) this.#changeWorkspace(changes);
  }

  #headBefore(op: OpRecord): Row<'file_head'> {
    const head = this.#ctx.db.file_head.fileId.find(op.fileId);
    if (!head) throw badLog(op.opSeq, `there is no file ${op.fileId}`);
    return head;
  }

  #writeHead(head: Row<'file_head'>): void {
    const { db } = this.#ctx;
    db.file_head.fileId.update(head);
    const past = head.version - head.snapshotVersion;
    if (past >= this.#limits.versionsPerSnapshot) db.snapshot_due.insert({ fileId: head.fileId });
  }

  #updated(op: OpRecord): Pick<Row<'file_head'>, 'updatedBy' | 'updatedAt'> {
    const updatedAt = timestampAt(this.#ctx, op.madeAtMicros);
    return { updatedBy: identityOf(this.#ctx, op.actor), updatedAt };
  }

  #demandContent(op: OpRecord, content: ContentPayload): void {
    const { db } = this.#ctx;
    const isKnown = content.eol === 'lf' || content.eol === 'crlf';
    const ends = content.kind === 'text' ? content.lineCount - 1 : 0;
    const areEnds = content.otherEnds === undefined || isOtherEnds(content.otherEnds, ends);
    const isRight = isKnown && areEnds && sameBytes(contentHashOf(db, content), op.afterHash);
    const sizes = content.kind === 'text' ? sizesOf(loadText(db, content.parts)) : undefined;
    const isSize =
      !sizes || (sizes.byteLength === content.byteLength && sizes.lineCount === content.lineCount);
    if (!isRight || !isSize) throw badLog(op.opSeq, 'its content is not the one it says');
  }
}

function sizesOf(text: string) {
  return { byteLength: utf8Length(text), lineCount: text.split('\n').length };
}

/** Folders are kept in step with worlds: a path must not lead out of them. */
function demandPath(op: OpRecord, path: string): void {
  if (pathFault(path)) throw badLog(op.opSeq, 'this cannot be a path in a world');
}

function demandJoined(op: OpRecord, { by, invite }: NonNullable<MemberPayload['joined']>): void {
  const isRight = /^[0-9a-f]{64}$/.test(by) && /^[0-9a-f]{32}$/.test(invite);
  if (!isRight) throw badLog(op.opSeq, 'it does not say by which invite somebody came');
}

function demandFit(op: OpRecord, head: Pick<Row<'file_head'>, 'version' | 'contentHash'>): void {
  if (!sameBytes(op.beforeHash, head.contentHash)) {
    throw badLog(op.opSeq, 'it was made on another text');
  }
  if (op.version !== head.version + (makesVersion(op) ? 1 : 0)) {
    throw badLog(op.opSeq, 'its version does not follow the one before');
  }
}

/** Lines that end otherwise are lines of the text that the file has. */
function demandEnds(
  op: OpRecord,
  { kind, lineCount }: Row<'file_head'>,
  effect: FileEffect | undefined,
): void {
  if (effect?.kind !== 'mode' || effect.otherEnds === undefined) return;
  const isRight = isOtherEnds(effect.otherEnds, kind === 'text' ? lineCount - 1 : 0);
  if (!isRight) throw badLog(op.opSeq, 'the text has no such lines');
}

function effectOf(
  effect: NonNullable<ReturnType<typeof readPayload<'resolve'>>['effect']>,
  contentHash: Uint8Array,
): FileEffect {
  switch (effect.kind) {
    case 'create':
    case 'content':
      return { kind: 'content', content: effect.content, contentHash };
    case 'delete':
      return { kind: 'delete' };
    case 'rename':
    case 'restore':
      return { kind: effect.kind, path: effect.path };
    case 'mode':
      return effect;
  }
}

const ANY = 0xffff_ffff;
const NOTHING_IS_TOO_MUCH = {
  nameLength: ANY,
  changesPerOp: ANY,
  rangeHashesPerOp: ANY,
  overlapsPerOp: ANY,
  textFileBytes: ANY,
} as const satisfies Partial<Limits>;
