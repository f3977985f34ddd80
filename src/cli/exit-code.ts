import { GitError, type GitErrorCode } from '../git/git-error.ts';
import { HostError } from '../host/host-error.ts';
import { LinkFailure } from '../world/link-failure.ts';
import { WorldError, type WorldErrorCode } from '../world/world-error.ts';

/** How the command ends; `agent-world help exit-codes` explains them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, refused: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANING: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed, or the history does not verify',
  2: 'the command line is wrong',
  3: 'no host or world could be reached',
  4: 'the world refused',
};

/** The command line cannot be understood. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Which exit code stands for an error; anything unexpected is a failure. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof HostError) {
    return error.code === 'bad_arguments' ? EXIT.usage : EXIT.unreachable;
  }
  if (error instanceof GitError) return GIT_EXIT[error.code];
  if (error instanceof LinkFailure) return EXIT.unreachable;
  return error instanceof WorldError ? WORLD_EXIT[error.code] : EXIT.failed;
}

const WORLD_EXIT: Readonly<Record<WorldErrorCode, ExitCode>> = {
  unreachable: EXIT.unreachable,
  bad_answer: EXIT.unreachable,
  no_such_world: EXIT.unreachable,
  not_a_world: EXIT.unreachable,
  closed: EXIT.unreachable,
  protocol_mismatch: EXIT.refused,
  unreadable: EXIT.refused,
  not_a_member: EXIT.refused,
  removed: EXIT.refused,
  bad_token: EXIT.refused,
  bad_invite: EXIT.refused,
  refused: EXIT.refused,
  query_refused: EXIT.refused,
  name_taken: EXIT.refused,
  nested_folder: EXIT.refused,
  bad_module: EXIT.refused,
  no_such_file: EXIT.failed,
  not_text: EXIT.failed,
  damaged: EXIT.failed,
  busy: EXIT.failed,
  bad_home: EXIT.failed,
  bad_archive: EXIT.failed,
  importing: EXIT.refused,
  cancelled: EXIT.failed,
};

const GIT_EXIT: Readonly<Record<GitErrorCode, ExitCode>> = {
  no_git: EXIT.failed,
  old_git: EXIT.failed,
  no_repository: EXIT.failed,
  unsafe_repository: EXIT.failed,
  no_commit: EXIT.failed,
  no_base: EXIT.failed,
  branch_taken: EXIT.refused,
  blocked: EXIT.refused,
  bad_message: EXIT.usage,
  not_reproduced: EXIT.failed,
  no_github: EXIT.failed,
  git_failed: EXIT.failed,
  cancelled: EXIT.failed,
};
