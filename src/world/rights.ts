import type { Capability, Role } from '../core/op-payload.ts';
import type { Member } from './world-rows.ts';

/** What a role may do unless an owner says otherwise. */
export function rightsOf(role: Role): readonly Capability[] {
  return RIGHTS[role];
}

/** Whether a member may do something now; `undefined` is nobody. */
export function may(member: Member | undefined, capability: Capability): boolean {
  if (member?.paused !== false || member.removed) return false;
  const { role, capabilities } = member;
  return role === 'owner' || (role === 'editor' && capabilities.includes(capability));
}

const RIGHTS: Readonly<Record<Role, readonly Capability[]>> = {
  owner: ['edit', 'lock', 'resolve', 'invite', 'export', 'attribute'],
  editor: ['edit', 'lock', 'resolve'],
  viewer: [],
};
