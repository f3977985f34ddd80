import type { ContentPayload, FileKind, FileMode, LineEnd } from '../../src/core/op-payload.ts';
import type { Limits } from '../../src/core/limits.ts';
import { isOtherEnds, type OtherEnds, readEol } from '../../src/core/other-ends.ts';
import { Text } from '../../src/core/text.ts';
import { utf8Length } from '../../src/core/path.ts';
import { isWorldText } from '../../src/core/validate-changes.ts';
import { describeText, storeBytes, storeText } from './content-store.ts';
import { contentHasher } from './hash.ts';
import { demand } from './refusal.ts';
import type { Database } from './world.ts';

/** Content as a caller sends it. */
export interface SentContent {
  readonly kind: string;
  /** As `writeEol` has it. */
  readonly eol: string;
  readonly bom: boolean;
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Content that was checked, with its hash; not stored yet. */
export type CheckedContent =
  | {
      readonly kind: 'text';
      readonly eol: LineEnd;
      readonly otherEnds: OtherEnds;
      readonly hash: Uint8Array;
      readonly sent: SentContent;
      readonly text: Text;
    }
  | {
      readonly kind: 'binary';
      readonly eol: LineEnd;
      readonly otherEnds: '';
      readonly hash: Uint8Array;
      readonly sent: SentContent;
    };

/** Refuses content that a world cannot keep. */
export function checkContent(sent: SentContent, limits: Limits): CheckedContent {
  const ends = readEol(sent.eol);
  demand(ends !== undefined, 'bad_request', 'unknown line end');
  if (sent.kind === 'binary') {
    demand(!ends.otherEnds, 'bad_request', 'binary content has no line ends');
    demand(sent.text === '', 'bad_request', 'binary content has no text');
    demand(sent.bytes.length <= limits.binaryFileBytes, 'too_large', 'the file is too large');
    const hash = contentHasher.binary(sent.bytes);
    return { kind: 'binary', eol: ends.eol, otherEnds: '', hash, sent };
  }
  demand(sent.kind === 'text', 'bad_request', 'content is text or binary');
  demand(sent.bytes.length === 0, 'bad_request', 'text content has no bytes');
  demand(isWorldText(sent.text), 'bad_text', 'text must be Unicode with LF line ends');
  demand(utf8Length(sent.text) <= limits.textFileBytes, 'too_large', 'the file is too large');
  const text = Text.of(sent.text);
  const { eol, otherEnds = '' } = ends;
  const areLines = isOtherEnds(otherEnds, text.lineCount - 1);
  demand(areLines, 'bad_request', 'the text has no such lines, or they are too many pieces');
  return { kind: 'text', eol, otherEnds, hash: contentHasher.text(text), sent, text };
}

/** Stores content; what is there already is not stored again. */
export function storeContent(db: Database, content: CheckedContent): ContentPayload {
  const { sent, eol, otherEnds } = content;
  const shape = { eol, ...(otherEnds !== '' && { otherEnds }), bom: sent.bom };
  if (content.kind === 'text') {
    return describeText(content.text, sent.text, shape, storeText(db, content.text));
  }
  const parts = storeBytes(db, sent.bytes);
  return { kind: 'binary', ...shape, byteLength: sent.bytes.length, lineCount: 0, parts };
}

/** The columns of a file's head that describe its content. */
export function contentColumns(content: ContentPayload): {
  kind: FileKind;
  eol: LineEnd;
  bom: boolean;
  byteLength: number;
  lineCount: number;
} {
  const { kind, eol, bom, byteLength, lineCount } = content;
  return { kind, eol, bom, byteLength, lineCount };
}

export function demandMode(mode: string): asserts mode is FileMode {
  demand(mode === 'regular' || mode === 'executable', 'bad_request', 'unknown file mode');
}
