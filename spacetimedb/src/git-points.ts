import { parseGitPoint, UPSTREAM } from '../../src/core/git-point.ts';
import { canonicalJson, type NotePayload } from '../../src/core/op-payload.ts';
import { NOTES_PER_SECOND } from '../../src/core/quota.ts';
import { demandNewCall } from './call-memory.ts';
import { type Caller, identityOf, writerOf } from './caller.ts';
import { hashText } from './hash.ts';
import { demandReviewed } from './export-rule.ts';
import { History } from './history.ts';
import { answerAgain } from './known-op.ts';
import { newMember, writeMember } from './membership.ts';
import { isText, writeNote } from './notes.ts';
import { noteRate, opRate } from './rates.ts';
import { demand } from './refusal.ts';
import type { Arguments, Context, Row } from './world.ts';

/**
 * Writes down that the world took in what a commit holds, or was written out into commits. What was
 * chosen for an export is in the history, so that everybody's export of the same ops is the same.
 */
export function markGitPoint(ctx: Context, args: Arguments<'mark_git_point'>): void {
  const asked = canonicalJson({ point: args });
  const payloadHash = hashText(asked);
  if (answerAgain(ctx, args.opId, () => payloadHash, asked.length)) return;
  const caller = writerOf(ctx, 'export');
  demandNewCall(ctx, caller, args.opId);
  const history = History.open(ctx, caller);
  const { limits, nowMicros } = history;
  opRate.spend(caller.hex, 1, limits.opsPerSecond, nowMicros);
  noteRate.spend(caller.hex, 1, NOTES_PER_SECOND, nowMicros);
  demand(args.text.length <= limits.noteLength, 'too_large', 'the note is too long');
  demand(isText(args.text) && isText(args.point), 'bad_text', 'this is not text');
  const point = parseGitPoint(args.point);
  demand(point !== undefined, 'bad_request', 'this is no point where a world meets a repository');
  demand(point.upTo < history.nextSeq, 'bad_range', `there is no op ${point.upTo} yet`);
  if (point.kind === 'export') demandReviewed(ctx.db, history, caller, point);
  ensureUpstream(ctx, history, caller);
  const payload = { note: point.kind, text: args.text, to: '', point };
  writeNote(ctx, history, caller, { opId: args.opId, payload, payloadHash });
  history.close(workspaceAfter(payload));
}

/** What the world says of itself after such a note, where that is something new. */
export function workspaceAfter({
  point,
}: Pick<NotePayload, 'point'>): Pick<Row<'workspace'>, 'baseCommit'> | undefined {
  return point?.kind === 'base' ? { baseCommit: point.commit } : undefined;
}

/** What comes in from a repository is the work of a member who can never be there. */
function ensureUpstream(ctx: Context, history: History, caller: Caller): void {
  const identity = identityOf(ctx, UPSTREAM.identity);
  if (ctx.db.workspace_member.identity.find(identity)) return;
  const rights = { role: 'viewer', kind: 'human', capabilities: [], pathScope: [] };
  const profile = { displayName: UPSTREAM.name, gitName: UPSTREAM.name, gitEmail: '', color: '' };
  const removedAt = ctx.timestamp;
  writeMember(ctx, history, caller, { ...newMember(ctx, identity, rights, profile), removedAt });
}
