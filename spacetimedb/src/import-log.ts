import { sameBytes } from '../../src/core/hash.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { rememberFrom } from './call-memory.ts';
import { hexOf, ownerOf } from './caller.ts';
import { holdsItsHash } from './file-texts.ts';
import { History, LOG_HEAD_ID, NO_OPS, WORKSPACE_ID } from './history.ts';
import { badLog, storePart, takeOps } from './import-log-entries.ts';
import { LogReplay } from './import-log-replay.ts';
import { profileFor } from './member-profile.ts';
import { newMember, OWNER_RIGHTS, writeMember } from './membership.ts';
import { clearLineEnds } from './line-ends.ts';
import { clearPages } from './op-pages.ts';
import { demand } from './refusal.ts';
import { clearExportRule } from './export-rule.ts';
import { clearRestorations } from './restoration-table.ts';
import { clearReviews } from './review-table.ts';
import { clearTurns } from './turn-table.ts';
import { clearUsage } from './usage.ts';
import { callWork, counted, spend } from './work.ts';
import { type Arguments, type Context, importerOf, LOG_IMPORT_ID, type Row } from './world.ts';

type LogHead = NonNullable<Arguments<'import_log'>['expectedHead']>;

/**
 * Replays a part of a log that was taken elsewhere: its ops, hash for hash, and everything that
 * follows from them. Refuses with `bad_log` and the number of the first op that does not fit. Ops
 * that are there already are passed over, so a call whose answer was lost may be made again.
 */
export function importLog(ctx: Context, args: Arguments<'import_log'>): void {
  demand(args.ops.length <= OPS_PER_CALL, 'too_many', 'too many ops in one call');
  if (!admit(ctx)) {
    demandImported(ctx, args);
    return;
  }
  for (const part of args.parts) {
    spend(WORK_UNITS.row + byteUnits((part.text ?? part.bytes)?.length ?? 0));
    storePart(ctx.db, part);
  }
  const replay = new LogReplay(ctx);
  for (const batch of takeOps(ctx, args.ops)) replay.take(batch);
  replay.settle();
  if (args.expectedHead) finish(ctx, args, args.expectedHead);
}

/** True when ops may be taken; false when a world that is whole is asked to take some again. */
function admit(ctx: Context): boolean {
  const importer = importerOf(ctx);
  if (importer) {
    const isSame = importer.__identity__ === ctx.sender.__identity__;
    demand(isSame, 'importing', 'somebody else is restoring the world');
    return true;
  }
  const caller = ownerOf(ctx);
  const { workspace } = History.open(ctx, caller);
  if (workspace.worldEpoch !== '') return false;
  const isEmpty = ctx.db.file_head.count() === 0n && ctx.db.workspace_member.count() === 1n;
  demand(isEmpty, 'already_configured', 'a log is imported into a world without anything in it');
  begin(ctx);
  return true;
}

/** Takes back what `init` wrote to the history, and keeps everybody else out from now on. */
function begin(ctx: Context): void {
  const { db } = ctx;
  db.log_import.insert({ id: LOG_IMPORT_ID, importer: ctx.sender });
  for (const { opSeq } of counted(db.file_op.iter())) db.file_op.opSeq.delete(opSeq);
  for (const { identity } of counted(db.workspace_member.iter())) {
    db.workspace_member.identity.delete(identity);
  }
  db.log_head.id.update(NO_OPS);
  clearUsage(db);
  clearPages(db);
  clearRestorations(db);
  clearTurns(db);
  clearReviews(db);
  clearExportRule(db);
  clearLineEnds(db);
}

/** The last call again, whose answer was lost; anything else belongs to another world. */
function demandImported(ctx: Context, { ops, expectedHead }: Arguments<'import_log'>): void {
  const has = (opSeq: number, chainHash: Uint8Array): boolean => {
    const known = ctx.db.file_op.opSeq.find(opSeq);
    return known !== null && sameBytes(known.chainHash, chainHash);
  };
  const first = expectedHead ? expectedHead.opSeq - ops.length + 1 : 0;
  const isAgain =
    expectedHead !== undefined &&
    has(expectedHead.opSeq, expectedHead.chainHash) &&
    ops.every(({ chainHash }, index) => has(first + index, chainHash));
  demand(isAgain, 'already_configured', 'the world has its own history');
}

function finish(ctx: Context, args: Arguments<'import_log'>, expected: LogHead): void {
  const { db } = ctx;
  const head = db.log_head.id.find(LOG_HEAD_ID) ?? NO_OPS;
  const isHead = head.opSeq === expected.opSeq && sameBytes(head.chainHash, expected.chainHash);
  if (!isHead) throw badLog(head.opSeq, 'the log ends elsewhere than it was said to');
  const isNamed = (db.workspace.id.find(WORKSPACE_ID)?.worldEpoch ?? '') !== '';
  if (!isNamed) throw badLog(head.opSeq, 'the log is that of a world that never had a name');
  // Every op was held to its hash already: as many files are folded once more as one call may read.
  const { left } = callWork();
  let units = 0;
  for (const file of db.file_head.iter()) {
    units += WORK_UNITS.op + byteUnits(file.byteLength);
    if (units > left) break;
    if (!holdsItsHash(db, file)) throw badLog(lastOpOf(ctx, file), 'the content is another');
  }
  db.log_import.id.delete(LOG_IMPORT_ID);
  // What changed nothing is not in the log: of calls made before now nobody knows any more.
  rememberFrom(ctx, ctx.timestamp);
  ensureOwner(ctx, args);
}

function lastOpOf(ctx: Context, { fileId, version }: Row<'file_head'>): number {
  let last = 0;
  for (const op of ctx.db.file_op.byFileVersion.filter([fileId, version])) {
    last = Math.max(last, op.opSeq);
  }
  return last;
}

/** On another server the importer is somebody whom the history does not know. */
function ensureOwner(ctx: Context, profile: Arguments<'import_log'>): void {
  const member = ctx.db.workspace_member.identity.find(ctx.sender);
  const isMember = member !== null && member.removedAt === undefined;
  if (isMember && member.role === 'owner' && !member.paused) return;
  const who = { identity: ctx.sender, hex: hexOf(ctx.sender) };
  const history = History.open(ctx, who);
  const { role, capabilities, pathScope } = OWNER_RIGHTS;
  const owner = isMember
    ? { ...member, role, capabilities: [...capabilities], pathScope: [...pathScope], paused: false }
    : newMember(
        ctx,
        ctx.sender,
        { ...OWNER_RIGHTS, kind: 'human' },
        profileFor(ctx, ctx.sender, profile, history.limits),
      );
  writeMember(ctx, history, who, owner);
  history.close();
}

const OPS_PER_CALL = 20_000;
