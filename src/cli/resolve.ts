import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { type Decision, decideTicket } from '../world/decide-ticket.ts';
import { demandDone } from '../world/demand-done.ts';
import type { Ticket } from '../world/world-rows.ts';
import type { Command, CommandLine } from './command.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { withWorld } from './with-world.ts';

export const resolveCommand: Command = {
  name: 'resolve',
  usage: 'TICKET [WORLD] (--head | --mine | --with FILE)',
  summary: 'decide a conflict',
  explanation: `
Closes a ticket in one of three ways. --head keeps what stands there; of a ticket of your own that is
taking it back. --mine puts what was proposed in its place, on top of what others did around it.
--with FILE puts the text in FILE there instead (- for standard input). When somebody has written there
since the ticket was shown, the world refuses with head_moved: look again (agent-world tickets --text).
Where several changes wait together all of them are done, or none.`,
  options: [
    { name: 'head', meaning: 'keep the text as it is' },
    { name: 'mine', meaning: 'apply what was proposed' },
    { name: 'with', value: 'FILE', meaning: 'apply this text' },
  ],
  positionals: [1, 2],
  async run(context, line) {
    const { machine, terminal, signal } = context;
    const ticketId = Number(/^#?(\d{1,9})$/.exec(line.positionals[0]!)?.[1]);
    if (!(ticketId > 0)) throw new UsageError(`Not a ticket's number: ${line.positionals[0]}`);
    const choose = await chooser(line);
    return withWorld(context, line.positionals[1], async (session) => {
      const ticket = session.view.tickets.get(ticketId);
      if (!ticket)
        throw new UsageError(`There is no open ticket ${ticketId} (see: agent-world tickets)`);
      const decision = choose(ticket);
      demandDone(await decideTicket(session, ticket, decision, machine.randomBytes, signal));
      terminal.json({ ticket: ticketId, resolution: decision.resolution });
      terminal.line(`Ticket ${ticketId} is decided.`);
      return EXIT.ok;
    });
  },
};

/** What the options mean for a ticket; files are read before anything is asked of the world. */
async function chooser(line: CommandLine): Promise<(ticket: Ticket) => Decision> {
  const file = line.text('with');
  const chosen = [line.flag('head'), line.flag('mine'), file !== undefined].filter(Boolean);
  if (chosen.length !== 1) throw new UsageError('Say one of --head, --mine and --with FILE');
  if (line.flag('head')) return () => ({ resolution: 'accept_head' });
  if (file === undefined) return () => ({ resolution: 'rebase' });
  const text = await readText(file);
  return (ticket) => patchOf(ticket, text);
}

function patchOf({ ticketId, fileId, parts }: Ticket, text: string): Decision {
  const [part, ...more] = parts.filter((each) => each.fileId === fileId);
  if (!part || parts.length > 1 || more.length > 0) {
    throw new UsageError(
      `Ticket ${ticketId} is not about one place in one text: use --head or --mine`,
    );
  }
  const { startLine, startCharacter, endLine, endCharacter } = part;
  const change = { startLine, startCharacter, endLine, endCharacter, text };
  return { resolution: 'patch', changes: [change] };
}

/** Line ends become those of the world. */
async function readText(file: string): Promise<string> {
  try {
    const text = await (file === '-' ? textOf(process.stdin) : readFile(file, 'utf8'));
    return text.replaceAll(/\r\n?/g, '\n');
  } catch (error) {
    throw new UsageError(
      `Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
