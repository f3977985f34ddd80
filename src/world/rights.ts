import type { Capability, Role } from '../core/op-payload.ts';

/** What a role may do unless an owner says otherwise. */
export function rightsOf(role: Role): readonly Capability[] {
  return RIGHTS[role];
}

const RIGHTS: Readonly<Record<Role, readonly Capability[]>> = {
  owner: ['edit', 'lock', 'resolve', 'invite', 'export', 'attribute'],
  editor: ['edit', 'lock', 'resolve'],
  viewer: [],
};
