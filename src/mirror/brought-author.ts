import { OWN_AGENTS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import { UNATTRIBUTED } from '../core/unattributed.ts';
import { may } from '../world/rights.ts';
import type { Member } from '../world/world-rows.ts';
import type { BroughtBy, FolderGit } from './folder-git.ts';

/** The members of a world, and which of them the folder belongs to. */
export interface Membership {
  readonly identity: IdentityHex;
  readonly moduleLevel: number;
  readonly members: {
    get(identity: IdentityHex): Member | undefined;
    values(): Iterable<Member>;
  };
}

/**
 * Whose work stands in a file that was written on disk: that of a commit which git brought, where the
 * world knows its author and the member may say so; otherwise what `tools` says of any tool.
 */
export async function authorOnDisk(
  git: FolderGit,
  path: string,
  membership: Membership,
  tools: IdentityHex,
): Promise<IdentityHex> {
  const by = await git.broughtBy(path);
  return by === undefined ? tools : authorOf(by, membership);
}

function authorOf(by: BroughtBy, { identity, moduleLevel, members }: Membership): IdentityHex {
  const own = members.get(identity);
  const mayAttribute = may(own, 'attribute');
  // Without that right the world takes what an agent's folder has as the agent's own work only.
  const mayNobody = own?.kind !== 'agent' || (mayAttribute && moduleLevel >= OWN_AGENTS_LEVEL);
  const unnamed = mayNobody ? UNATTRIBUTED.identity : '';
  const author = by === 'several' ? undefined : memberOf(by, members);
  if (author === undefined) return unnamed;
  if (author === identity) return '';
  return mayAttribute ? author : unnamed;
}

/** The one member of that name and address. */
function memberOf(
  by: Exclude<BroughtBy, 'several'>,
  members: Membership['members'],
): IdentityHex | undefined {
  const email = by.email.toLowerCase();
  const found = [...members.values()].filter(
    ({ gitName, gitEmail }) =>
      gitEmail !== '' && gitEmail.toLowerCase() === email && gitName === by.name,
  );
  return found.length === 1 ? found[0]!.identity : undefined;
}
