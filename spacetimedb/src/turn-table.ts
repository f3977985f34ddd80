import { ENDED_TURNS, isTurnMark, OPEN_TURNS, type TurnMark } from '../../src/core/turn-mark.ts';
import type { Who } from './caller.ts';
import { counted } from './work.ts';
import type { Context, Database, Row } from './world.ts';

type Turn = Row<'turn'>;
type Timestamp = Context['timestamp'];

/**
 * Does to the table what a mark says, for new ops and for replayed ones. False where it does not fit: its
 * turn is not known or has ended, or it is longer than the module writes one.
 */
export function applyTurn(
  db: Database,
  opSeq: number,
  author: Who,
  madeAt: Timestamp,
  mark: TurnMark,
): boolean {
  if (!isTurnMark(mark)) return false;
  if (mark.does === 'begin') {
    const { does: _, ...named } = mark;
    makeRoom(db, author, mark.session, { endedAt: madeAt, changedSeq: opSeq });
    const row = { ...named, turnId: opSeq, agent: author.identity, promptErased: false };
    const times = { isOpen: true, beganAt: madeAt, endedAt: undefined, changedSeq: opSeq };
    db.turn.insert({ ...row, ...times });
    return true;
  }
  const row = db.turn.turnId.find(mark.turn);
  if (!row) return false;
  if (mark.does === 'end') {
    if (!row.isOpen) return false;
    endTurnRow(db, row, { endedAt: madeAt, changedSeq: opSeq });
    return true;
  }
  if (row.promptHash === '' || row.promptErased) return false;
  db.turn.turnId.update({ ...row, promptErased: true, changedSeq: opSeq });
  return true;
}

/** The open turns of a member, the oldest first. */
export function openTurns(db: Database, { identity }: Pick<Who, 'identity'>): readonly Turn[] {
  const rows = Array.from(counted(db.turn.byAgentOpen.filter([identity, true])));
  return rows.sort((a, b) => a.turnId - b.turnId);
}

/** The open turn of a client's session. */
export function turnOfSession(
  db: Database,
  agent: Pick<Who, 'identity'>,
  session: string,
): Turn | undefined {
  return openTurns(db, agent).find((turn) => turn.session === session);
}

type Ending = Pick<Turn, 'changedSeq'> & { readonly endedAt: Timestamp };

/** A session is asked for one thing at a time; of the others so many are open. */
function makeRoom(db: Database, author: Who, session: string, ending: Ending): void {
  const open = openTurns(db, author);
  const same = open.filter((turn) => turn.session === session);
  const others = open.filter((turn) => turn.session !== session);
  const tooMany = others.slice(0, Math.max(0, others.length - OPEN_TURNS + 1));
  for (const turn of [...same, ...tooMany]) endTurnRow(db, turn, ending);
}

/** Of those that have ended the oldest go, with their prompts. */
function endTurnRow(db: Database, row: Turn, ending: Ending): void {
  db.turn.turnId.update({ ...row, ...ending, isOpen: false });
  const ended = Array.from(counted(db.turn.byAgentOpen.filter([row.agent, false])));
  if (ended.length <= ENDED_TURNS) return;
  ended.sort((a, b) => a.turnId - b.turnId);
  for (const { turnId } of ended.slice(0, ended.length - ENDED_TURNS)) {
    db.turn.turnId.delete(turnId);
    db.turn_prompt.turnId.delete(turnId);
  }
}

/** Ends all turns of a member who was removed. */
export function endTurnsOf(db: Database, agent: Who['identity'], ending: Ending): void {
  for (const turn of openTurns(db, { identity: agent })) endTurnRow(db, turn, ending);
}

/** Forgets all, when a history begins anew. */
export function clearTurns(db: Database): void {
  for (const { turnId } of Array.from(counted(db.turn.iter()))) {
    db.turn.turnId.delete(turnId);
    db.turn_prompt.turnId.delete(turnId);
  }
}
