/** Stable codes of what can go wrong between a world and a repository. */
export type GitErrorCode =
  /** The program cannot be started. */
  | 'no_git'
  /** It is older than what is used of it. */
  | 'old_git'
  | 'no_repository'
  /** Git does not work in it, since it is somebody else's. */
  | 'unsafe_repository'
  /** The repository does not have a commit that the world stands on, or one that was named. */
  | 'no_commit'
  /** The world does not know which commit its files came from. */
  | 'no_base'
  /** A branch is not where an export left it, or somebody works on it. */
  | 'branch_taken'
  /** A message that no history keeps. */
  | 'bad_message'
  /** What the history tells to do does not lead to the commit that it names. */
  | 'not_reproduced'
  /** Something has to be settled, or allowed, first. */
  | 'blocked'
  /** GitHub's command line is not there, or says no. */
  | 'no_github'
  /** git says no; the message has its words. */
  | 'git_failed'
  | 'cancelled';

/** An expected failure: `code` is for programs, `message` for the person who reads it. */
export class GitError extends Error {
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GitError';
    this.code = code;
  }
}
