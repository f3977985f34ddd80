import type { KeptLines } from '../../src/core/returned-text.ts';
import { byteUnits, RETURNED_WORK, TooMuchWork, Work } from '../../src/core/work.ts';
import { committedOps, snapshotBefore, textAt } from './file-texts.ts';
import { callWork } from './work.ts';
import type { Database, Row } from './world.ts';

/**
 * What a text that takes the place of bytes has of the last text that the file had: one save with mixed
 * line ends makes bytes of it, and the next one a text again. Undefined where there is none, or where to
 * look would be too much work.
 */
export function keptLines(
  db: Database,
  head: Row<'file_head'>,
  content: string,
): KeptLines | undefined {
  if (head.kind === 'text') return undefined;
  const allowed = Math.min(RETURNED_WORK, Math.floor(callWork().left / 2));
  const meter = new Work(allowed);
  try {
    meter.spend(byteUnits(2 * content.length));
    const before = lastText(db, head, (units) => meter.spend(units));
    return before && endsAlike(before.version, before.text, content);
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
    return undefined;
  } finally {
    callWork().spend(Math.min(meter.spent, allowed));
  }
}

function lastText(db: Database, head: Row<'file_head'>, count: (units: number) => void) {
  const { fileId } = head;
  let { version } = head;
  for (let tries = 0; tries < MOST_BINARY && version > 0; tries++) {
    const snapshot = snapshotBefore(db, fileId, version, count);
    if (!snapshot) return undefined;
    if (snapshot.kind === 'text') {
      const [next] = committedOps(db, fileId, version, version + 1, undefined, count);
      if (!next) return undefined;
      const text = textAt(db, fileId, version, next.beforeHash, count);
      return { version, text: text.toString() };
    }
    // The bytes came with that version, whole.
    version = snapshot.version - 1;
  }
  return undefined;
}

/** How many lines at the start and at the end are the same. */
function endsAlike(version: number, before: string, after: string): KeptLines | undefined {
  const [then, now] = [before.split('\n'), after.split('\n')];
  const most = Math.min(then.length, now.length);
  let first = 0;
  while (first < most && then[first] === now[first]) first++;
  let last = 0;
  while (last < most - first && then.at(-1 - last) === now.at(-1 - last)) last++;
  return first + last > 0 ? { version, first, last } : undefined;
}

/** So many times in a row the file may have had other bytes. */
const MOST_BINARY = 16;
