import { changeMember, removeMember } from '../world/change-member.ts';
import { endInvite } from '../world/invite.ts';
import type { Member } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Command, CommandLine, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { findMember, nameOf } from './member-name.ts';
import { roleNamed } from './role.ts';
import { withWorld } from './with-world.ts';

export const membersCommand: Command = {
  name: 'members',
  usage: '[WORLD]',
  summary: 'who belongs to a world, and what they may do',
  explanation: `
Lists the members of a world: name, person or agent, role, scope, where they are. With --change, an
owner gives one another role or scope, pauses or removes them; what they wrote stays in the history.
A removed member comes back only by a new invite. Whoever else has the link by which they came can
still come in by it while it holds: --end-invite ends it, too.`,
  options: [
    { name: 'change', value: 'NAME', meaning: 'the member to change: a name or an identity' },
    { name: 'role', value: 'ROLE', meaning: 'owner, editor or viewer' },
    { name: 'scope', value: 'GLOBS', meaning: 'only these paths, by commas; "" for all' },
    { name: 'pause', meaning: 'refuse what they send until --resume' },
    { name: 'resume', meaning: 'take what they send again' },
    { name: 'remove', meaning: 'remove them from the world' },
    { name: 'end-invite', meaning: 'with --remove: nobody else comes in by their invite either' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const named = line.text('change');
    const changes = ['pause', 'resume', 'remove'].filter((option) => line.flag(option));
    const isChange =
      changes.length > 0 || ['role', 'scope'].some((name) => line.text(name) !== undefined);
    if (line.flag('end-invite') && !line.flag('remove')) {
      throw new UsageError('--end-invite goes with --remove');
    }
    if (isChange !== (named !== undefined) || changes.length > 1) {
      throw new UsageError(
        '--change NAME goes with --role, --scope, or one of --pause, --resume, --remove',
      );
    }
    return withWorld(context, line.positionals[0], (session) =>
      named === undefined
        ? Promise.resolve(list(context, session))
        : change(context, session, findMember(session.view, named), line),
    );
  },
};

function list({ terminal }: Context, session: WorldSession): ExitCode {
  const { view } = session;
  for (const member of view.members.values()) {
    if (member.removed) continue;
    const { identity, displayName, kind, role, capabilities, pathScope, paused } = member;
    const places = [...view.presence.values()].filter((each) => each.identity === identity);
    const paths = places.flatMap(({ fileId }) => view.files.get(fileId)?.path ?? []);
    const isHere = places.length > 0;
    const standing = { identity, name: displayName, kind, role, capabilities, pathScope, paused };
    const origin = view.origins.get(identity);
    const { invitedBy = null, inviteId = null } = origin ?? {};
    terminal.json({ ...standing, isHere, at: paths, invitedBy, inviteId });
    const words = [
      nameOf(view, identity),
      kind === 'agent' ? 'agent' : 'person',
      role,
      pathScope.length > 0 ? `only ${pathScope.join(', ')}` : '',
      paused ? 'paused' : '',
      origin ? `invited by ${nameOf(view, origin.invitedBy)}` : '',
      isHere ? `here${paths.length > 0 ? `, in ${paths.join(', ')}` : ''}` : '',
      identity === session.identity ? '(you)' : '',
    ];
    terminal.line(words.filter(Boolean).join('  '));
  }
  return EXIT.ok;
}

async function change(
  { terminal }: Context,
  session: WorldSession,
  member: Member,
  line: CommandLine,
): Promise<ExitCode> {
  const name = nameOf(session.view, member.identity);
  const done = `${name} is`;
  if (line.flag('remove')) return remove(terminal, session, member, line.flag('end-invite'));
  const scope = line.text('scope');
  const standing = await changeMember(session, member, {
    ...(line.text('role') === undefined ? {} : { role: roleNamed(line) }),
    ...(scope === undefined ? {} : { pathScope: scope.split(',').filter(Boolean) }),
    paused: line.flag('pause') || (member.paused && !line.flag('resume')),
  });
  const { role, pathScope, paused } = standing;
  terminal.json({ identity: member.identity, ...standing });
  const where = pathScope.length > 0 ? `, only ${pathScope.join(', ')}` : '';
  terminal.line(`${done} ${role}${where}${paused ? ', paused' : ''}.`);
  return EXIT.ok;
}

async function remove(
  terminal: Context['terminal'],
  session: WorldSession,
  member: Member,
  endsInvite: boolean,
): Promise<ExitCode> {
  const { view } = session;
  const { identity } = member;
  const origin = view.origins.get(identity);
  const name = nameOf(view, identity);
  await removeMember(session, identity);
  const ended = endsInvite && origin ? await endInvite(session, origin.inviteId) : undefined;
  const invite = origin === undefined ? {} : { inviteId: origin.inviteId, inviteEnded: endsInvite };
  terminal.json({ identity, removed: true, ...invite });
  terminal.line(`${name} is removed.`);
  if (ended === 'ended') terminal.line('The invite they came by is ended.');
  else if (ended === 'unknown') terminal.line('The invite they came by had ended already.');
  else if (origin) {
    const whose = `an invite of ${nameOf(view, origin.invitedBy)}`;
    terminal.note(`They came by ${whose}. To end it: agent-world invite --end ${origin.inviteId}`);
  } else if (endsInvite) terminal.note('The history does not tell by which invite they came.');
  return EXIT.ok;
}
