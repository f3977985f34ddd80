import { mayAnswer, type MemberFacts } from '../../src/core/may-answer.ts';
import { canonicalJson, writePayload } from '../../src/core/op-payload.ts';
import {
  RESTORATION_ANSWERS,
  RESTORATION_CAUSES,
  RESTORATION_ITEMS,
  RESTORATION_OWNERS,
  type RestorationCause,
  type RestorationItem,
} from '../../src/core/restoration.ts';
import {
  fittingItems,
  isStanding,
  noteTextOf,
  type RestorationAction,
  STANDING_RESTORATIONS,
} from '../../src/core/restoration-action.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { demandNewCall } from './call-memory.ts';
import { activeMemberOf, type Caller, hexOf, identityOf, writerOf } from './caller.ts';
import { hashText } from './hash.ts';
import type { History } from './history.ts';
import { answerAgain } from './known-op.ts';
import { openNoteHistory } from './note-call.ts';
import { demand, Refusal } from './refusal.ts';
import { applyRestoration, standingOf } from './restoration-table.ts';
import { spend } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';

/** What the caller's folder holds waits until somebody who may has answered. */
export function askRestoration(ctx: Context, args: Arguments<'ask_restoration'>): void {
  const asked = askedOnce(ctx, args.opId, { ask: args });
  if (!asked) return;
  const caller = writerOf(ctx, 'edit');
  demandNewCall(ctx, caller, args.opId);
  const history = openNoteHistory(ctx, caller, asked.length);
  const { folderName, fileCount } = args;
  demand(isCause(args.cause), 'bad_request', 'unknown cause of a question');
  demandFolderName(folderName, history.limits.nameLength);
  demand(args.files.length <= RESTORATION_ITEMS, 'too_many', 'too many files are named');
  demand(args.owners.length <= RESTORATION_OWNERS, 'too_many', 'too many members are named');
  const isCounted = fileCount > 0 && fileCount >= args.files.length;
  demand(isCounted, 'bad_request', 'it is about no file, or about more than it says');
  demandOwners(ctx, caller, args.owners);
  const standing = standingOf(ctx.db, caller);
  const why = 'this member has as many open questions about folders as may be';
  demand(standing < STANDING_RESTORATIONS, 'too_many', why);
  const items = fittingItems(args.files.map((file) => itemOf(ctx, file)));
  const { cause, owners } = args;
  write(ctx, history, caller, args.opId, asked, {
    does: 'ask',
    cause,
    folderName,
    items,
    fileCount,
    owners,
  });
}

/** Says what shall become of what a folder holds. After `leave` another answer may still come. */
export function answerRestoration(ctx: Context, args: Arguments<'answer_restoration'>): void {
  const asked = askedOnce(ctx, args.opId, { answer: args });
  if (!asked) return;
  const caller = decider(ctx, args.opId);
  const history = openNoteHistory(ctx, caller, asked.length);
  const answer = RESTORATION_ANSWERS.find((each) => each === args.answer);
  demand(answer !== undefined, 'bad_request', 'an answer is put_back, take or leave');
  const row = questionOf(ctx, args.restorationId);
  demand(isStanding(row), 'already_resolved', 'the question was answered or withdrawn');
  demand(
    mayDecide(ctx, caller, row),
    'forbidden',
    'this question is not for this member to answer',
  );
  // Nobody keeps that folder any more: an answer would promise what nobody does.
  const why = 'whose folder it is was removed; this question can only be ended';
  demand(!isLeft(ctx, row), 'no_such_member', why);
  demand(row.answer !== answer, 'already_resolved', 'the question has this answer');
  const { restorationId: question } = row;
  write(ctx, history, caller, args.opId, asked, { does: 'answer', question, answer });
}

/** Takes a question back whose folder is in step; of who was removed, whoever may answer does. */
export function withdrawRestoration(ctx: Context, args: Arguments<'withdraw_restoration'>): void {
  const asked = askedOnce(ctx, args.opId, { withdraw: args });
  if (!asked) return;
  const caller = decider(ctx, args.opId);
  const history = openNoteHistory(ctx, caller, asked.length);
  const row = questionOf(ctx, args.restorationId);
  const isOwn = hexOf(row.folderOf) === caller.hex;
  const isTheirs = isOwn || (isLeft(ctx, row) && mayDecide(ctx, caller, row));
  demand(isTheirs, 'forbidden', 'only whoever asked takes a question back');
  demand(isStanding(row), 'already_resolved', 'the question was answered or withdrawn');
  const { restorationId: question } = row;
  write(ctx, history, caller, args.opId, asked, { does: 'withdraw', question });
}

