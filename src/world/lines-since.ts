import { type LineRange, mapLineRange } from '../core/map-position.ts';
import type { Link } from './link.ts';
import { readFileOps } from './read-file-ops.ts';
import { fileVersionAt } from './version-at.ts';
import type { WorldView } from './world-view.ts';

/** Lines that were named longer ago than so many versions stay where they were: nobody waits for their history. */
const MOST_VERSIONS = 2_000;

export interface NamedLines {
  readonly fileId: number;
  /** In the text that the file had after the op `opSeq` of the world. */
  readonly lines: LineRange;
  readonly opSeq: number;
}

/** Where named lines of a file are at a later version. Rejects with `LinkFailure` when the connection ends. */
export async function linesSince(
  link: Link,
  view: WorldView,
  { fileId, lines, opSeq }: NamedLines,
  version: number,
): Promise<LineRange> {
  const then = await fileVersionAt(link, view, fileId, opSeq);
  if (version - then > MOST_VERSIONS) return lines;
  const ops = await readFileOps(link, fileId, then, version);
  return ops.reduce((moved, op) => mapLineRange(moved, op.changes), lines);
}
