import type { OpKind } from '../../src/core/op.ts';
import { readPayload } from '../../src/core/op-payload.ts';
import { BEFORE_KEY, UNREVIEWED_KEY } from '../../src/core/review.ts';
import { withKeys } from '../../src/core/turn.ts';
import type { Caller, Who } from './caller.ts';
import { otherEndsOf } from './line-ends.ts';
import type { Context, Database, Row } from './world.ts';

/** What is done to files, as an op that is about to be written says it. */
interface Work {
  readonly kind: OpKind;
  readonly fileId: number;
  readonly author: Who;
  readonly payload: string;
}

/**
 * True for what somebody will have to look at: what agents do to files. A person who lets in what an agent
 * proposed has looked at it; an agent who lets in what a person proposed did nothing of its own.
 */
export function isAgentWork({ db }: Pick<Context, 'db'>, work: Work, actor: Who): boolean {
  if (!WORK_KINDS.has(work.kind) || work.fileId === 0) return false;
  if (!isAgent(db, work.author, actor)) return false;
  if (work.kind !== 'resolve') return true;
  const { ticket: ticketId, resolution } = readPayload('resolve', work.payload);
  if (resolution !== 'rebase') return resolution === 'patch';
  const ticket = db.conflict_ticket.ticketId.find(ticketId);
  return ticket !== null && isAgentsRow(db.workspace_member.identity.find(ticket.author));
}

/** The payload of agents' work: that its file has something to look at now, and what it was before as a whole. */
export function payloadOfWork(db: Database, work: Work, opensReview: boolean): string {
  const before = beforeWork(db, work);
  if (!opensReview && !before) return work.payload;
  return withKeys(work.payload, {
    ...(opensReview && { [UNREVIEWED_KEY]: true }),
    ...(before && { [BEFORE_KEY]: before }),
  });
}

/** How the file was put on disk before that changes, and what it was called where the op does not say so. */
function beforeWork(db: Database, { kind, fileId, payload }: Work) {
  const does = kind === 'resolve' ? readPayload('resolve', payload).effect?.kind : kind;
  const isRename = kind === 'resolve' && does === 'rename';
  const head = isRename || does === 'mode' ? db.file_head.fileId.find(fileId) : null;
  if (!head) return undefined;
  if (isRename) return { path: head.path };
  const otherEnds = otherEndsOf(db, fileId);
  const { mode, eol, bom } = head;
  return { mode, eol, ...(otherEnds !== '' && { otherEnds }), bom };
}

/** True for an author who is an agent. Who writes to their own files is known by their membership already. */
export function isAgent(db: Database, author: Who, actor: Who | Caller): boolean {
  if ('member' in actor && actor.hex === author.hex) return isAgentsRow(actor.member);
  return isAgentsRow(db.workspace_member.identity.find(author.identity));
}

function isAgentsRow(member: Pick<Row<'workspace_member'>, 'kind'> | null): boolean {
  return member?.kind === 'agent';
}

const WORK_KINDS: ReadonlySet<OpKind> = new Set([
  'create',
  'edit',
  'rename',
  'delete',
  'restore',
  'mode',
  'resolve',
]);
