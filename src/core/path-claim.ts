/** Claims on whole files and folders: what one is about, and which paths it covers. */
import { pathFault, pathKey } from './path.ts';
import {
  globBase,
  globFault,
  type GlobFault,
  globMatches,
  globsMeet,
  meetingSteps,
  readGlob,
  withoutBraces,
} from './path-glob.ts';
import { coversScope } from './path-scope.ts';

/** What somebody claims: one path, or all that a glob of `path-glob.ts` stands for, files to come included. */
export interface ClaimedPaths {
  readonly pattern: string;
  readonly isGlob: boolean;
}

/** A claim that an agent's session made lasts so long without being renewed. */
export const LEASE_MS = 30_000;

/** Why nothing can be claimed by this; undefined where something can. */
export function claimFault({ pattern, isGlob }: ClaimedPaths): GlobFault | undefined {
  return isGlob ? globFault(pattern) : pathFault(pattern);
}

/** What is compared with the keys of paths. */
export interface ReadClaim {
  readonly covers: (key: string) => boolean;
  readonly meets: (other: ReadClaim) => boolean;
  /** All that is covered is at or below this key. */
  readonly base: string;
  readonly globs: readonly (readonly string[])[];
}

/** Reads a claim without fault, by the table of `path-folding.ts` that the world has. */
export function readClaim({ pattern, isGlob }: ClaimedPaths, table: number): ReadClaim {
  const key = pathKey(pattern, table);
  const globs = isGlob ? readGlob(pattern, table) : [key.split('/')];
  return {
    covers: isGlob ? (other) => globMatches(globs, other) : (other) => other === key,
    // Names of files have no wildcards, so a path is a glob that stands for itself.
    meets: (other) => globsMeet(globs, other.globs),
    base: isGlob ? globBase(globs) : key,
    globs,
  };
}

/** How much it is to find out whether two claims meet. */
export function claimMeetingSteps(a: ReadClaim, b: ReadClaim): number {
  return meetingSteps(a.globs, b.globs);
}

/** True where all that is claimed lies in a member's scope. */
export function isClaimInScope(
  { pattern, isGlob }: ClaimedPaths,
  scope: readonly string[],
): boolean {
  const globs = isGlob ? withoutBraces(pattern) : [pattern];
  return typeof globs !== 'string' && coversScope(scope, globs);
}
