import type { IdentityHex } from '../core/op.ts';
import type { WorldView } from './world-view.ts';

/** How a member is called: by name, or by the first digits of the identity. */
export function memberName({ members }: Pick<WorldView, 'members'>, identity: IdentityHex): string {
  const name = members.get(identity)?.displayName ?? '';
  return name === '' ? identity.slice(0, 8) : name;
}
