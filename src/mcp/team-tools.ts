/** Owns: the tools by which a model works beside others: news, claims, tickets, history, messages. */
import type { ClaimRequest } from '../agents/tools/claim-files.ts';
import type { SettleRequest, TicketsRequest } from '../agents/tools/own-tickets.ts';
import type { BlameRequest, HistoryRequest } from '../agents/tools/past.ts';
import type { SnapshotRequest } from '../agents/tools/snapshot-files.ts';
import type { CheckpointRequest, MessageRequest, MessagesRequest } from '../agents/tools/talk.ts';
import type { WaitRequest } from '../agents/tools/wait.ts';
import { flag, object, oneOf, text, whole } from './json-schema.ts';
import { GLOB, LINE, PATH } from './shared-arguments.ts';
import type { Tool } from './tool.ts';

const MOST = 4_294_967_295;

interface NewsArguments extends WaitRequest {
  readonly wait?: boolean;
}

type ClaimArguments = { readonly action: 'take' | 'release' | 'list' } & ClaimRequest & {
    readonly claim: number;
    readonly glob?: string;
  };

type TicketArguments = { readonly action: 'list' | SettleRequest['how'] } & TicketsRequest &
  Omit<SettleRequest, 'how'>;

type HistoryArguments = {
  readonly action: 'ops' | 'blame' | 'checkpoints' | 'members';
} & HistoryRequest &
  BlameRequest;

type MessageArguments = { readonly action: 'send' | 'list' | 'checkpoint' } & MessageRequest &
  MessagesRequest &
  CheckpointRequest;

export const TEAM_TOOLS: readonly Tool[] = [
  {
    name: 'news',
    title: 'What others did',
    description:
      'Tells what others changed, said and claimed since your last call. With wait it stays until there is something new, or until the ticket is decided or the claim has ended.',
    input: object({
      wait: flag('Wait until something is new.'),
      seconds: whole('Wait at most so long; 25 without it.', 1, 25),
      ticket: whole('Wait until this ticket is decided.', 1, MOST),
      claim: whole('Wait until this claim has ended.', 1, MOST),
    }),
    effect: 'reads',
    run(tools, { wait, ...request }: NewsArguments, signal) {
      const isWait = wait === true || Object.keys(request).length > 0;
      return isWait ? tools.wait(request, signal) : tools.news(signal);
    },
  },
  {
    name: 'claim',
    title: 'Claim lines or files',
    description:
      'Claims lines, a whole file or a folder (a path such as src/**), so that other agents keep out while you work there. A claim ends by itself when you are gone. Actions: take (path, first_line, last_line, reason, minutes), release (claim), list (glob).',
    input: object(
      {
        action: oneOf(['take', 'release', 'list'], 'What to do.'),
        path: text('What to claim: a file’s path, or a glob.'),
        first_line: LINE('The first line; the whole file without it.'),
        last_line: LINE('The last line, included.'),
        reason: text('What you are about to do there, for others.'),
        minutes: whole('How long at most; 10 without it.', 1, 60),
        claim: whole('The number of the claim to give back.', 1, MOST),
        glob: GLOB,
      },
      ['action'],
    ),
    needs: { take: ['path'], release: ['claim'] },
    effect: 'writes',
    run(tools, { action, ...request }: ClaimArguments, signal) {
      if (action === 'list') return tools.listClaims(request, signal);
      return action === 'take' ? tools.claim(request, signal) : tools.releaseClaim(request, signal);
    },
  },
  {
    name: 'tickets',
    title: 'Conflicts that wait',
    description:
      'An edit that met a change of somebody else waits in a ticket. Actions: list (all for everybody’s, ticket for one with its texts), withdraw (give yours up: the text stays as others made it), text (put this text in place of the disputed lines), insist (put what you proposed there). A person’s text may only be replaced by a person’s decision.',
    input: object(
      {
        action: oneOf(['list', 'withdraw', 'text', 'insist'], 'What to do.'),
        ticket: whole('The number of the ticket.', 1, MOST),
        all: flag('With list: also the tickets of others.'),
        text: text('With the action text: what the disputed lines are to be, whole.'),
      },
      ['action'],
    ),
    needs: { withdraw: ['ticket'], text: ['ticket', 'text'], insist: ['ticket'] },
    effect: 'writes',
    run(tools, { action, all, ticket, text: content }: TicketArguments, signal) {
      if (action === 'list') return tools.tickets({ all, ticket }, signal);
      return tools.settleTicket({ ticket, how: action, text: content }, signal);
    },
  },
  {
    name: 'history',
    title: 'Who did what',
    description:
      'Looks at what was done and by whom. Actions: ops (newest first; of a path or author), blame (who wrote which lines of path), checkpoints (named points), members (who is here, and where).',
    input: object(
      {
        action: oneOf(['ops', 'blame', 'checkpoints', 'members'], 'What to look at.'),
        path: PATH,
        author: text('With ops: only what this member did.'),
        limit: whole('With ops: at most so many; 20 without it.', 1, 200),
        before: whole('With ops: only ops before this one.', 1, MOST),
        first_line: LINE('With blame: the first line.'),
        last_line: LINE('With blame: the last line, included.'),
      },
      ['action'],
    ),
    needs: { blame: ['path'] },
    effect: 'reads',
    run(tools, { action, ...request }: HistoryArguments, signal) {
      switch (action) {
        case 'ops':
          return tools.history(request, signal);
        case 'blame':
          return tools.blame(request, signal);
        case 'checkpoints':
          return tools.listCheckpoints(signal);
        case 'members':
          return tools.listMembers(signal);
      }
    },
  },
  {
    name: 'message',
    title: 'Messages',
    description:
      'Talks to people and other agents. Actions: send (text; to a member’s name, or to all without it), list (messages; after a number), checkpoint (give this point of the history a name).',
    input: object(
      {
        action: oneOf(['send', 'list', 'checkpoint'], 'What to do.'),
        text: text('What to say.'),
        to: text('The name of a member.'),
        after: whole('With list: only messages after this one.', 0, MOST),
        limit: whole('With list: at most so many; 20 without it.', 1, 100),
        name: text('With checkpoint: the name.'),
      },
      ['action'],
    ),
    needs: { send: ['text'], checkpoint: ['name'] },
    effect: 'writes',
    run(tools, { action, ...request }: MessageArguments, signal) {
      if (action === 'list') return tools.listMessages(request, signal);
      return action === 'send'
        ? tools.sendMessage(request, signal)
        : tools.checkpoint(request, signal);
    },
  },
  {
    name: 'snapshot',
    title: 'Copy the world into a folder',
    description:
      'Puts all files into a new or empty folder of this machine as they are at one point, for instance to build or test a text that does not move.',
    input: object(
      {
        folder: text('The absolute path of a folder that is new or empty.'),
        op_seq: whole('As of this op; as it is now without it.', 1, MOST),
      },
      ['folder'],
    ),
    effect: 'writes',
    run: (tools, args: SnapshotRequest, signal) => tools.snapshot(args, signal),
  },
];
