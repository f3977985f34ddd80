import type { Changes } from './change.ts';
import { contentsOf, stepsProposed } from './file-steps.ts';
import { contentOf, readPayload } from './op-payload.ts';
import { utf8Length } from './path.ts';

/**
 * How much a world may keep. They are no `Limits`: those are read by clients of 0.1.0, which know no other
 * names, and sizes of worlds do not fit in their numbers.
 */
export interface Quotas {
  /** What one member who is no owner may write, in MiB of the history. */
  readonly memberMebibytes: number;
  readonly memberNotes: number;
  /** What all write together. */
  readonly worldMebibytes: number;
}

export type QuotaName = keyof Quotas;

export const DEFAULT_QUOTAS: Quotas = {
  memberMebibytes: 512,
  memberNotes: 20_000,
  worldMebibytes: 8192,
};

/** A server keeps the worlds of many, in memory. */
export const SERVER_QUOTAS: Quotas = { ...DEFAULT_QUOTAS, worldMebibytes: 2048 };

export const QUOTA_NAMES = Object.keys(DEFAULT_QUOTAS) as readonly QuotaName[];

export const MEBIBYTE = 1024 * 1024;

/** Exports go on without room, but not for ever: for their marks a quota is so many times as large. */
export const MARKS_ROOM = 1.125;

/** From this share on the people concerned are told. */
export const QUOTA_TOLD_AT = 0.8;

/** Notes of one member in a second: quicker than anybody reads. */
export const NOTES_PER_SECOND = 20;

/** After so many ops, or so many bytes, what was counted is written down. */
export const USAGE_STEP = { ops: 256, bytes: MEBIBYTE } as const;

/** Whole numbers from 1 that a world can count with. */
export function areQuotas(quotas: Quotas): boolean {
  return QUOTA_NAMES.every((name) => {
    const value = quotas[name];
    return Number.isSafeInteger(value) && value >= 1 && value <= 0xffff_ffff;
  });
}

/** What an op says of itself that counts. */
export interface StoredOp {
  readonly kind: string;
  readonly payload: string;
  readonly changes: Changes;
}

/**
 * What is kept for an op: an estimate that follows from the history alone, so that whoever replays it
 * counts the same. Content that is the same as other content is kept once, but counts each time.
 */
export function storedBytes(op: StoredOp): number {
  let bytes = OP_BYTES;
  for (const { text } of op.changes) bytes += CHANGE_BYTES + utf8Length(text);
  if (op.payload === '') return bytes;
  bytes += utf8Length(op.payload) + sizeOf(contentOf(op));
  if (op.kind === 'checkpoint') return bytes + CHECKPOINT_BYTES;
  // Its row beside its op.
  if (op.kind === 'note') return bytes + utf8Length(op.payload);
  return op.kind === 'conflict' ? bytes + ticketBytes(op.payload) : bytes;
}

/** A ticket shows what was there, what is there and what is proposed. */
function ticketBytes(payload: string): number {
  const { changes, proposal } = readPayload('conflict', payload);
  let bytes = OP_BYTES + 2 * utf8Length(payload);
  for (const content of contentsOf(proposal)) bytes += sizeOf(content);
  const edits = stepsProposed(proposal)?.steps.map((step) => step.changes ?? []) ?? [];
  for (const { startLine, endLine } of [changes, ...edits].flat())
    bytes += 2 * LINE_BYTES * Math.max(0, endLine - startLine);
  return bytes;
}

/** A log that is replayed may say anything. */
function sizeOf(content: { readonly byteLength: number } | undefined): number {
  const bytes = content?.byteLength ?? 0;
  return Number.isInteger(bytes) && bytes >= 0 && bytes <= 0xffff_ffff ? bytes : 0;
}

/** By how many the files that are there grow with an op. */
export function filesAdded({ kind, payload }: Pick<StoredOp, 'kind' | 'payload'>): number {
  if (kind === 'create' || kind === 'restore') return 1;
  if (kind === 'delete') return -1;
  if (kind !== 'resolve') return 0;
  const { effect } = readPayload('resolve', payload);
  if (effect?.kind === 'restore') return 1;
  return effect?.kind === 'delete' ? -1 : 0;
}

/** True for what counts as a note of its member: a mark of an export or a turn is none, nor is what answers or decides. */
export function isCountedNote({ kind, payload }: Pick<StoredOp, 'kind' | 'payload'>): boolean {
  if (kind !== 'note') return false;
  const { point, restoration, mark, review } = readPayload('note', payload);
  if (mark || review) return false;
  return point === undefined && (restoration === undefined || restoration.does === 'ask');
}

/** True for what ends a question or a turn, or answers: there are few of each, and nothing is kept of them. */
export function decidesQuestion({ kind, payload }: Pick<StoredOp, 'kind' | 'payload'>): boolean {
  if (kind !== 'note') return false;
  const { restoration, mark } = readPayload('note', payload);
  if (mark) return mark.does !== 'begin';
  return restoration !== undefined && restoration.does !== 'ask';
}

/** A row of an op without its texts, and what finds it. */
const OP_BYTES = 512;
const CHANGE_BYTES = 24;
/** What is new in a snapshot beside the texts of its ops: whole groups of lines. */
const CHECKPOINT_BYTES = 16 * 1024;
const LINE_BYTES = 80;
