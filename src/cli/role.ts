import type { Capability, Role } from '../core/op-payload.ts';
import type { CommandLine } from './command.ts';
import { UsageError } from './exit-code.ts';

/** What a role may do unless an owner says otherwise. */
export function rightsOf(role: Role): readonly Capability[] {
  return RIGHTS[role];
}

/** The value of `--role`, editor when it is absent. Throws `UsageError`. */
export function roleNamed(line: CommandLine): Role {
  const role = line.text('role') ?? 'editor';
  if (role === 'owner' || role === 'editor' || role === 'viewer') return role;
  throw new UsageError(`--role must be owner, editor or viewer: ${role}`);
}

const RIGHTS: Readonly<Record<Role, readonly Capability[]>> = {
  owner: ['edit', 'lock', 'resolve', 'invite', 'export', 'attribute'],
  editor: ['edit', 'lock', 'resolve'],
  viewer: [],
};
