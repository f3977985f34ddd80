/** Owns: names of files that Agent World itself makes in a folder, which are in no world. */

/**
 * The end of the name of a file that a mirror is about to exchange for another: nobody takes it for one of
 * theirs, also where git has picked it up in that moment.
 */
export const DRAFT_SUFFIX = '.agent-world-tmp';

/** In the root of an agent's own folder: what its client's tools are told by nothing else. */
export const NOTICES_FILE = '.agent-world.md';

/** The same as lines of a file of rules. */
export const OWN_NAMES: readonly string[] = [`*${DRAFT_SUFFIX}`, `/${NOTICES_FILE}`];

/** True for a file of ours, by its path in the folder. */
export function isOwnName(name: string): boolean {
  return name.endsWith(DRAFT_SUFFIX) || name === NOTICES_FILE;
}
