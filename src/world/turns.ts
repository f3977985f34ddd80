/** Turns of agents: what their clients were asked for, and what was done for it. */
import { createHash } from 'node:crypto';
import { TURNS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { readPayload } from '../core/op-payload.ts';
import { turnOf } from '../core/turn.ts';
import { PROMPT_LENGTH, SALT_BYTES } from '../core/turn-mark.ts';
import type { Row } from './bindings.ts';
import { demandDone } from './demand-done.ts';
import { identityHex } from './identity-hex.ts';
import { readHeadSeq } from './read-head.ts';
import { opsBetween, readOps } from './read-ops.ts';
import { readRows } from './read-rows.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

/** What an agent's client says when it begins. */
export interface NewTurn {
  /** Of the client's session, as the client calls it. */
  readonly session: string;
  /** As the client calls the turn; empty where it has no name for it. */
  readonly name: string;
  /** Which client it is, such as `claude-code`. */
  readonly client: string;
  /** What others may see of it. */
  readonly title: string;
  /** What was asked for, only where the user wants that kept; the world keeps so much of its beginning. */
  readonly prompt?: string;
}

/** A turn as the world has it. */
export interface Turn extends Omit<NewTurn, 'prompt'> {
  /** The number of the op that began it; ops that belong to it name it so. */
  readonly turnId: number;
  readonly agent: IdentityHex;
  readonly prompt: 'none' | 'kept' | 'erased';
  readonly beganAtMs: number;
  /** Undefined while it is open, and where it is too long ago to be told. */
  readonly endedAtMs: number | undefined;
  readonly isOpen: boolean;
  /** The number of the op that changed it last, such as its end; 0 where it is too long ago to be told. */
  readonly changedSeq: number;
}

/** `missing`: the world was restored from a backup, which has no prompts. `wrong`: it is not what was asked. */
export type KeptPrompt =
  | { readonly tag: 'kept'; readonly text: string }
  | { readonly tag: 'none' | 'erased' | 'missing' | 'wrong' };

/** Begins a turn of our own; the one before of the same session ends. Resolves with its number. Throws `WorldError`. */
export async function beginTurn(
  session: WorldSession,
  { prompt = '', ...names }: NewTurn,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<number> {
  await whenTurns(session, signal);
  const opId = newUuid(session.clock.nowMs(), randomBytes);
  const kept = prompt.toWellFormed().replaceAll('\0', ' ').slice(0, PROMPT_LENGTH).toWellFormed();
  const salt = kept === '' ? new Uint8Array() : new Uint8Array(randomBytes(SALT_BYTES));
  const args = { opId, ...names, prompt: kept, salt };
  const answer = await session.deliver('begin_turn', args, [opId], signal);
  demandDone(answer);
  const [outcome] = answer.tag === 'judged' ? answer.outcomes : [];
  if (outcome) return outcome.opSeq;
  throw new WorldError('bad_answer', 'The world did not say what it made of a turn');
}

/** Ends the turn of a session of ours; without an open one it does nothing. Throws `WorldError`. */
export async function endTurn(
  session: WorldSession,
  clientSession: string,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<void> {
  await whenTurns(session, signal);
  const opId = newUuid(session.clock.nowMs(), randomBytes);
  const args = { opId, session: clientSession };
  const answer = await session.deliver('end_turn', args, [opId], signal);
  if (answer.tag === 'refused' && answer.refusal.code === 'no_such_turn') return;
  demandDone(answer);
}

/** Makes the world forget what was asked for, for good. Throws `WorldError`. */
export async function erasePrompt(
  session: WorldSession,
  turnId: number,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<void> {
  await whenTurns(session, signal);
  const opId = newUuid(session.clock.nowMs(), randomBytes);
  demandDone(await session.deliver('erase_prompt', { opId, turnId }, [opId], signal));
}

/** The turns that an agent has had lately, the newest first. */
export async function readTurnsOf(
  session: WorldSession,
  agent: IdentityHex,
): Promise<readonly Turn[]> {
  const link = await session.whenOnline();
  if (!hasTurns(session)) return [];
  const conditions = [true, false].map((isOpen) => `agent = 0x${agent} AND is_open = ${isOpen}`);
  const isWanted = (row: Row<'turn'>): boolean => identityHex(row.agent) === agent;
  const rows = await readRows(link, { table: 'turn', conditions, isWanted });
  return rows.map(turnFrom).sort((a, b) => b.turnId - a.turnId);
}

/** The turns of an agent that are open, the oldest first. */
export async function readOpenTurns(
  session: WorldSession,
  agent: IdentityHex,
): Promise<readonly Turn[]> {
  const link = await session.whenOnline();
  if (!hasTurns(session)) return [];
  const conditions = [`agent = 0x${agent} AND is_open = true`];
  const isWanted = (row: Row<'turn'>): boolean => row.isOpen && identityHex(row.agent) === agent;
  const rows = await readRows(link, { table: 'turn', conditions, isWanted });
  return rows.map(turnFrom).sort((a, b) => a.turnId - b.turnId);
}

/** A turn by its number, also where it was long ago; undefined where that is the number of no turn. */
export async function readTurn(session: WorldSession, turnId: number): Promise<Turn | undefined> {
  const link = await session.whenOnline();
  if (!hasTurns(session)) return undefined;
  const isWanted = (row: Row<'turn'>): boolean => row.turnId === turnId;
  const conditions = [`turn_id = ${turnId}`];
  const [row] = await readRows(link, { table: 'turn', conditions, isWanted });
  if (row) return turnFrom(row);
  const [op] = turnId > 0 ? await readOps(link, [turnId]) : [];
  return op && turnBegunBy(op);
}

/** What an agent was asked for in a turn, if that is kept. It is compared with what the history says. */
export async function readPrompt(session: WorldSession, turnId: number): Promise<KeptPrompt> {
  const link = await session.whenOnline();
  const turn = await readTurn(session, turnId);
  if (!turn || turn.prompt === 'none') return { tag: 'none' };
  if (turn.prompt === 'erased') return { tag: 'erased' };
  const isWanted = (row: Row<'turn_prompt'>): boolean => row.turnId === turnId;
  const conditions = [`turn_id = ${turnId}`];
  const [row] = await readRows(link, { table: 'turn_prompt', conditions, isWanted });
  if (!row) return { tag: 'missing' };
  const [op] = await readOps(link, [turnId]);
  const hash = createHash('sha256').update(row.salt).update(row.text, 'utf8').digest('hex');
  const isRight = op !== undefined && promptHashOf(op) === hash;
  return isRight ? { tag: 'kept', text: row.text } : { tag: 'wrong' };
}

/** What was done in a turn, in order, as it is read; each as often as it is in the history, once. */
export async function* opsOfTurn(
  session: WorldSession,
  turnId: number,
): AsyncGenerator<readonly OpRecord[]> {
  const headSeq = await readHeadSeq(await session.whenOnline());
  for await (const ops of opsBetween(session, turnId - 1, headSeq)) {
    const own = ops.filter((op) => turnOf(op) === turnId);
    if (own.length > 0) yield own;
    const isEnd = (op: OpRecord): boolean => {
      const mark = markOf(op);
      return mark?.does === 'end' && mark.turn === turnId;
    };
    // A turn that ended goes on no more; of one that another ended the rest is looked through.
    if (ops.some(isEnd)) return;
  }
}

/** True in a world whose module has turns. */
export function hasTurns({ moduleLevel }: Pick<WorldSession, 'moduleLevel'>): boolean {
  return moduleLevel >= TURNS_LEVEL;
}

async function whenTurns(session: WorldSession, signal?: AbortSignal): Promise<void> {
  await session.whenOnline(signal);
  demandTurns(session);
}

/** Throws `WorldError` in a world whose module has none. */
export function demandTurns(session: Pick<WorldSession, 'moduleLevel'>): void {
  if (hasTurns(session)) return;
  const why = 'upgrade_needed: this world knows no turns; an owner can bring its module up to date';
  throw new WorldError('refused', why);
}

function turnFrom(row: Row<'turn'>): Turn {
  const { turnId, session, name, client, title, promptHash, promptErased, isOpen, changedSeq } =
    row;
  const prompt = promptHash === '' ? 'none' : promptErased ? 'erased' : 'kept';
  return {
    turnId,
    agent: identityHex(row.agent),
    session,
    name,
    client,
    title,
    prompt,
    beganAtMs: millisecondsOf(row.beganAt),
    endedAtMs: row.endedAt && millisecondsOf(row.endedAt),
    isOpen,
    changedSeq,
  };
}

/** Of a turn that has no row any more; its prompt went with that. */
function turnBegunBy(op: OpRecord): Turn | undefined {
  const mark = markOf(op);
  if (mark?.does !== 'begin') return undefined;
  const { session, name, client, title } = mark;
  const times = { beganAtMs: Number(op.madeAtMicros / 1000n), endedAtMs: undefined };
  const prompt = mark.promptHash === '' ? 'none' : 'erased';
  const named = { turnId: op.opSeq, agent: op.author, session, name, client, title };
  return { ...named, prompt, ...times, isOpen: false, changedSeq: 0 };
}

function promptHashOf(op: OpRecord): string | undefined {
  const mark = markOf(op);
  return mark?.does === 'begin' ? mark.promptHash : undefined;
}

function markOf({ kind, payload }: OpRecord) {
  return kind === 'note' ? readPayload('note', payload).mark : undefined;
}

function millisecondsOf(timestamp: { readonly microsSinceUnixEpoch: bigint }): number {
  return Number(timestamp.microsSinceUnixEpoch / 1000n);
}
