import type { WorldView } from '../../world/world-view.ts';
import { done, type ListedFileView, type Reply } from './answer.ts';
import { fitsGlob } from './glob.ts';

export interface ListRequest {
  /** Such as `src/**`, `*.ts` or `{a,b}/x.md`; all files without it. */
  readonly glob?: string | undefined;
  /** At most so many, 1 to 1000; 200 without it. */
  readonly limit?: number | undefined;
  /** Go on behind this path. */
  readonly after?: string | undefined;
}

/** The files of the world, in order of their paths. */
export function listFiles(view: WorldView, { glob = '**', limit, after = '' }: ListRequest): Reply {
  const fitting = [...view.files.values()]
    .filter(({ deleted, path }) => !deleted && fitsGlob(path, glob))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const rest = fitting.filter(({ path }) => path > after);
  const files: ListedFileView[] = rest
    .slice(0, bounded(limit, USUAL, MOST))
    .map(({ path, kind, version, lineCount, byteLength }) => ({
      path,
      kind,
      version,
      lines: kind === 'text' ? lineCount : 0,
      bytes: byteLength,
    }));
  const isCut = files.length < rest.length;
  const next = isCut ? [`Ask again with after: ${files.at(-1)!.path}`] : [];
  const which = glob === '**' ? '' : ` that fit ${glob}`;
  const message = `${fitting.length} ${fitting.length === 1 ? 'file' : 'files'}${which}${isCut || after !== '' ? `, ${files.length} shown` : ''}.`;
  const body = {
    kind: 'files',
    files,
    total: fitting.length,
    after: isCut ? files.at(-1)!.path : '',
  } as const;
  return done(message, body, next);
}

/** A whole number from 1 to the most there may be. */
export function bounded(wanted: number | undefined, usual: number, most: number): number {
  if (wanted === undefined || !Number.isFinite(wanted)) return usual;
  return Math.min(most, Math.max(1, Math.floor(wanted)));
}

const USUAL = 200;
const MOST = 1000;
