import { shapeAfter } from '../../src/core/file-place.ts';
import type { Changes } from '../../src/core/change.ts';
import {
  contentOf,
  type LineEnd,
  type ModePayload,
  readPayload,
} from '../../src/core/op-payload.ts';
import { endsAfter, followEnds, type OtherEnds, runsIn } from '../../src/core/other-ends.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { counted, spend } from './work.ts';
import type { Database, Row } from './world.ts';

interface EndingOp {
  readonly fileId: number;
  readonly kind: string;
  readonly changes: Changes;
  readonly payload: string;
}

/** Which lines of a file end otherwise than its head says. */
export function otherEndsOf(db: Database, fileId: number): OtherEnds {
  return db.line_ends.fileId.find(fileId)?.others ?? '';
}

/**
 * Does to the table what an op says, for new ops and for replayed ones, in their order. The file's head need not
 * have the op's text yet, but is put on disk as it was before the op.
 */
export function noteLineEnds(db: Database, op: EndingOp): void {
  if (op.fileId === 0 || !ENDING_KINDS.has(op.kind)) return;
  const whole = op.payload === '' ? undefined : contentOf(op);
  if (whole) {
    writeRow(db, op.fileId, whole.lineCount - 1, whole.otherEnds ?? '');
    return;
  }
  const shape = shapeOf(op);
  if (shape) noteShape(db, op.fileId, shape);
  if (op.changes.length === 0) return;
  const row = db.line_ends.fileId.find(op.fileId);
  if (!row) return;
  spend(2 * WORK_UNITS.row + runsIn(row.others) + op.changes.length);
  const others = followEnds(row.others, row.ends, op.changes);
  writeRow(db, op.fileId, endsAfter(row.ends, op.changes), others);
}

/** Forgets all, when a history begins anew. */
export function clearLineEnds(db: Database): void {
  for (const { fileId } of counted(db.line_ends.iter())) db.line_ends.fileId.delete(fileId);
}

function noteShape(db: Database, fileId: number, shape: ModePayload): void {
  const head = db.file_head.fileId.find(fileId);
  if (!head) return;
  const before = { eol: head.eol as LineEnd, otherEnds: otherEndsOf(db, fileId) };
  const { otherEnds } = shapeAfter(before, shape);
  if (otherEnds !== before.otherEnds) writeRow(db, fileId, head.lineCount - 1, otherEnds);
}

/** How the op says that the file is put on disk from now on; undefined where it says nothing of it. */
function shapeOf({ kind, payload }: EndingOp): ModePayload | undefined {
  if (kind === 'mode') return readPayload('mode', payload);
  if (kind !== 'resolve') return undefined;
  const { effect } = readPayload('resolve', payload);
  return effect?.kind === 'mode' ? effect : undefined;
}

function writeRow(db: Database, fileId: number, ends: number, others: OtherEnds): void {
  const row: Row<'line_ends'> = { fileId, ends, others };
  const known = db.line_ends.fileId.find(fileId);
  if (others === '') {
    if (known) db.line_ends.fileId.delete(fileId);
  } else if (known) db.line_ends.fileId.update(row);
  else db.line_ends.insert(row);
}

const ENDING_KINDS: ReadonlySet<string> = new Set(['create', 'edit', 'resolve', 'mode']);
