import { type ContentPayload, contentOf, readPayload } from './op-payload.ts';
import type { OpRecord } from './op.ts';

/**
 * Keys of all parts of content that an op names, those of what was refused included. None for a
 * payload that makes no sense: whoever verifies the op tells of that.
 */
export function partKeysOf(op: Pick<OpRecord, 'kind' | 'payload'>): readonly string[] {
  if (op.payload === '') return [];
  try {
    if (op.kind === 'checkpoint') return readPayload('checkpoint', op.payload).parts;
    if (op.kind === 'conflict') return proposedContent(op.payload)?.parts ?? [];
    return contentOf(op)?.parts ?? [];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return [];
    throw error;
  }
}

function proposedContent(payload: string): ContentPayload | undefined {
  const { proposal } = readPayload('conflict', payload);
  return (proposal as { readonly content?: ContentPayload } | undefined)?.content;
}
