import { contentsOf } from './file-steps.ts';
import { contentOf, readPayload } from './op-payload.ts';
import type { OpRecord } from './op.ts';

/** Keys of parts of content that belong together. */
export interface NamedParts {
  readonly keys: readonly string[];
  /** UTF-8 bytes of all of them together, where that is known. */
  readonly byteLength?: number | undefined;
}

/**
 * All parts of content that an op names, those of what was refused included. None for a payload that
 * makes no sense: whoever verifies the op tells of that.
 */
export function partsOf(op: Pick<OpRecord, 'kind' | 'payload'>): NamedParts {
  if (op.payload === '') return NO_PARTS;
  try {
    if (op.kind === 'checkpoint') return { keys: readPayload('checkpoint', op.payload).parts };
    if (op.kind === 'conflict') return proposedParts(op.payload);
    const content = contentOf(op);
    return content ? { keys: content.parts, byteLength: content.byteLength } : NO_PARTS;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return NO_PARTS;
    throw error;
  }
}

/** The keys alone. */
export function partKeysOf(op: Pick<OpRecord, 'kind' | 'payload'>): readonly string[] {
  return partsOf(op).keys;
}

function proposedParts(payload: string): NamedParts {
  const contents = contentsOf(readPayload('conflict', payload).proposal);
  const byteLength = contents.reduce((sum, content) => sum + content.byteLength, 0);
  return { keys: contents.flatMap(({ parts }) => parts), byteLength };
}

const NO_PARTS: NamedParts = { keys: [] };
