import { type Changes, normalizeChanges } from '../../src/core/change.ts';
import { opsTouchingLines } from '../../src/core/later-overlap.ts';
import type {
  CreatePayload,
  FileMove,
  PayloadOf,
  RenameProposal,
} from '../../src/core/op-payload.ts';
import { crossingOf } from '../../src/core/policy.ts';
import { rebase } from '../../src/core/rebase.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import { findFault } from '../../src/core/validate-changes.ts';
import { textUnits } from '../../src/core/work.ts';
import { type Caller, demandScope } from './caller.ts';
import { demandNoClaims } from './claimed-files.ts';
import { claimTouchedBy } from './claims.ts';
import { contentHashOf } from './content-store.ts';
import type { FileEffect } from './file-effect.ts';
import type { OpenFile } from './file-work.ts';
import { demandFree, demandMovable, demandPath } from './paths.ts';
import type { Rules } from './plan-batch.ts';
import { demand, Refusal } from './refusal.ts';
import type { Arguments, Context, Row } from './world.ts';
import type { WorldSource } from './world-source.ts';

/** What resolving a ticket does to one file. */
export interface DecidedPart {
  readonly fileId: number;
  readonly expectedHeadVersion: number;
  /** Set where there are changes. */
  readonly file: OpenFile | undefined;
  /** On the head. */
  readonly changes: Changes;
  readonly effect: FileEffect | undefined;
  /** Ops whose text gives way. */
  readonly overlapping: readonly number[];
}

export type SentDecision = Arguments<'resolve_conflict'>;
type SentPart = SentDecision['parts'][number];

/** Works out what `rebase` or `patch` of a ticket does, and refuses what must not be done. */
export function decideParts(
  ctx: Context,
  caller: Caller,
  source: WorldSource,
  rules: Rules,
  ticket: Row<'conflict_ticket'>,
  sent: SentDecision,
): DecidedPart[] {
  if (ticket.parts.length === 0) {
    const whole = decideWhole(ctx, caller, source, rules, ticket, sent);
    // Its own file comes last: by that a replay knows that all of it was done.
    return [...movesBeside(caller, source, ticket), whole];
  }
  const named = new Map(sent.parts.map((part) => [part.fileId, part]));
  for (const fileId of named.keys()) {
    const isKnown = ticket.parts.some((part) => part.fileId === fileId);
    demand(isKnown, 'bad_request', `the ticket proposes nothing for file ${fileId}`);
  }
  return ticket.parts.map((part) =>
    decidePart(ctx, caller, source, rules, ticket, part, { sent, own: named.get(part.fileId) }),
  );
}

/** The same for one text of the ticket's. */
export function decidePart(
  ctx: Context,
  caller: Caller,
  source: WorldSource,
  rules: Rules,
  ticket: Row<'conflict_ticket'>,
  part: TicketPart,
  { sent, own }: { readonly sent: SentDecision; readonly own: SentPart | undefined },
): DecidedPart {
  const isMain = part.fileId === ticket.fileId;
  const expected = own?.expectedHeadVersion ?? (isMain ? sent.expectedHeadVersion : 0);
  const file = source.open(part.fileId);
  const isVersion = expected >= 1 && expected <= file.version;
  demand(isVersion, 'bad_range', `file ${part.fileId} has no version ${expected}`);
  demandNotMoved(source, rules, file, part, expected);
  const changes =
    sent.resolution === 'patch'
      ? patched(source, rules, file, own?.changes ?? [], expected)
      : movedProposal(part);
  demandUnclaimed(file, changes, rules);
  return {
    fileId: part.fileId,
    expectedHeadVersion: expected,
    file,
    changes,
    effect: file.deleted ? restoring(ctx, caller, file.path) : undefined,
    overlapping: isMain ? ticket.overlapping : [],
  };
}

/** The proposal as it was moved along; none when its base was too far behind. */
function movedProposal(part: TicketPart): Changes {
  const isMovable = part.changes.length > 0 || part.proposed.length === 0;
  demand(isMovable, 'too_stale', 'the proposal is too old to be moved; resolve it by a patch');
  return part.changes;
}

/** Given changes, moved from the version they were made on. */
function patched(
  source: WorldSource,
  rules: Rules,
  file: OpenFile,
  changes: Changes,
  expected: number,
): Changes {
  demand(changes.length <= rules.limits.changesPerOp, 'too_many', 'too many changes in one op');
  const between = source.committed(file.fileId, expected, file.version);
  const base = between[0] ? source.textAt(file.fileId, expected, between[0].beforeHash) : file.text;
  rules.work.spend(textUnits(changes.length, base.groups.length));
  const fault = findFault(changes, base);
  if (fault) throw new Refusal(fault, 'the changes do not fit the text of the version named');
  return between.reduce((moved, op) => {
    rules.work.spend(crossingOf(moved, op.changes));
    return rebase(moved, op.changes, 'after');
  }, normalizeChanges(changes));
}

