import { UNATTRIBUTED } from '../../core/unattributed.ts';
import { memberName } from '../../world/member-name.ts';
import type { Member } from '../../world/world-rows.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { MemberView } from './answer.ts';
import { refused, type Reply } from './answer.ts';

export type FoundMember =
  | { readonly tag: 'member'; readonly identity: string }
  | { readonly tag: 'refused'; readonly reply: Reply };

/** Whom a name means: as members are called in answers, whatever the case, or how an identity begins. */
export function findMember(
  view: WorldView,
  named: string,
  { isFormerToo = false }: { readonly isFormerToo?: boolean } = {},
): FoundMember {
  if (isFormerToo && named === UNATTRIBUTED.name) {
    return { tag: 'member', identity: UNATTRIBUTED.identity };
  }
  const members = [...view.members.values()].filter(({ removed }) => isFormerToo || !removed);
  const wanted = named.trim().toLowerCase();
  const byName = members.filter(
    ({ identity }) => memberName(view, identity).toLowerCase() === wanted,
  );
  const found =
    byName.length > 0 || wanted.length < LEAST_DIGITS
      ? byName
      : members.filter(({ identity }) => identity.startsWith(wanted));
  const [member, ...others] = found;
  if (member && others.length === 0) return { tag: 'member', identity: member.identity };
  const names = members.map(({ identity }) => memberName(view, identity)).slice(0, MOST_NAMES);
  const message = member ? `Several members are called ${named}.` : `No member is called ${named}.`;
  const reply = refused('bad_request', message, [`Members are: ${names.join(', ')}.`]);
  return { tag: 'refused', reply };
}

/** Who is a member, and where those are who are here. */
export function viewMembers(view: WorldView, self: string): readonly MemberView[] {
  return [...view.members.values()]
    .filter(({ removed }) => !removed)
    .map((member) => viewMember(view, member, self));
}

function viewMember(view: WorldView, { identity, kind, role }: Member, self: string): MemberView {
  const at = [...view.presence.values()]
    .filter((presence) => presence.identity === identity)
    .map(({ connectionId, fileId, activity }) => {
      const path = view.files.get(fileId)?.path ?? '';
      const moved = view.movements.get(connectionId);
      const line =
        path !== '' && moved?.fileId === fileId ? moved.selections[0]?.activeLine : undefined;
      return { path, line: line === undefined ? 0 : line + 1, activity };
    });
  return { name: memberName(view, identity), kind, role, isSelf: identity === self, at };
}

const LEAST_DIGITS = 6;
const MOST_NAMES = 40;
