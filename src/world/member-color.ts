import type { Member } from './world-rows.ts';

/** The number of a member's colour, the same in every window: the rank among all that ever joined. */
export function colorIndexOf({ identity }: Member, members: Iterable<Member>): number {
  let rank = 0;
  for (const other of members) if (other.identity < identity) rank += 1;
  return rank;
}