/** What was asked for as JSON; undefined when the same call was answered again. */
function askedOnce(ctx: Context, opId: string, call: object): string | undefined {
  const asked = canonicalJson({ restoration: call });
  return answerAgain(ctx, opId, () => hashText(asked), asked.length) ? undefined : asked;
}

function decider(ctx: Context, opId: string): Caller {
  const caller = activeMemberOf(ctx);
  demandNewCall(ctx, caller, opId);
  return caller;
}

/** Writes the op, and does what it says. */
function write(
  ctx: Context,
  history: History,
  caller: Caller,
  opId: string,
  asked: string,
  action: RestorationAction,
): void {
  const text = noteTextOf(action);
  const payload = writePayload('note', {
    note: 'restoration',
    text,
    to: '',
    restoration: action,
  });
  const draft = { opId, kind: 'note', author: caller, payload } as const;
  const opSeq = history.appendFileless({ ...draft, payloadHash: hashText(asked) });
  if (!applyRestoration(ctx, opSeq, caller, ctx.timestamp, action)) {
    throw new Error('a question was judged to fit and does not');
  }
  history.tell(opId, 'applied', opSeq, 0);
  history.close();
}

function questionOf(ctx: Context, restorationId: number): Row<'restoration'> {
  const row = ctx.db.restoration.restorationId.find(restorationId);
  if (row) return row;
  throw new Refusal('no_such_restoration', 'there is no such question any more');
}

/** True where whoever asked was removed from the world. */
function isLeft(ctx: Context, { folderOf }: Row<'restoration'>): boolean {
  return ctx.db.workspace_member.identity.find(folderOf)?.removedAt !== undefined;
}

function mayDecide(ctx: Context, { hex, member }: Caller, row: Row<'restoration'>): boolean {
  const { role, paused } = member;
  const answerer = { identity: hex, role, paused, removed: false };
  const owners = row.owners.map(hexOf);
  return mayAnswer(answerer, { folderOf: hexOf(row.folderOf), owners }, factsOf(ctx));
}

function factsOf(ctx: Context): MemberFacts {
  const { workspace_member: members, member_origin: origins } = ctx.db;
  return {
    kindOf: (identity) => members.identity.find(identityOf(ctx, identity))?.kind ?? '',
    inviterOf(identity) {
      spend(WORK_UNITS.row);
      const origin = origins.identity.find(identityOf(ctx, identity));
      return origin ? hexOf(origin.invitedBy) : undefined;
    },
  };
}

/** Names of a folder only: the way to it is nobody's business. */
function demandFolderName(name: string, most: number): void {
  demand(name.length <= most, 'too_large', 'the name is too long');
  const isName = name.isWellFormed() && !/[\p{Cc}/\\]/u.test(name);
  demand(isName, 'bad_request', 'this cannot be the name of a folder');
}

/** Whose work it is only the folder's mirror knows; that they are members, the world. */
function demandOwners(ctx: Context, caller: Caller, owners: readonly string[]): void {
  const isOnce = new Set(owners).size === owners.length;
  demand(isOnce, 'bad_request', 'a member is named twice');
  for (const owner of owners) {
    const isIdentity = /^[0-9a-f]{64}$/.test(owner);
    demand(isIdentity, 'bad_request', 'a member is named by 64 hexadecimal digits');
    spend(WORK_UNITS.row);
    const member = ctx.db.workspace_member.identity.find(identityOf(ctx, owner));
    demand(member !== null, 'no_such_member', 'there is no such member');
    const isAsking = owner === caller.hex && caller.member.kind === 'agent';
    demand(!isAsking, 'forbidden', 'an agent does not decide over its own folder');
  }
}

function itemOf(
  ctx: Context,
  { fileId, what }: Arguments<'ask_restoration'>['files'][number],
): RestorationItem {
  const isKnown = what === 'changed' || what === 'deleted';
  demand(isKnown, 'bad_request', 'a file was changed or deleted');
  spend(WORK_UNITS.row);
  const head = ctx.db.file_head.fileId.find(fileId);
  demand(head !== null, 'no_such_file', 'there is no such file');
  return { fileId, path: head.path, what };
}

function isCause(cause: string): cause is RestorationCause {
  return RESTORATION_CAUSES.some((each) => each === cause);
}
