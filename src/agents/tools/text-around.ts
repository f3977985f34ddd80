import { resultRanges } from '../../core/change.ts';
import type { Link } from '../../world/link.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { Excerpt } from './answer.ts';
import { excerptOf, type LineSpan } from './numbered-lines.ts';
import type { TextShelf } from './text-shelf.ts';

/** The lines of the edit that made a version, with what others made of those around. */
export async function textAround(
  link: Link,
  view: WorldView,
  shelf: TextShelf,
  { fileId, version }: { readonly fileId: number; readonly version: number },
): Promise<readonly Excerpt[]> {
  const ops = await shelf.opsBetween(link, fileId, version - 1, version);
  const own = ops.find((op) => op.version === version && op.changes.length > 0);
  const file = await shelf.read(link, view, fileId, version);
  if (!own || !file) return [];
  const path = view.files.get(fileId)?.path ?? '';
  const spans = resultRanges(own.changes).map(({ start, end }) => ({
    firstLine: start.line + 1,
    lastLine: end.line + 1,
  }));
  return together(spans)
    .slice(0, MOST_EXCERPTS)
    .map(({ firstLine, lastLine }) => {
      const span = { firstLine, lastLine: Math.min(lastLine, firstLine + MOST_LINES - 1) };
      return excerptOf({ ...file, path }, span, CONTEXT);
    });
}

/** Those that would show the same lines become one, as several words of a line do. `spans` are in their order. */
function together(spans: readonly LineSpan[]): LineSpan[] {
  const found: LineSpan[] = [];
  for (const span of spans) {
    const last = found.at(-1);
    const isApart = !last || span.firstLine - last.lastLine > 2 * CONTEXT;
    // What is too long for one would be cut.
    if (isApart || span.lastLine - last.firstLine >= MOST_LINES) found.push(span);
    else found[found.length - 1] = { ...last, lastLine: Math.max(last.lastLine, span.lastLine) };
  }
  return found;
}

const CONTEXT = 3;
const MOST_EXCERPTS = 8;
const MOST_LINES = 20;
