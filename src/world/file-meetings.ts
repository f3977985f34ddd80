/**
 * Where in a file two members are about to meet: one changes in a running turn what the other has read, or has
 * claimed; or somebody has claimed what one has just changed oneself.
 */
import { joinedRanges } from '../core/map-line-ranges.ts';
import type { LineRange } from '../core/map-position.ts';
import type { IdentityHex } from '../core/op.ts';
import { NEAR_LINES, type RunningWork } from './running-work.ts';

/** Lines and who has read, or claimed, them. */
export interface MembersLines {
  readonly member: IdentityHex;
  readonly lines: LineRange;
}

/** What the second of two has to do with lines that the first one changes. */
export type MeetingKind = 'read' | 'read_near' | 'read_in_symbol' | 'claimed';

export interface Meeting {
  readonly kind: MeetingKind;
  /** Who changes the lines. */
  readonly worker: IdentityHex;
  readonly other: IdentityHex;
  /** In which turn; 0 for a person's own work. */
  readonly turnId: number;
  readonly lines: LineRange;
}

/** The innermost function, class or other symbol around a line, as something to compare; undefined for none. */
export type SymbolAt = (line: number) => object | undefined;

/** Everything in lines of one version of the file. */
export interface FileAtWork {
  readonly works: readonly RunningWork[];
  readonly readings: readonly MembersLines[];
  readonly claims: readonly MembersLines[];
  /** What one has changed oneself, lately. */
  readonly own: { readonly member: IdentityHex; readonly lines: readonly LineRange[] };
  readonly symbolAt?: SymbolAt;
}

/** Of one file: where there are more, all of it is disputed anyway. */
const MOST_MEETINGS = 50;

export function meetingsIn(file: FileAtWork): readonly Meeting[] {
  const found: Meeting[] = [];
  for (const { agent: worker, turnId, lines: all } of file.works) {
    for (const lines of joinedRanges(all)) {
      for (const [other, kind] of readersOf(lines, file)) {
        if (other !== worker) found.push({ kind, worker, other, turnId, lines });
      }
      for (const other of holdersOf(lines, file)) {
        if (other !== worker) found.push({ kind: 'claimed', worker, other, turnId, lines });
      }
      if (found.length >= MOST_MEETINGS) return found.slice(0, MOST_MEETINGS);
    }
  }
  const { member: worker } = file.own;
  for (const lines of joinedRanges(file.own.lines)) {
    for (const other of holdersOf(lines, file)) {
      if (other !== worker) found.push({ kind: 'claimed', worker, other, turnId: 0, lines });
    }
  }
  return found.slice(0, MOST_MEETINGS);
}

function readersOf(
  lines: LineRange,
  { readings, symbolAt }: FileAtWork,
): ReadonlyMap<IdentityHex, MeetingKind> {
  const symbol = symbolAt?.(lines.firstLine);
  const found = new Map<IdentityHex, MeetingKind>();
  for (const { member, lines: read } of readings) {
    const kind = overlap(lines, read, 0)
      ? 'read'
      : overlap(lines, read, NEAR_LINES)
        ? 'read_near'
        : symbol && [read.firstLine, read.lastLine].some((line) => symbolAt?.(line) === symbol)
          ? 'read_in_symbol'
          : undefined;
    const known = found.get(member);
    if (kind && (!known || NEAREST.indexOf(kind) < NEAREST.indexOf(known))) found.set(member, kind);
  }
  return found;
}

const NEAREST: readonly MeetingKind[] = ['read', 'read_near', 'read_in_symbol'];

function holdersOf(lines: LineRange, { claims }: FileAtWork): ReadonlySet<IdentityHex> {
  const there = claims.filter((claim) => overlap(lines, claim.lines, 0));
  return new Set(there.map(({ member }) => member));
}

function overlap(one: LineRange, other: LineRange, distance: number): boolean {
  return one.firstLine <= other.lastLine + distance && one.lastLine >= other.firstLine - distance;
}