/** Refuses where somebody wrote on the disputed lines after the version that was looked at. */
function demandNotMoved(
  source: WorldSource,
  rules: Rules,
  file: OpenFile,
  part: TicketPart,
  expected: number,
): void {
  if (expected === file.version) return;
  const isNear = file.version - expected <= rules.limits.staleOps;
  const lines = [{ firstLine: part.startLine, lastLine: part.endLine }];
  const newer = isNear ? source.committed(file.fileId, expected, file.version) : [];
  const touching = opsTouchingLines(newer, lines);
  const isReplaced = newer.some((op) => op.replacesAll);
  if (isNear && !isReplaced && touching.length === 0) return;
  throw new Refusal('head_moved', 'others wrote here since; look again', {
    fileId: file.fileId,
    headVersion: file.version,
    startLine: part.startLine,
    startCharacter: part.startCharacter,
    endLine: part.endLine,
    endCharacter: part.endCharacter,
    headText: part.headText,
    overlapping: touching,
  });
}

function demandUnclaimed(file: OpenFile, changes: Changes, rules: Rules): void {
  if (!rules.obeysClaims) return;
  const claim = claimTouchedBy(changes, file.claims, rules.actor, rules.nowMicros);
  if (!claim) return;
  throw new Refusal('locked', 'somebody holds a lock on these lines', {
    lockId: claim.lockId,
    holder: claim.holder,
    expiresAtMicros: claim.expiresAtMicros.toString(),
  });
}

/** A ticket about a whole file: what it asked for is done on the head as it is now. */
function decideWhole(
  ctx: Context,
  caller: Caller,
  source: WorldSource,
  rules: Rules,
  ticket: Row<'conflict_ticket'>,
  sent: SentDecision,
): DecidedPart {
  demand(sent.resolution === 'rebase', 'bad_request', 'this ticket has no text to patch');
  const head = source.head(ticket.fileId);
  demandScope(caller, head.path);
  if (sent.expectedHeadVersion !== head.version) {
    const details = { fileId: head.fileId, headVersion: head.version };
    throw new Refusal('head_moved', 'others edited the file since; look again', details);
  }
  const effect = wholeEffect(ctx, caller, head, ticket);
  // To decide is no way around a claim that stopped the call itself.
  if (effect?.kind === 'delete' || effect?.kind === 'content') {
    demandNoClaims(ctx.db, head.fileId, rules);
  }
  return {
    fileId: head.fileId,
    expectedHeadVersion: sent.expectedHeadVersion,
    file: undefined,
    changes: [],
    effect,
    overlapping: ticket.overlapping,
  };
}

/** What a ticket of files that move together does to the others of them; those that are gone stay so. */
function movesBeside(
  caller: Caller,
  source: WorldSource,
  ticket: Row<'conflict_ticket'>,
): DecidedPart[] {
  return movesOf(ticket).flatMap(({ fileId, to }): DecidedPart[] => {
    const head = source.head(fileId);
    if (fileId === ticket.fileId || head.deleted || head.path === to) return [];
    demandScope(caller, head.path);
    demandPath(caller, to);
    return [
      {
        fileId,
        expectedHeadVersion: head.version,
        file: undefined,
        changes: [],
        effect: { kind: 'rename', path: to },
        overlapping: [],
      },
    ];
  });
}

function movesOf({ kind, payload }: Row<'conflict_ticket'>): readonly FileMove[] {
  return kind === 'rename' ? ((JSON.parse(payload) as RenameProposal).moves ?? []) : [];
}

function wholeEffect(
  ctx: Context,
  caller: Caller,
  head: Row<'file_head'>,
  ticket: Row<'conflict_ticket'>,
): FileEffect | undefined {
  switch (ticket.kind) {
    case 'delete':
      return head.deleted ? undefined : { kind: 'delete' };
    case 'rename': {
      const { to } = JSON.parse(ticket.payload) as PayloadOf['rename'];
      demandPath(caller, to);
      if (head.deleted && movesOf(ticket).length > 0) return undefined;
      demand(!head.deleted, 'no_such_file', 'the file was deleted');
      if (head.path === to) return undefined;
      demandMovable(ctx.db, head, to);
      return { kind: 'rename', path: to };
    }
    case 'create':
    case 'content': {
      demand(!head.deleted, 'no_such_file', 'the file was deleted; restore it first');
      const { content } = JSON.parse(ticket.payload) as Pick<CreatePayload, 'content'>;
      return { kind: 'content', content, contentHash: contentHashOf(ctx.db, content) };
    }
    default:
      throw new Error(`ticket ${ticket.ticketId} proposes nothing known`);
  }
}

function restoring(ctx: Context, caller: Caller, path: string): FileEffect {
  demandPath(caller, path);
  demandFree(ctx.db, path);
  return { kind: 'restore', path };
}
