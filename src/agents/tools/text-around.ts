import { resultRanges } from '../../core/change.ts';
import type { Link } from '../../world/link.ts';
import { readFileOps } from '../../world/read-file-ops.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { Excerpt } from './answer.ts';
import { excerptOf } from './numbered-lines.ts';
import type { TextShelf } from './text-shelf.ts';

/** The lines of the edit that made a version, with what others made of those around. */
export async function textAround(
  link: Link,
  view: WorldView,
  shelf: TextShelf,
  { fileId, version }: { readonly fileId: number; readonly version: number },
): Promise<readonly Excerpt[]> {
  const ops = await readFileOps(link, fileId, version - 1, version);
  const own = ops.find((op) => op.version === version && op.changes.length > 0);
  const file = await shelf.read(link, view, fileId, version);
  if (!own || !file) return [];
  const path = view.files.get(fileId)?.path ?? '';
  return resultRanges(own.changes)
    .slice(0, MOST_EXCERPTS)
    .map(({ start, end }) => {
      const lastLine = Math.min(end.line + 1, start.line + MOST_LINES);
      return excerptOf({ ...file, path }, { firstLine: start.line + 1, lastLine }, CONTEXT);
    });
}

const CONTEXT = 3;
const MOST_EXCERPTS = 8;
const MOST_LINES = 20;
