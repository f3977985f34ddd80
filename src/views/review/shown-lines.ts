/** Owns: the way between lines of a review, which are the world's, and those of an editor with text that is not sent. */
import type { LineRange } from '../../core/map-position.ts';
import type { DocumentPositions } from '../../editor/document-positions.ts';
import type { TextHunk } from '../../review/review-hunk.ts';

/** `positions`: of the file's document; undefined where it is bound to no file, and its lines are the world's. */
export function linesInEditor(
  { lines: [firstLine, lastLine], version }: Pick<TextHunk, 'lines' | 'version'>,
  positions: DocumentPositions | undefined,
): LineRange {
  const lines = { firstLine, lastLine };
  return positions?.linesToEditor(lines, version) ?? lines;
}

/** The other way round. */
export function linesInWorld(
  lines: LineRange,
  positions: DocumentPositions | undefined,
): TextHunk['lines'] {
  const { firstLine, lastLine } = positions?.linesToWorld(lines) ?? lines;
  return [firstLine, lastLine];
}
