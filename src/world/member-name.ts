import { cleanName, nameKey } from '../core/member-name.ts';
import type { IdentityHex } from '../core/op.ts';
import { UNATTRIBUTED } from '../core/unattributed.ts';
import type { WorldView } from './world-view.ts';

type Members = Pick<WorldView, 'members'>;

/**
 * How a member is called, wherever a name is shown: by name, or by the first digits of the identity.
 * A world that began under 0.1.0 may have members with one name: their identities tell them apart.
 */
export function memberName(view: Members, identity: IdentityHex): string {
  if (identity === UNATTRIBUTED.identity) return UNATTRIBUTED.name;
  const displayName = view.members.get(identity)?.displayName ?? '';
  const name = shownName(identity, displayName);
  return hasTwin(view, identity, nameKey(displayName)) ? `${name} (${digitsOf(identity)})` : name;
}

/** The same for a name of then, as an op of the history has it. */
export function formerName(view: Members, identity: IdentityHex, displayName: string): string {
  const isStill = view.members.get(identity)?.displayName === displayName;
  return isStill ? memberName(view, identity) : shownName(identity, displayName);
}

function shownName(identity: IdentityHex, displayName: string): string {
  const name = cleanName(displayName);
  return name === '' ? digitsOf(identity) : name;
}

/** A present member is told from those who are present, a former one from everybody. */
function hasTwin({ members }: Members, identity: IdentityHex, key: string): boolean {
  if (key === '') return false;
  const isFormer = members.get(identity)?.removed === true;
  for (const other of members.values()) {
    const counts = other.identity !== identity && (isFormer || !other.removed);
    if (counts && nameKey(other.displayName) === key) return true;
  }
  return false;
}

function digitsOf(identity: IdentityHex): string {
  return identity.slice(0, 8);
}
