import type { OpRecord } from '../../src/core/op.ts';
import {
  canonicalJson,
  type ConflictPayload,
  type EditPayload,
  readPayload,
} from '../../src/core/op-payload.ts';
import { opensReview, UNREVIEWED_KEY } from '../../src/core/review.ts';
import { turnOf, withKeys, withTurn } from '../../src/core/turn.ts';
import { RETURNED_PER_CALL, type ReturnedText } from '../../src/core/returned-text.ts';
import { badLog } from './import-log-entries.ts';

/** Refuses an edit that says of its text, or of its content, what makes no sense. */
export function demandReturned(op: OpRecord): void {
  const { content, kept, returned } = readPayload('edit', op.payload);
  if (kept && !isKept(kept, content, op)) throw badLog(op.opSeq, 'it says of lines what cannot be');
  if (content) return;
  // One form for one meaning, so that it says nothing else.
  const pieces = returned && { returned: demandPieces(op, returned) };
  const said = pieces ? canonicalJson(pieces) : '';
  const inTurn = withTurn(said, turnOf(op));
  const whole = opensReview(op) ? withKeys(inTurn, { [UNREVIEWED_KEY]: true }) : inTurn;
  if (whole !== op.payload) {
    throw badLog(op.opSeq, 'its payload is not that of an edit');
  }
}

/** Refuses pieces of an op's text that cannot have come back; returns them with nothing else in them. */
export function demandPieces(op: OpRecord, returned: readonly ReturnedText[]) {
  return returned.map(({ change, at, length, version, fromLine, fromCharacter }) => {
    const text = op.changes[change]?.text ?? '';
    const numbers = [change, at, length, version, fromLine, fromCharacter];
    const isPiece = length > 0 && at + length <= text.length;
    if (!numbers.every(isNumber) || !isPiece || version < 1 || version >= op.version) {
      throw badLog(op.opSeq, 'it says of its text what cannot be');
    }
    return { change, at, length, version, fromLine, fromCharacter };
  });
}

/** Refuses a conflict that says of its text what nobody can have said; whether it is so is looked up later. */
export function demandSaid(op: OpRecord, { returned }: ConflictPayload): void {
  if (returned === undefined) return;
  const isRight =
    Array.isArray(returned) &&
    returned.length <= RETURNED_PER_CALL &&
    returned.every(({ change, at, length, version, fromLine, fromCharacter }: ReturnedText) => {
      const numbers = [change, at, length, version, fromLine, fromCharacter];
      return numbers.every(isNumber);
    });
  if (!isRight) throw badLog(op.opSeq, 'it says of its text what cannot be');
}

function isKept(
  { version, first, last }: NonNullable<EditPayload['kept']>,
  content: EditPayload['content'],
  op: OpRecord,
): boolean {
  if (![version, first, last].every(isNumber) || version < 1 || version >= op.version) return false;
  return content?.kind === 'text' && first + last <= content.lineCount;
}

function isNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
