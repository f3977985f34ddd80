import type { IdentityHex } from '../core/op.ts';
import type { MemberPayload } from '../core/op-payload.ts';

/** Somebody as commits name them. */
export interface GitPerson {
  readonly identity: IdentityHex;
  readonly name: string;
  readonly email: string;
  readonly isAgent: boolean;
}

/** A member by the name and address that they gave; who gave no address has one that leads nowhere. */
export function personOf(
  identity: IdentityHex,
  members: ReadonlyMap<IdentityHex, MemberPayload>,
): GitPerson {
  const member = members.get(identity);
  const name = cleanName(member?.gitName ?? '') || cleanName(member?.displayName ?? '');
  const email = (member?.gitEmail ?? '').replaceAll(/[\s<>\p{Cc}]/gu, '');
  return {
    identity,
    name: name || identity.slice(0, SHORT),
    email: email || `${identity.slice(-SHORT)}@agent-world.invalid`,
    isAgent: member?.kind === 'agent',
  };
}

/** As a header or a trailer of a commit names them. */
export function signatureOf({ name, email }: GitPerson): string {
  return `${name} <${email}>`;
}

/** Git leaves these out at both ends of a name, and knows no others inside of one. */
function cleanName(name: string): string {
  return name
    .replaceAll(/[<>\p{Cc}]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s.,:;"\\']+|[\s.,:;"\\']+$/g, '');
}

const SHORT = 16;
