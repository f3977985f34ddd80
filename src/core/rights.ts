import type { MemberKind, Role } from './op-payload.ts';
import { coversScope } from './path-scope.ts';

/** What a member may do, or what an invite gives. */
export interface Rights {
  readonly kind: string;
  readonly role: string;
  readonly capabilities: readonly string[];
  /** Globs; empty for all paths. */
  readonly pathScope: readonly string[];
}

/**
 * True when an invite gives nothing that its maker does not have. An owner may give anybody any role,
 * so has it all. An agent lets in agents only: a claim stops those, and would not stop a person.
 */
export function givesNoMore(maker: Rights, given: Rights): boolean {
  if (maker.kind === AGENT && given.kind !== AGENT) return false;
  if (maker.role === OWNER) return true;
  return (
    given.role !== OWNER &&
    given.capabilities.every((name) => maker.capabilities.includes(name)) &&
    coversScope(maker.pathScope, given.pathScope)
  );
}

const AGENT: MemberKind = 'agent';
const OWNER: Role = 'owner';
