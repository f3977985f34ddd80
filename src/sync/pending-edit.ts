/**
 * Owns: the user's edits that the world has not confirmed, and how typing joins them. Does not
 * know: what is in flight, what comes from others, when anything is sent.
 */
import type { Changes } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { DEFAULT_LIMITS } from '../core/limits.ts';
import type { IdentityHex, Intent } from '../core/op.ts';
import { movedReturns, type ReturnedText } from '../core/returned-text.ts';
import { isWorldText } from '../core/validate-changes.ts';
import type { Maker } from './ports.ts';

/** An edit of the user's that is not confirmed; it will be one op. Plain data, fit for JSON. */
export interface PendingEdit {
  readonly opId: string;
  /** Relative to the result of the edits before it. */
  readonly changes: Changes;
  readonly intent: Intent;
  /** Sequence numbers of the ops that it overlaps, found when it was moved over them. */
  readonly overlaps: readonly number[];
  /** The version its author was looking at, once it was moved over somebody's op; before that 0. */
  readonly carriedFrom: number;
  /** Over how many ops of others it was moved. */
  readonly carriedOver: number;
  /** The id of the edit that this one was split off; the world may know all of it under that id. */
  readonly splitFrom?: string;
  /** It may have been sent by a window that crashed before it could write that down. */
  readonly isRestored?: true;
  /** Set where the edit is not in the text: it is all that a ticket proposes from now on. */
  readonly extends?: TicketAddition;
  /** Those pieces of its changes' text that stood in the file before: where it takes something back. */
  readonly returned?: readonly ReturnedText[];
  /** When its first change was made, in Unix milliseconds. */
  readonly typedAtMs: number;
  /** The number of the doubt about who made it: until that is known it is not sent. */
  readonly doubt?: number;
  /** An agent of the user's that made it; without one the user did. */
  readonly author?: IdentityHex;
}

/** Whether keys that wait for an answer become one op together, or each an op of its own. */
export type WaitingKeys = 'together' | 'apart';

/** What was typed into text that a ticket holds. */
export interface TicketAddition {
  readonly ticketId: number;
  /** The version that the ticket's edits, and `changes` of this one, are relative to. */
  readonly baseVersion: number;
  /** What is new in it, relative to what the ticket's edits make of their base. */
  readonly added: Changes;
}

/** Typing joins the edit before it up to this size, so that a keystroke costs what it adds. */
const MAX_JOINED_CHARACTERS = 2048;
const MAX_JOINED_CHANGES = 32;

/** Typing that is moved over an op so long after it was typed is judged as a patch, as worlds do. */
const CARRIED_LONG_MS = DEFAULT_LIMITS.carriedMs;
const CARRIED_LONG_OPS = DEFAULT_LIMITS.carriedOps;

/** A fresh edit that was not moved over anything. */
export function newEdit(
  opId: string,
  changes: Changes,
  intent: Intent,
  typedAtMs: number,
  returned: readonly ReturnedText[] = [],
): PendingEdit {
  return {
    opId,
    changes,
    intent,
    overlaps: [],
    carriedFrom: 0,
    carriedOver: 0,
    typedAtMs,
    ...(returned.length > 0 && { returned }),
  };
}

/** The edit with changes that were moved, or are some of its own. */
export function withChanges(edit: PendingEdit, changes: Changes): PendingEdit {
  if (!edit.returned) return { ...edit, changes };
  return { ...edit, changes, returned: movedReturns(edit.returned, edit.changes, changes) };
}

/** The edit with what is known by now of who made it; an agent's is judged as a patch, since nobody typed it. */
export function withMaker(edit: PendingEdit, maker: Maker | undefined): PendingEdit {
  if (edit.doubt === undefined || maker === undefined) return edit;
  const { doubt: _, ...known } = edit;
  return maker === 'user' ? known : { ...known, author: maker.agent, intent: 'patch' };
}

/** True for edits whose changes are in the text, false for what only a ticket holds. */
export function isInText(edit: PendingEdit): boolean {
  return edit.extends === undefined;
}

/** True when the edit overlaps something and has to be judged alone. */
export function isContested(edit: PendingEdit): boolean {
  return edit.overlaps.length > 0;
}

/** True when the edit has text that no world keeps, so that it has to be refused alone. */
export function hasForeignText({ changes }: PendingEdit): boolean {
  return changes.some((change) => !isWorldText(change.text));
}

/** True when the edit is, or was split off, the one with this id. */
export function comesFrom(edit: PendingEdit, opId: string): boolean {
  return edit.opId === opId || edit.splitFrom === opId;
}

/** What the edits do to the text, one after the other. */
export function composeEdits(edits: readonly PendingEdit[]): Changes {
  return edits.filter(isInText).reduce<Changes>((all, edit) => compose(all, edit.changes), []);
}

/** Adds an edit at the end; typing that nobody contests joins the typing before it, if keys may. */
export function appendEdit(
  pending: readonly PendingEdit[],
  edit: PendingEdit,
  waitingKeys: WaitingKeys,
): readonly PendingEdit[] {
  if (edit.changes.length === 0) return pending;
  const last = pending.at(-1);
  if (!last || waitingKeys === 'apart' || !canJoin(last, edit)) return [...pending, edit];
  const joined = joinEdits(last, edit);
  const before = pending.slice(0, -1);
  return joined.changes.length > 0 ? [...before, joined] : before;
}

/** One edit that does what `first` and then `second` do, under the id of the first. */
export function joinEdits(first: PendingEdit, second: PendingEdit): PendingEdit {
  return {
    ...first,
    changes: compose(first.changes, second.changes),
    carriedFrom: earlierVersion(first.carriedFrom, second.carriedFrom),
    carriedOver: Math.max(first.carriedOver, second.carriedOver),
  };
}

/** The intent by which an edit is judged when it is moved over an op now: an hour offline is no typing. */
export function judgedIntent(edit: PendingEdit, nowMs: number): Intent {
  const isLong = nowMs - edit.typedAtMs > CARRIED_LONG_MS || edit.carriedOver >= CARRIED_LONG_OPS;
  return isLong ? 'patch' : edit.intent;
}

/** The earlier of two versions where 0 stands for none. */
export function earlierVersion(a: number, b: number): number {
  return a === 0 || b === 0 ? a || b : Math.min(a, b);
}

/** All numbers of both, each once, in rising order. */
export function unite(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

function canJoin(last: PendingEdit, edit: PendingEdit): boolean {
  return (
    last.intent === 'typing' &&
    !last.isRestored &&
    !last.returned &&
    !edit.returned &&
    last.doubt === edit.doubt &&
    last.author === edit.author &&
    edit.intent === 'typing' &&
    isInText(last) &&
    isInText(edit) &&
    !isContested(last) &&
    !isContested(edit) &&
    last.changes.length + edit.changes.length <= MAX_JOINED_CHANGES &&
    lengthOf(last.changes) + lengthOf(edit.changes) <= MAX_JOINED_CHARACTERS &&
    !hasForeignText(last) &&
    !hasForeignText(edit)
  );
}

function lengthOf(changes: Changes): number {
  return changes.reduce((sum, change) => sum + change.text.length, 0);
}
