import type { Origin } from './origin.ts';
import { endOfInserted, type Position } from './position.ts';
import { isDeletedBy, isInsertedBy, type Strand, wasThere } from './strand.ts';
import type { WovenText } from './woven-text.ts';

/** Where a text stood before it went. */
export interface StrandSource {
  readonly version: number;
  readonly from: Position;
}

/** So many versions are looked into at most; the rest of what would come back is who brings it. */
const MOST_MOMENTS = 8;

/**
 * Where those strands stood that some ops deleted: in the version before the first of those ops, or, what
 * came later, before a later one. So text that went line by line is found in one piece. `versionOf` tells
 * the version that an op made.
 */
export function sourcesOf(
  woven: WovenText,
  isTaken: (origin: Origin) => boolean,
  versionOf: (opSeq: number) => number | undefined,
): ReadonlyMap<Strand, StrandSource> {
  const wanted = new Set<Strand>();
  const moments = new Set<number>();
  for (const line of woven.lines()) {
    if (typeof line === 'string') continue;
    for (const strand of line) {
      if (!isDeletedBy(strand, isTaken) || isInsertedBy(strand, isTaken)) continue;
      wanted.add(strand);
      moments.add(strand.deletedBy!.opSeq);
    }
  }
  const sources = new Map<Strand, StrandSource>();
  for (const moment of [...moments].sort((a, b) => a - b).slice(0, MOST_MOMENTS)) {
    const version = (versionOf(moment) ?? 0) - 1;
    if (version < 1) continue;
    for (const [strand, from] of placesBefore(woven, moment)) {
      if (wanted.delete(strand)) sources.set(strand, { version, from });
    }
    if (wanted.size === 0) break;
  }
  return sources;
}

/** The strands that were there before an op, each with its place then. */
function* placesBefore(woven: WovenText, opSeq: number): Generator<[Strand, Position]> {
  let place: Position = { line: 0, character: 0 };
  for (const line of woven.lines()) {
    if (typeof line === 'string') {
      // Nothing ever happened to it, so that its line end has always been there, too.
      place = { line: place.line + 1, character: 0 };
      continue;
    }
    for (const strand of line) {
      if (!wasThere(strand, opSeq - 1)) continue;
      yield [strand, place];
      place = endOfInserted(place, strand.text);
    }
  }
}
