/**
 * The end of the name of a file that a mirror is about to exchange for another: nobody takes it for one of
 * theirs, also where git has picked it up in that moment.
 */
export const DRAFT_SUFFIX = '.agent-world-tmp';
