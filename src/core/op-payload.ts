import type { Changes } from './change.ts';
import type { ExportRule } from './export-rule.ts';
import type { GitPoint } from './git-point.ts';
import type { IdentityHex, OpKind } from './op.ts';
import type { Quotas } from './quota.ts';
import type { OtherEnds } from './other-ends.ts';
import type { KeptLines, ReturnedText } from './returned-text.ts';
import type { RestorationAction, RestorationRules } from './restoration-action.ts';
import type { ReviewDecision } from './review.ts';
import type { TurnMark } from './turn-mark.ts';

export type FileKind = 'text' | 'binary';
export type LineEnd = 'lf' | 'crlf';
export type FileMode = 'regular' | 'executable';
export type Role = 'owner' | 'editor' | 'viewer';
export type MemberKind = 'human' | 'agent';
export type Capability = 'edit' | 'lock' | 'resolve' | 'invite' | 'export' | 'attribute';
export type NoteKind =
  'checkpoint' | 'message' | 'base' | 'export' | 'restoration' | 'turn' | 'review';
export type LockPolicy = 'enforce' | 'advise';
export type Resolution = 'accept_head' | 'rebase' | 'patch';

export const ROLES: readonly Role[] = ['owner', 'editor', 'viewer'];
export const MEMBER_KINDS: readonly MemberKind[] = ['human', 'agent'];
export const CAPABILITIES: readonly Capability[] = [
  'edit',
  'lock',
  'resolve',
  'invite',
  'export',
  'attribute',
];
/** What somebody may write down; the other kinds come with what they tell of. */
export const NOTE_KINDS: readonly NoteKind[] = ['checkpoint', 'message'];
export const LOCK_POLICIES: readonly LockPolicy[] = ['enforce', 'advise'];

/** What was refused and may be done again on top of the head. */
export type ProposalKind =
  'edit' | 'create' | 'rename' | 'delete' | 'restore' | 'mode' | 'content' | 'note';

export type TicketReason =
  | 'overlap'
  | 'concurrent'
  | 'range_changed'
  | 'too_stale'
  | 'deleted'
  | 'path_taken'
  | 'renamed'
  | 'extends';

/** A whole content, kept as parts under their hashes. Sizes are UTF-8 bytes with LF line ends. */
export interface ContentPayload {
  readonly kind: FileKind;
  readonly eol: LineEnd;
  /** Only where some lines of a text end otherwise. */
  readonly otherEnds?: OtherEnds;
  readonly bom: boolean;
  readonly byteLength: number;
  readonly lineCount: number;
  readonly parts: readonly string[];
}

/**
 * How a file is put on disk. Without `otherEnds` every line keeps its end where `eol` is what it was, and ends as
 * `eol` says where that is new.
 */
export interface ModePayload {
  readonly mode: FileMode;
  readonly eol: LineEnd;
  readonly otherEnds?: OtherEnds;
  readonly bom: boolean;
}

export interface CreatePayload {
  readonly path: string;
  readonly mode: FileMode;
  readonly content: ContentPayload;
}

/** Plain edits have none. */
export interface EditPayload {
  /** Only where an edit brings a whole new content. */
  readonly content?: ContentPayload;
  /** Where that is a text in place of bytes: what it has of the text that was there before those. */
  readonly kept?: KeptLines;
  /** Those parts of its changes that stood in the file before, in order, none over another. */
  readonly returned?: readonly ReturnedText[];
}

export interface ConflictPayload {
  readonly ticket: number;
  readonly reason: TicketReason;
  /** The closed ticket whose text these edits built on, where that is why this one was opened. */
  readonly extends?: number;
  /** `ticket` for the op that could not be applied, `held` for what came with it. */
  readonly outcome: 'ticket' | 'held';
  readonly kind: ProposalKind;
  readonly overlapping: readonly number[];
  /** To move it to the head would have been too much work for one call. */
  readonly isUnmoved?: true;
  /** As sent, relative to the base. */
  readonly changes: Changes;
  /** What its author said of text in them that came back; it is looked up if they are let in. */
  readonly returned?: readonly ReturnedText[] | undefined;
  /** The payload of what was refused, if it has one. */
  readonly proposal?: unknown;
}

export interface ResolvePayload {
  readonly ticket: number;
  readonly resolution: Resolution;
  /** Those parts of its changes that stood in the file before, as in an edit. */
  readonly returned?: readonly ReturnedText[] | undefined;
  /** Nobody decided: what was proposed had come into the head by other ways. */
  readonly isSettled?: true;
  /** What else was done beside the op's changes. */
  readonly effect?:
    | { readonly kind: 'create' | 'content'; readonly content: ContentPayload }
    | { readonly kind: 'rename' | 'restore' | 'delete'; readonly path: string }
    | ({ readonly kind: 'mode' } & ModePayload);
}

export interface MemberPayload {
  readonly identity: IdentityHex;
  readonly kind: MemberKind;
  readonly displayName: string;
  readonly gitName: string;
  readonly gitEmail: string;
  readonly color: string;
  readonly role: Role;
  readonly capabilities: readonly string[];
  readonly pathScope: readonly string[];
  readonly paused: boolean;
  readonly removed: boolean;
  /** With the op that pauses them, so that who did it is known for as long as they are paused. */
  readonly pauses?: true;
  /** With the op by which an invite let them in: who made that invite, and which it was. */
  readonly joined?: { readonly by: IdentityHex; readonly invite: string };
}

