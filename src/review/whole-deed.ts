/** Owns: what an op did to its file as a whole, be it that it did so by deciding a ticket. Does not know: who did it. */
import { shapeAfter } from '../core/file-place.ts';
import { contentOf, type ModePayload, readPayload } from '../core/op-payload.ts';
import type { OpRecord } from '../core/op.ts';
import { BEFORE_KEY, type WholeKind } from '../core/review.ts';
import type { FileShape } from './review-hunk.ts';

export type WholeDeed =
  | { readonly kind: Exclude<WholeKind, 'deleted' | 'renamed' | 'mode'> }
  /** False where it brought the file back. */
  | { readonly kind: 'deleted'; readonly isDeleted: boolean }
  | { readonly kind: 'renamed'; readonly from: string; readonly to: string }
  | { readonly kind: 'mode'; readonly before: FileShape };

type DoingOp = Pick<OpRecord, 'kind' | 'payload'>;

/** Undefined for an op that did nothing of the kind, or of which an older world does not say what was before. */
export function wholeDeedOf(op: DoingOp): WholeDeed | undefined {
  switch (op.kind) {
    case 'create':
      return { kind: 'created' };
    case 'delete':
    case 'restore':
      return { kind: 'deleted', isDeleted: op.kind === 'delete' };
    case 'rename': {
      const { from, to } = readPayload('rename', op.payload);
      return { kind: 'renamed', from, to };
    }
    case 'mode':
      return reshaped(op, readPayload('mode', op.payload));
    case 'edit':
      return contentOf(op) && { kind: 'content' };
    case 'resolve':
      return decidedDeed(op);
    default:
      return undefined;
  }
}

function decidedDeed(op: DoingOp): WholeDeed | undefined {
  const { effect } = readPayload('resolve', op.payload);
  switch (effect?.kind) {
    case 'create':
    case 'content':
      return { kind: 'content' };
    case 'delete':
    case 'restore':
      return { kind: 'deleted', isDeleted: effect.kind === 'delete' };
    case 'rename': {
      const { path } = beforeOf(op);
      return path === undefined ? undefined : { kind: 'renamed', from: path, to: effect.path };
    }
    case 'mode':
      return reshaped(op, effect);
    case undefined:
      return undefined;
  }
}

function reshaped(op: DoingOp, shape: ModePayload): WholeDeed | undefined {
  const { mode, eol, otherEnds = '', bom } = beforeOf(op);
  if (mode === undefined || eol === undefined || bom === undefined) return undefined;
  const areEndsNew = shapeAfter({ eol, otherEnds }, shape).otherEnds !== otherEnds;
  return { kind: 'mode', before: { mode, eol, ...(areEndsNew && { otherEnds }), bom } };
}

function beforeOf({ payload }: DoingOp): Partial<FileShape> & { readonly path?: string } {
  const { [BEFORE_KEY]: before } = JSON.parse(payload) as {
    [BEFORE_KEY]?: Partial<FileShape> & { readonly path?: string };
  };
  return before ?? {};
}
