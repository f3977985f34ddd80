import { toHex } from '../../src/core/hash.ts';
import { canonicalJson, writePayload } from '../../src/core/op-payload.ts';
import { PLACES_PER_MEMBER } from '../../src/core/sizes.ts';
import {
  isShown,
  isTurnName,
  PROMPT_LENGTH,
  SALT_BYTES,
  type TurnMark,
  turnText,
} from '../../src/core/turn-mark.ts';
import { byteUnits } from '../../src/core/work.ts';
import { demandNewCall } from './call-memory.ts';
import { activeMemberOf, type Caller, hexOf, memberOf } from './caller.ts';
import { hash, hashText } from './hash.ts';
import { History } from './history.ts';
import { answerAgain } from './known-op.ts';
import { openNoteHistory } from './note-call.ts';
import { isText } from './notes.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { applyTurn, turnOfSession } from './turn-table.ts';
import { counted, spend } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';

/**
 * An agent's client begins to do what it was asked for. The turn before of the same session ends. The prompt,
 * where somebody wants that kept, lies beside the history, which has a hash of it that tells nothing.
 */
export function beginTurn(ctx: Context, args: Arguments<'begin_turn'>): void {
  const { opId, session, name, client, title, prompt, salt } = args;
  demand(prompt.length <= PROMPT_LENGTH, 'too_large', 'the prompt is too long');
  const isSalted = prompt === '' ? salt.length === 0 : salt.length === SALT_BYTES;
  demand(isSalted, 'bad_request', `a prompt comes with a salt of ${SALT_BYTES} bytes`);
  spend(byteUnits(3 * prompt.length));
  const promptHash = prompt === '' ? '' : promptHashOf(prompt, salt);
  const mark = { does: 'begin', session, name, client, title, promptHash } as const;
  const asked = askedOnce(ctx, opId, mark);
  if (!asked) return;
  const caller = activeMemberOf(ctx);
  demand(caller.member.kind === 'agent', 'forbidden', 'only agents have turns');
  const history = openHistory(ctx, caller, opId, asked.length + prompt.length);
  const areNames = session !== '' && [session, name, client].every(isTurnName) && isShown(title);
  demand(areNames, 'bad_request', 'names of a session and its turn are short and can be shown');
  demand(title.length <= history.limits.nameLength, 'too_large', 'the title is too long');
  demand(isText(prompt), 'bad_text', 'this is not text');
  const turnId = write(ctx, history, caller, opId, asked, mark);
  if (prompt !== '') ctx.db.turn_prompt.insert({ turnId, salt, text: prompt });
}

/**
 * The client of a session is done; who crashed begins the next turn without it. It changes no text, so it is taken
 * from a paused agent too: else that would seem to be at work for ever.
 */
export function endTurn(ctx: Context, args: Arguments<'end_turn'>): void {
  const asked = askedOnce(ctx, args.opId, { endOf: args.session });
  if (!asked) return;
  const caller = memberOf(ctx);
  const history = openHistory(ctx, caller, args.opId, asked.length);
  const turn = turnOfSession(ctx.db, caller, args.session);
  if (!turn) throw new Refusal('no_such_turn', 'this session has no turn that is open');
  write(ctx, history, caller, args.opId, asked, { does: 'end', turn: turn.turnId });
}

/** Forgets what an agent was asked for: by an owner, or by whoever invited the agent. */
export function erasePrompt(ctx: Context, args: Arguments<'erase_prompt'>): void {
  const { opId, turnId } = args;
  const asked = askedOnce(ctx, opId, { eraseOf: turnId });
  if (!asked) return;
  const caller = activeMemberOf(ctx);
  const history = openHistory(ctx, caller, opId, asked.length);
  const turn = ctx.db.turn.turnId.find(turnId);
  if (!turn) throw new Refusal('no_such_turn', 'there is no such turn, or it was long ago');
  demand(
    mayErase(ctx, caller, turn),
    'forbidden',
    'only an owner, or whose agent it is, may erase',
  );
  const isKept = turn.promptHash !== '' && !turn.promptErased;
  demand(isKept, 'already_resolved', 'no prompt of this turn is kept');
  // A row that is emptied tells the host to leave none of its bytes on disk; one that only got old goes as any.
  if (ctx.db.turn_prompt.turnId.find(turnId)) {
    ctx.db.turn_prompt.turnId.update({ turnId, salt: NOTHING, text: '' });
  }
  write(ctx, history, caller, opId, asked, { does: 'erase', turn: turnId });
}

/** From now on what comes over this connection belongs to the turns of that session; empty for none. */
export function takeSession(ctx: Context, { session }: Arguments<'take_session'>): void {
  const caller = activeMemberOf(ctx);
  const { connectionId } = ctx;
  if (!connectionId) throw new Refusal('bad_request', 'a session needs a connection');
  const { limits, nowMicros } = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, limits.opsPerSecond, nowMicros);
  demand(isTurnName(session), 'bad_request', 'the name of a session is short and can be shown');
  demand(caller.member.kind === 'agent', 'forbidden', 'only agents have turns');
  const table = ctx.db.connection_session;
  if (table.connectionId.find(connectionId)?.session === session) return;
  table.connectionId.delete(connectionId);
  if (session === '') return;
  const own = Array.from(counted(table.identity.filter(caller.identity)));
  own.sort((a, b) => Number(a.takenAt.microsSinceUnixEpoch - b.takenAt.microsSinceUnixEpoch));
  // A connection whose end nobody was told of leaves its row.
  for (const row of own.slice(0, Math.max(0, own.length - PLACES_PER_MEMBER + 1))) {
    table.connectionId.delete(row.connectionId);
  }
  table.insert({ connectionId, identity: caller.identity, session, takenAt: ctx.timestamp });
}

const NOTHING = new Uint8Array(0);

/** What was asked for as JSON; undefined when the same call was answered again. */
function askedOnce(ctx: Context, opId: string, call: object): string | undefined {
  const asked = canonicalJson({ turn: call });
  return answerAgain(ctx, opId, () => hashText(asked), asked.length) ? undefined : asked;
}

function openHistory(ctx: Context, caller: Caller, opId: string, length: number): History {
  demandNewCall(ctx, caller, opId);
  return openNoteHistory(ctx, caller, length);
}

/** Writes the op, and does what it says; returns its number. */
function write(
  ctx: Context,
  history: History,
  caller: Caller,
  opId: string,
  asked: string,
  mark: TurnMark,
): number {
  const payload = writePayload('note', { note: 'turn', text: turnText(mark), to: '', mark });
  const draft = { opId, kind: 'note', author: caller, payload } as const;
  const opSeq = history.appendFileless({ ...draft, payloadHash: hashText(asked) });
  if (!applyTurn(ctx.db, opSeq, caller, ctx.timestamp, mark)) {
    throw new Error('a turn was judged to fit and does not');
  }
  history.tell(opId, 'applied', opSeq, 0);
  history.close();
  return opSeq;
}

function promptHashOf(prompt: string, salt: Uint8Array): string {
  const text = new TextEncoder().encode(prompt);
  const salted = new Uint8Array(salt.length + text.length);
  salted.set(salt);
  salted.set(text, salt.length);
  return toHex(hash(salted));
}

/** What an agent was asked for is not for agents to erase: it could hide what it did. */
function mayErase(ctx: Context, { member, hex }: Caller, turn: Row<'turn'>): boolean {
  if (member.kind === 'agent') return false;
  if (member.role === 'owner') return true;
  const origin = ctx.db.member_origin.identity.find(turn.agent);
  return origin !== null && hexOf(origin.invitedBy) === hex;
}
