import type { Change, Changes } from '../core/change.ts';
import type { MemberOrigin } from '../core/member-origin.ts';
import type { IdentityHex, Intent, OpKind, OpRecord } from '../core/op.ts';
import type {
  FileKind,
  FileMode,
  LineEnd,
  MemberKind,
  NoteKind,
  Role,
} from '../core/op-payload.ts';
import type { OtherEnds } from '../core/other-ends.ts';
import { POLICY_MODES, type PolicyMode } from '../core/policy.ts';
import type { TicketPart } from '../core/ticket-texts.ts';
import type { Row } from './bindings.ts';
import { identityHex } from './identity-hex.ts';

/** What a world says of itself. */
export interface Workspace {
  readonly name: string;
  readonly protocolVersion: number;
  readonly chainFormat: number;
  /** 64 hexadecimal digits; empty until its publisher has configured it. */
  readonly worldEpoch: string;
  readonly policyMode: PolicyMode;
  /** `advise`, or what else the world does about an agent at claimed lines. */
  readonly lockPolicy: string;
  /** JSON as `core/limits.ts` reads it. */
  readonly limits: string;
  readonly baseCommit: string | undefined;
}

export interface Member {
  readonly identity: IdentityHex;
  readonly kind: MemberKind;
  readonly displayName: string;
  readonly gitName: string;
  readonly gitEmail: string;
  /** As a CSS colour. */
  readonly color: string;
  readonly role: Role;
  readonly capabilities: readonly string[];
  readonly pathScope: readonly string[];
  readonly paused: boolean;
  readonly joinedAtMs: number;
  readonly removed: boolean;
}

/** By whose invite a member came. */
export interface KnownOrigin extends MemberOrigin {
  readonly identity: IdentityHex;
}

/** By whom a member is paused, and since when. */
export interface MemberPause {
  readonly identity: IdentityHex;
  readonly by: IdentityHex;
  readonly sinceMs: number;
}

export interface FileHead {
  readonly fileId: number;
  readonly path: string;
  readonly version: number;
  readonly contentHash: Uint8Array;
  readonly byteLength: number;
  readonly lineCount: number;
  readonly eol: LineEnd;
  /** Which lines end otherwise. */
  readonly otherEnds: OtherEnds;
  readonly bom: boolean;
  readonly mode: FileMode;
  readonly kind: FileKind;
  readonly deleted: boolean;
  readonly snapshotVersion: number;
  readonly updatedBy: IdentityHex;
  readonly updatedAtMs: number;
}

/** Where one connection of a member is. */
export interface Presence {
  readonly connectionId: string;
  readonly identity: IdentityHex;
  /** 0 when in no file. */
  readonly fileId: number;
  readonly activity: string;
  readonly seenAtMs: number;
}

/** `anchor` is where it began, `active` where the cursor is. */
export interface Selection {
  readonly anchorLine: number;
  readonly anchorCharacter: number;
  readonly activeLine: number;
  readonly activeCharacter: number;
}

/** A movement of a cursor, in the coordinates of `version`. */
/** The number by which a connection's short movements are told. */
export interface PresencePlace {
  readonly place: number;
  readonly connectionId: string;
}

export interface PresenceEvent {
  readonly connectionId: string;
  readonly identity: IdentityHex;
  readonly fileId: number;
  readonly version: number;
  readonly selections: readonly Selection[];
  readonly typing: boolean;
}

/** A claim on lines, both included, in the coordinates of the file's head. */
export interface SoftLock {
  readonly lockId: number;
  readonly requestId: string;
  readonly fileId: number;
  readonly holder: IdentityHex;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly reason: string;
  readonly expiresAtMs: number;
}

export interface Ticket {
  readonly ticketId: number;
  readonly batchId: string;
  readonly opId: string;
  readonly fileId: number;
  readonly kind: string;
  readonly actor: IdentityHex;
  readonly author: IdentityHex;
  readonly reason: string;
  readonly baseVersion: number;
  readonly headVersion: number;
  readonly parts: readonly TicketPart[];
  readonly payload: string;
  readonly overlapping: readonly number[];
  readonly extends: number;
  readonly status: 'open' | 'resolved' | 'withdrawn';
  readonly resolution: string;
  readonly openedAtMs: number;
}

/** A named point of the history, or a message to a member or to all. */
export interface Note {
  /** The number of its op. */
  readonly noteId: number;
  readonly kind: NoteKind;
  readonly author: IdentityHex;
  /** Undefined for all. */
  readonly to: IdentityHex | undefined;
  readonly text: string;
  readonly madeAtMs: number;
}

/** What became of one op of the caller's. */
export interface Outcome {
  readonly opId: string;
  readonly outcome: 'applied' | 'rebased' | 'ticket' | 'held' | 'duplicate';
  readonly opSeq: number;
  readonly version: number;
  readonly ticketId: number;
}

export function workspaceOf(row: Row<'workspace'>): Workspace {
  return {
    name: row.name,
    protocolVersion: row.protocolVersion,
    chainFormat: row.chainFormat,
    worldEpoch: row.worldEpoch,
    // A policy of a later version: the strictest reading loses nobody's work.
    policyMode: POLICY_MODES.find((mode) => mode === row.policyMode) ?? 'strict',
    lockPolicy: row.lockPolicy,
    limits: row.limits,
    baseCommit: row.baseCommit,
  };
}

