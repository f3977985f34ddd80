/**
 * Owns: which files that got another name did so together, as the files of a folder do. Does not know: how
 * that was found out, and what the world says to it.
 */
import { DEFAULT_LIMITS } from '../core/limits.ts';
import { pathsApart } from '../core/moves-proposed.ts';
import { utf8Length } from '../core/path.ts';
import { MOVED_PATH_BYTES } from '../core/sizes.ts';

export interface PathMove {
  readonly from: string;
  readonly to: string;
}

/** Moves that are one: all of the files from one folder to another. */
export interface FolderMove<Move extends PathMove> {
  /** What the paths do not share: the folders, or the paths themselves where it is one file. */
  readonly from: string;
  readonly to: string;
  readonly moves: readonly Move[];
}

/** The moves by what moved, in pieces that the world takes in one call. */
export function folderMoves<Move extends PathMove>(moves: readonly Move[]): FolderMove<Move>[] {
  const groups = new Map<string, { from: string; to: string; moves: Move[] }>();
  for (const move of moves) {
    const { from, to } = pathsApart(move.from, move.to);
    const key = JSON.stringify([from, to]);
    const group = groups.get(key);
    if (group) group.moves.push(move);
    else groups.set(key, { from, to, moves: [move] });
  }
  return [...groups.values()].flatMap(({ from, to, moves: together }) =>
    pieces(together).map((piece) => ({ from, to, moves: piece })),
  );
}

function pieces<Move extends PathMove>(moves: readonly Move[]): Move[][] {
  const found: Move[][] = [];
  let bytes = 0;
  for (const move of moves) {
    const more = utf8Length(move.from + move.to);
    const last = found.at(-1);
    const isFull =
      last && (last.length === DEFAULT_LIMITS.filesPerImport || bytes + more > MOVED_PATH_BYTES);
    if (last === undefined || isFull) {
      found.push([move]);
      bytes = more;
    } else {
      last.push(move);
      bytes += more;
    }
  }
  return found;
}
