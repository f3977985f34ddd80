import {
  type ContentPayload,
  contentOf,
  type CreatePayload,
  type FileMode,
  type LineEnd,
  type ModePayload,
  readPayload,
} from './op-payload.ts';
import type { OpRecord } from './op.ts';
import { followEnds, type OtherEnds } from './other-ends.ts';

/** Where a file is and how it is put on disk: all of it but its content. */
export interface FilePlace {
  readonly path: string;
  readonly mode: FileMode;
  readonly eol: LineEnd;
  readonly otherEnds: OtherEnds;
  readonly bom: boolean;
  readonly deleted: boolean;
}

/** Where a file is that was just created. */
export function placeOf({ path, mode, content }: CreatePayload): FilePlace {
  return withContent({ path, mode, eol: 'lf', otherEnds: '', bom: false, deleted: false }, content);
}

/**
 * Where a file is after an op on it, before which its text had so many line ends. Throws SyntaxError or TypeError
 * for a payload that is none.
 */
export function placeAfter(place: FilePlace, op: OpRecord, ends: number): FilePlace {
  const after = op.payload === '' ? place : placeByPayload(place, op);
  if (after.otherEnds === '' || op.changes.length === 0) return after;
  return { ...after, otherEnds: followEnds(after.otherEnds, ends, op.changes) };
}

function placeByPayload(place: FilePlace, op: OpRecord): FilePlace {
  switch (op.kind) {
    case 'rename':
      return { ...place, path: readPayload('rename', op.payload).to };
    case 'delete':
      return { ...place, deleted: true };
    case 'restore':
      return { ...place, deleted: false, path: readPayload('restore', op.payload).path };
    case 'mode':
      return { ...place, ...shapeAfter(place, readPayload('mode', op.payload)) };
    case 'resolve':
      return afterDecision(withContent(place, contentOf(op)), op);
    default:
      return withContent(place, contentOf(op));
  }
}

function afterDecision(place: FilePlace, op: OpRecord): FilePlace {
  const { effect } = readPayload('resolve', op.payload);
  switch (effect?.kind) {
    case 'rename':
      return { ...place, path: effect.path };
    case 'restore':
      return { ...place, path: effect.path, deleted: false };
    case 'delete':
      return { ...place, deleted: true };
    case 'mode':
      return { ...place, ...shapeAfter(place, effect) };
    default:
      return place;
  }
}

function withContent(place: FilePlace, content: ContentPayload | undefined): FilePlace {
  if (!content) return place;
  const { eol, otherEnds = '', bom } = content;
  return { ...place, eol, otherEnds, bom };
}

/** What an op says of how a file is put on disk, on what that was. */
export function shapeAfter(
  before: Pick<FilePlace, 'eol' | 'otherEnds'>,
  { mode, eol, otherEnds, bom }: ModePayload,
): Pick<FilePlace, 'mode' | 'eol' | 'otherEnds' | 'bom'> {
  const kept = eol === before.eol ? before.otherEnds : '';
  return { mode, eol, otherEnds: otherEnds ?? kept, bom };
}
