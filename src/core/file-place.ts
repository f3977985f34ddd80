import {
  type ContentPayload,
  contentOf,
  type CreatePayload,
  type FileMode,
  type LineEnd,
  readPayload,
} from './op-payload.ts';
import type { OpRecord } from './op.ts';

/** Where a file is and how it is put on disk: all of it but its content. */
export interface FilePlace {
  readonly path: string;
  readonly mode: FileMode;
  readonly eol: LineEnd;
  readonly bom: boolean;
  readonly deleted: boolean;
}

/** Where a file is that was just created. */
export function placeOf({ path, mode, content }: CreatePayload): FilePlace {
  const { eol, bom } = content;
  return { path, mode, eol, bom, deleted: false };
}

/** Where a file is after an op on it. Throws SyntaxError or TypeError for a payload that is none. */
export function placeAfter(place: FilePlace, op: OpRecord): FilePlace {
  switch (op.kind) {
    case 'rename':
      return { ...place, path: readPayload('rename', op.payload).to };
    case 'delete':
      return { ...place, deleted: true };
    case 'restore':
      return { ...place, deleted: false, path: readPayload('restore', op.payload).path };
    case 'mode': {
      const { mode, eol, bom } = readPayload('mode', op.payload);
      return { ...place, mode, eol, bom };
    }
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
    case 'mode': {
      const { mode, eol, bom } = effect;
      return { ...place, mode, eol, bom };
    }
    default:
      return place;
  }
}

function withContent(place: FilePlace, content: ContentPayload | undefined): FilePlace {
  return content ? { ...place, eol: content.eol, bom: content.bom } : place;
}