export interface PolicyPayload {
  readonly name: string;
  readonly worldEpoch: string;
  readonly policyMode: string;
  readonly lockPolicy: string;
  readonly limits: string;
  readonly baseCommit: string;
  /** By which table of `path-folding.ts` paths are told apart; only where a new world gets its name. */
  readonly paths?: number;
  /** Where they change; those from before hold on in any other op. */
  readonly quotas?: Quotas;
  /** The same of what asks before it takes old text. */
  readonly restorations?: RestorationRules;
  /** The same of what an export needs. */
  readonly exportRule?: ExportRule;
}

/**
 * A `checkpoint` is a named point of the history; a `message` is for `to`, or for all when empty. A
 * `base` or an `export` says where the world met a repository. A `restoration` is about a folder's
 * question, a `turn` frames what an agent was asked for, a `review` decides of its file what agents did; none of
 * these has a row among the notes.
 */
export interface NotePayload {
  readonly note: NoteKind;
  readonly text: string;
  readonly to: IdentityHex;
  readonly point?: GitPoint;
  readonly restoration?: RestorationAction;
  readonly mark?: TurnMark;
  readonly review?: ReviewDecision;
}

/** What a ticket of a rename proposes; `moves` where files were to move together, its own among them. */
export interface RenameProposal {
  readonly from: string;
  readonly to: string;
  readonly moves?: readonly FileMove[];
}

export interface FileMove {
  readonly fileId: number;
  readonly from: string;
  readonly to: string;
}

/**
 * What `OpRecord.payload` holds for each kind of op. Plain edits have none. Beside what is here any op of a
 * file may name the turn that it was made in (`turn.ts`), and that its file has work to look at since (`review.ts`).
 */
export interface PayloadOf {
  readonly create: CreatePayload;
  readonly edit: EditPayload;
  readonly rename: { readonly from: string; readonly to: string };
  readonly delete: { readonly path: string };
  readonly restore: { readonly path: string };
  readonly mode: ModePayload;
  readonly conflict: ConflictPayload;
  readonly resolve: ResolvePayload;
  readonly member: MemberPayload;
  readonly policy: PolicyPayload;
  readonly checkpoint: { readonly kind: FileKind; readonly parts: readonly string[] };
  readonly note: NotePayload;
}

/** JSON with keys in order and no spaces: the same value is always the same text. */
export function writePayload<Kind extends OpKind>(_kind: Kind, payload: PayloadOf[Kind]): string {
  return canonicalJson(payload);
}

/** Reads a payload that the module wrote. Throws SyntaxError for anything that is not JSON. */
export function readPayload<Kind extends OpKind>(_kind: Kind, json: string): PayloadOf[Kind] {
  return JSON.parse(json) as PayloadOf[Kind];
}

/** The whole content that an op brings, or undefined when it only has changes. */
export function contentOf(op: {
  readonly kind: string;
  readonly payload: string;
}): ContentPayload | undefined {
  if (op.payload === '') return undefined;
  switch (op.kind) {
    case 'create':
      return readPayload('create', op.payload).content;
    case 'edit':
      return readPayload('edit', op.payload).content;
    case 'resolve': {
      const { effect } = readPayload('resolve', op.payload);
      return effect && 'content' in effect ? effect.content : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * True for an edit that brings changes and no whole content. Told by how its payload begins, since its
 * keys are in order: most have none, and of one that is forged nothing is read yet.
 */
export function isOfChangesAlone({ payload }: { readonly payload: string }): boolean {
  return payload.startsWith('{"returned":') || saysLittle(payload);
}

/** True where a payload says nothing, or only of the turn and of the review that an op belongs to. */
function saysLittle(payload: string): boolean {
  return payload === '' || payload.startsWith('{"turn":') || payload.startsWith('{"unreviewed":');
}

/** True for an edit of which nothing is said, but perhaps in which turn it was made, and that it is to be looked at. */
export function isPlainEdit({
  kind,
  payload,
}: {
  readonly kind: string;
  readonly payload: string;
}): boolean {
  return kind === 'edit' && saysLittle(payload);
}

/** What of an edit's text, or of a decision's, stood in the file before, and where. */
export function returnedOf(op: {
  readonly kind: string;
  readonly payload: string;
}): readonly ReturnedText[] {
  if (op.payload === '') return [];
  if (op.kind === 'resolve') return readPayload('resolve', op.payload).returned ?? [];
  return op.kind === 'edit' ? (readPayload('edit', op.payload).returned ?? []) : [];
}

/** What a whole new content has of the text that was there before. */
export function keptOf(op: {
  readonly kind: string;
  readonly payload: string;
}): KeptLines | undefined {
  if (op.kind !== 'edit' || op.payload === '') return undefined;
  return readPayload('edit', op.payload).kept;
}

/** True for ops after which their file has a new version. */
export function makesVersion(op: {
  readonly kind: string;
  readonly changes: readonly unknown[];
  readonly payload: string;
}): boolean {
  if (op.kind === 'create' || op.kind === 'edit') return true;
  return op.kind === 'resolve' && (op.changes.length > 0 || contentOf(op) !== undefined);
}

/** JSON of plain data with the keys of every object sorted; undefined values are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isPlainObject(part) ? sorted(part) : part,
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
