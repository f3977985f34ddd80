import { ROLES, type Role } from '../core/op-payload.ts';
import type { CommandLine } from './command.ts';
import { UsageError } from './exit-code.ts';

/** The value of `--role`, editor when it is absent. Throws `UsageError`. */
export function roleNamed(line: CommandLine): Role {
  const named = line.text('role') ?? 'editor';
  const role = ROLES.find((each) => each === named);
  if (role === undefined) {
    throw new UsageError(`--role must be owner, editor or viewer: ${named}`);
  }
  return role;
}