export function memberOf(row: Row<'workspace_member'>): Member {
  return {
    identity: identityHex(row.identity),
    kind: row.kind === 'agent' ? 'agent' : 'human',
    displayName: row.displayName,
    gitName: row.gitName,
    gitEmail: row.gitEmail,
    color: row.color,
    role: row.role as Role,
    capabilities: row.capabilities,
    pathScope: row.pathScope,
    paused: row.paused,
    joinedAtMs: millisecondsOf(row.joinedAt),
    removed: row.removedAt !== undefined,
  };
}

export function pauseOf(row: Row<'member_pause'>): MemberPause {
  return {
    identity: identityHex(row.identity),
    by: identityHex(row.pausedBy),
    sinceMs: millisecondsOf(row.pausedAt),
  };
}

export function originOf(row: Row<'member_origin'>): KnownOrigin {
  return {
    identity: identityHex(row.identity),
    invitedBy: identityHex(row.invitedBy),
    inviteId: row.inviteId,
    joinedSeq: row.joinedSeq,
  };
}

/** `otherEnds`: which lines of it end otherwise than the row says. */
export function fileHeadOf(row: Row<'file_head'>, otherEnds: OtherEnds = ''): FileHead {
  return {
    fileId: row.fileId,
    path: row.path,
    version: row.version,
    contentHash: row.contentHash,
    byteLength: row.byteLength,
    lineCount: row.lineCount,
    eol: row.eol as LineEnd,
    otherEnds,
    bom: row.bom,
    mode: row.mode as FileMode,
    kind: row.kind as FileKind,
    deleted: row.deleted,
    snapshotVersion: row.snapshotVersion,
    updatedBy: identityHex(row.updatedBy),
    updatedAtMs: millisecondsOf(row.updatedAt),
  };
}

export function presenceOf(row: Row<'presence'>): Presence {
  return {
    connectionId: row.connectionId.toHexString(),
    identity: identityHex(row.identity),
    fileId: row.fileId,
    activity: row.activity,
    seenAtMs: millisecondsOf(row.seenAt),
  };
}

export function presencePlaceOf(row: Row<'presence_place'>): PresencePlace {
  return { place: row.place, connectionId: row.connectionId.toHexString() };
}

export function presenceEventOf(row: Row<'presence_event'>): PresenceEvent {
  return {
    connectionId: row.connectionId.toHexString(),
    identity: identityHex(row.identity),
    fileId: row.fileId,
    version: row.version,
    selections: row.selections,
    typing: row.typing,
  };
}

export function softLockOf(row: Row<'soft_lock'>): SoftLock {
  return {
    lockId: row.lockId,
    requestId: row.requestId,
    fileId: row.fileId,
    holder: identityHex(row.holder),
    firstLine: row.firstLine,
    lastLine: row.lastLine,
    reason: row.reason,
    expiresAtMs: millisecondsOf(row.expiresAt),
  };
}

export function ticketOf(row: Row<'conflict_ticket'>): Ticket {
  return {
    ticketId: row.ticketId,
    batchId: row.batchId,
    opId: row.opId,
    fileId: row.fileId,
    kind: row.kind,
    actor: identityHex(row.actor),
    author: identityHex(row.author),
    reason: row.reason,
    baseVersion: row.baseVersion,
    headVersion: row.headVersion,
    parts: row.parts,
    payload: row.payload,
    overlapping: row.overlapping,
    extends: row.extends,
    status: row.status as Ticket['status'],
    resolution: row.resolution,
    openedAtMs: millisecondsOf(row.openedAt),
  };
}

export function noteOf(row: Row<'note'>): Note {
  return {
    noteId: row.noteId,
    kind: row.kind as NoteKind,
    author: identityHex(row.author),
    to: row.to && identityHex(row.to),
    text: row.text,
    madeAtMs: millisecondsOf(row.madeAt),
  };
}

export function outcomeOf(row: Row<'op_outcome'>): Outcome {
  return {
    opId: row.opId,
    outcome: row.outcome as Outcome['outcome'],
    opSeq: row.opSeq,
    version: row.version,
    ticketId: row.ticketId,
  };
}

export function opRecordOf(row: Row<'file_op'>): OpRecord {
  return {
    opSeq: row.opSeq,
    opId: row.opId,
    batchId: row.batchId,
    fileId: row.fileId,
    version: row.version,
    kind: row.kind as OpKind,
    actor: identityHex(row.actor),
    author: identityHex(row.author),
    madeAtMicros: row.madeAt.microsSinceUnixEpoch,
    expectedBaseVersion: row.expectedBaseVersion,
    carriedFrom: row.carriedFrom,
    intent: row.intent as Intent,
    changes: row.changes,
    payload: row.payload,
    overlaps: row.overlaps,
    overwrote: row.overwrote,
    firstLine: row.firstLine,
    lastLine: row.lastLine,
    lineDelta: row.lineDelta,
    payloadHash: row.payloadHash,
    beforeHash: row.beforeHash,
    afterHash: row.afterHash,
    chainHash: row.chainHash,
  };
}

/** Changes as the library wants them: it does not take readonly arrays. */
export function mutable(changes: Changes): Change[] {
  return [...changes];
}

function millisecondsOf(timestamp: { readonly microsSinceUnixEpoch: bigint }): number {
  return Number(timestamp.microsSinceUnixEpoch / 1000n);
}
