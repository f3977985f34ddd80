/** What the history keeps of turns: where each begins and ends, and that a prompt was erased. */

/** With a note of the kind `turn`. The turn that an op begins has that op's number. */
export type TurnMark =
  | {
      readonly does: 'begin';
      /** Of the client's session, as the client calls it. */
      readonly session: string;
      /** As the client calls the turn; empty where it has no name for it. */
      readonly name: string;
      /** Which client it is, such as `claude-code`. */
      readonly client: string;
      /** What the client shows of it; not what was asked for. */
      readonly title: string;
      /** SHA-256 of a salt and the prompt in 64 hex digits; empty where the prompt is not kept. */
      readonly promptHash: string;
    }
  | { readonly does: 'end' | 'erase'; readonly turn: number };

/** Turns of one member that are open at once: one more ends the oldest. */
export const OPEN_TURNS = 16;
/** Turns of one member that have ended and still have a row, with their prompts. */
export const ENDED_TURNS = 200;
/** UTF-16 code units of what clients call their sessions, turns and themselves. */
export const TURN_NAME_LENGTH = 128;
/** UTF-16 code units of a prompt. */
export const PROMPT_LENGTH = 32_000;
export const SALT_BYTES = 32;

/** True for a mark as the module writes it; a history that is replayed may say anything. */
export function isTurnMark(mark: TurnMark): boolean {
  if (mark.does !== 'begin') {
    const { does, turn } = mark;
    const isKnown = does === 'end' || does === 'erase';
    return isKnown && Number.isInteger(turn) && turn > 0 && turn <= 0xffff_ffff;
  }
  const { session, name, client, title, promptHash } = mark;
  const areNames = [session, name, client].every((each) => isTurnName(each));
  const isTitle = typeof title === 'string' && title.length <= TITLE_LENGTH;
  return areNames && session !== '' && isTitle && /^(?:[0-9a-f]{64})?$/.test(promptHash);
}

/** True for what can be the name of a session, a turn or a client. */
export function isTurnName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= TURN_NAME_LENGTH && isShown(name);
}

/** True for text that has nothing in it that cannot be shown. */
export function isShown(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** What the history says of a mark to whoever knows notes only. */
export function turnText(mark: TurnMark): string {
  if (mark.does !== 'begin') {
    return mark.does === 'end'
      ? `ended the turn ${mark.turn}`
      : `erased the prompt of the turn ${mark.turn}`;
  }
  return mark.title === '' ? 'began a turn' : `began a turn: ${mark.title}`;
}

/** The longest that an owner may let names be. */
const TITLE_LENGTH = 500;
