import type { IdentityHex } from '../core/op.ts';
import { UNATTRIBUTED } from '../core/unattributed.ts';
import { memberName } from '../world/member-name.ts';
import type { Member } from '../world/world-rows.ts';
import type { WorldView } from '../world/world-view.ts';
import { UsageError } from './exit-code.ts';

export { memberName as nameOf } from '../world/member-name.ts';

/** The present member of that name, or whose identity begins so. Throws `UsageError`. */
export function findMember(view: WorldView, named: string): Member {
  const present = [...view.members.values()].filter((member) => !member.removed);
  return findAmong(view, present, named);
}

/** Whose work is meant: that of anybody who ever was a member, or what nobody is named for. */
export function findAuthor(view: WorldView, named: string): IdentityHex {
  const members = [...view.members.values()];
  const isTaken = members.some(({ displayName }) => displayName === named);
  if (named === UNATTRIBUTED.name && !isTaken) return UNATTRIBUTED.identity;
  return findAmong(view, members, named).identity;
}

function findAmong(view: WorldView, present: readonly Member[], named: string): Member {
  const byName = present.filter(
    ({ identity, displayName }) => displayName === named || memberName(view, identity) === named,
  );
  const found =
    byName.length > 0 ? byName : present.filter(({ identity }) => identity.startsWith(named));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new UsageError(`No member is called ${named} (see: agent-world members)`);
  }
  const identities = found.map(({ identity }) => identity.slice(0, 12)).join(', ');
  throw new UsageError(`Several members are called ${named}; name one of ${identities}`);
}
