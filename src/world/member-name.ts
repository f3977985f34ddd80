import type { IdentityHex } from '../core/op.ts';
import { UNATTRIBUTED } from '../core/unattributed.ts';
import type { WorldView } from './world-view.ts';

/** How a member is called: by name, or by the first digits of the identity. */
export function memberName({ members }: Pick<WorldView, 'members'>, identity: IdentityHex): string {
  if (identity === UNATTRIBUTED.identity) return UNATTRIBUTED.name;
  const name = members.get(identity)?.displayName ?? '';
  return name === '' ? identity.slice(0, 8) : name;
}
