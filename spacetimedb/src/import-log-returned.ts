import type { OpRecord } from '../../src/core/op.ts';
import { canonicalJson, type EditPayload, readPayload } from '../../src/core/op-payload.ts';
import { badLog } from './import-log-entries.ts';

/** Refuses an edit that says of its text, or of its content, what makes no sense. */
export function demandReturned(op: OpRecord): void {
  const { content, kept, returned } = readPayload('edit', op.payload);
  if (kept && !isKept(kept, content, op)) throw badLog(op.opSeq, 'it says of lines what cannot be');
  if (!returned) return;
  const spans = returned.map(({ change, at, length, version, fromLine, fromCharacter }) => {
    const text = op.changes[change]?.text ?? '';
    const numbers = [change, at, length, version, fromLine, fromCharacter];
    const isPiece = length > 0 && at + length <= text.length;
    if (!numbers.every(isNumber) || !isPiece || version < 1 || version >= op.version) {
      throw badLog(op.opSeq, 'it says of its text what cannot be');
    }
    return { change, at, length, version, fromLine, fromCharacter };
  });
  // One form for one meaning, so that it says nothing else.
  if (canonicalJson({ returned: spans }) !== op.payload) {
    throw badLog(op.opSeq, 'its payload is not that of an edit');
  }
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
