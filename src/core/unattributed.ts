import type { IdentityHex, OpRecord } from './op.ts';

/**
 * The author of work that nobody is known to have done, such as what some tool wrote into a person's
 * folder. No key belongs to it, and it is no member: it only says that nobody is to be named.
 */
export const UNATTRIBUTED = {
  identity: '756e61747472696275746564'.padStart(64, '0'),
  name: 'unattributed',
} as const;

export function isUnattributed({ author }: Pick<OpRecord, 'author'>): boolean {
  return author === UNATTRIBUTED.identity;
}

/** Who answers for an op: its author, or whose folder it came from where none is known. */
export function answersFor(op: Pick<OpRecord, 'author' | 'actor'>): IdentityHex {
  return isUnattributed(op) ? op.actor : op.author;
}
