import { createInvite, endInvite, formatInvite, type InviteTerms } from '../world/invite.ts';
import type { Command, CommandLine } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { rightsOf } from '../world/rights.ts';
import { roleNamed } from './role.ts';
import { withWorld } from './with-world.ts';

export const inviteCommand: Command = {
  name: 'invite',
  usage: '[WORLD]',
  summary: 'a link that lets somebody into a world',
  explanation: `
Makes an invite and prints it. Whoever has the link can join with it, as often as it may be used and
until it expires: send it to those it is meant for and to nobody else. The world keeps only a hash.

  agent-world join "INVITE" FOLDER    is what they do with it; or, in VS Code: Join a World by Invite`,
  options: [
    { name: 'agent', meaning: 'for an agent; otherwise for a person' },
    { name: 'role', value: 'ROLE', meaning: 'owner, editor (default) or viewer' },
    { name: 'scope', value: 'GLOBS', meaning: 'only these paths, separated by commas' },
    { name: 'uses', value: 'N', meaning: 'how often it may be used (1)' },
    { name: 'hours', value: 'N', meaning: 'how long it holds (24)' },
    { name: 'end', value: 'ID', meaning: 'end an invite instead; members --json tells its id' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { machine, terminal } = context;
    const inviteId = line.text('end');
    if (inviteId !== undefined) {
      return withWorld(context, line.positionals[0], async (session) => {
        const ended = await endInvite(session, inviteId);
        terminal.json({ inviteId, ended });
        terminal.line(ended === 'ended' ? 'The invite is ended.' : 'There is no such open invite.');
        return EXIT.ok;
      });
    }
    const role = roleNamed(line);
    const uses = wholeNumber(line, 'uses', 1);
    const hours = wholeNumber(line, 'hours', 24);
    const terms: InviteTerms = {
      kind: line.flag('agent') ? 'agent' : 'human',
      role,
      capabilities: rightsOf(role),
      pathScope: line.text('scope')?.split(',').filter(Boolean) ?? [],
      uses,
      expiresAtMs: machine.clock.nowMs() + hours * 3_600_000,
    };
    return withWorld(context, line.positionals[0], async (session, world) => {
      const { server } = world;
      const link = formatInvite(await createInvite(session, server, terms, machine.randomBytes));
      terminal.json({ invite: link, role, uses, hours });
      terminal.line(link);
      return EXIT.ok;
    });
  },
};

function wholeNumber(line: CommandLine, option: string, absent: number): number {
  const text = line.text(option);
  if (text === undefined) return absent;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} must be a whole number from 1: ${text}`);
}
