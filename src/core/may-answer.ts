/** Who may answer a question about a folder: the module refuses others, clients offer it to nobody else. */
import type { IdentityHex } from './op.ts';

/** Whoever wants to answer. */
export interface Answerer {
  readonly identity: IdentityHex;
  readonly role: string;
  readonly paused: boolean;
  /** They left, or were removed. */
  readonly removed: boolean;
}

/** What matters of a question. */
export interface AnsweredQuestion {
  readonly folderOf: IdentityHex;
  readonly owners: readonly IdentityHex[];
}

/** What the world knows of its members, those who left included. */
export interface MemberFacts {
  /** `agent`, or what else a member is. */
  kindOf(identity: IdentityHex): string;
  /** By whose invite somebody came, where that is known. */
  inviterOf(identity: IdentityHex): IdentityHex | undefined;
}

/**
 * An owner of the world may, those whose work it is, and a person for their own folder. An agent never
 * does so for its own, whatever its role, nor does anybody who came by its invite, or by an invite of
 * theirs: it could have made them for that.
 */
export function mayAnswer(
  member: Answerer,
  { folderOf, owners }: AnsweredQuestion,
  facts: MemberFacts,
): boolean {
  if (member.removed || member.paused) return false;
  if (facts.kindOf(folderOf) === 'agent') {
    if (cameBy(member.identity, folderOf, facts)) return false;
  } else if (member.identity === folderOf) return true;
  return member.role === 'owner' || owners.includes(member.identity);
}

/** True for the inviter itself, and for all who came by its invites. */
function cameBy(identity: IdentityHex, inviter: IdentityHex, facts: MemberFacts): boolean {
  const seen = new Set<IdentityHex>();
  let each: IdentityHex | undefined = identity;
  while (each !== undefined && !seen.has(each)) {
    if (each === inviter) return true;
    seen.add(each);
    each = facts.inviterOf(each);
  }
  return false;
}
