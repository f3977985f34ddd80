/** Owns: messages, named points of the history, and who is here. */
import { memberName } from '../../world/member-name.ts';
import type { AgentSession } from '../agent-session.ts';
import { done, refused, type Reply } from './answer.ts';
import { bounded } from './list-files.ts';
import { findMember, viewMembers } from './member-search.ts';
import { messageView } from './news-desk.ts';

export interface MessageRequest {
  readonly text: string;
  /** The member it is for; for all without it. */
  readonly to?: string | undefined;
}

export interface MessagesRequest {
  /** Only those after this message. */
  readonly after?: number | undefined;
  /** At most so many, the newest without `after`; 20 without it, 100 at most. */
  readonly limit?: number | undefined;
}

export interface CheckpointRequest {
  readonly name: string;
}

/** Says something to a member, or to all. Throws `WorldError`. */
export async function sendMessage(
  agent: AgentSession,
  { text, to = '' }: MessageRequest,
): Promise<Reply> {
  if (text.trim() === '') return refused('bad_request', 'The message is empty.');
  const { view } = agent.session;
  if (to === '' || to === 'all') {
    await agent.say(text);
    return done('Said to all members.');
  }
  const found = findMember(view, to);
  if (found.tag === 'refused') return found.reply;
  await agent.say(text, found.identity);
  return done(`Said to ${to}.`);
}

/** What was said to the agent, by it, or to all. */
export function listMessages(agent: AgentSession, { after, limit }: MessagesRequest): Reply {
  const { view, identity } = agent.session;
  const messages = [...view.notes.values()]
    .filter(({ kind, noteId }) => kind === 'message' && noteId > (after ?? 0))
    .filter(({ author, to }) => to === undefined || to === identity || author === identity)
    .sort((a, b) => a.noteId - b.noteId);
  const count = bounded(limit, USUAL, MOST);
  const shown = after === undefined ? messages.slice(-count) : messages.slice(0, count);
  const views = shown.map((note) => messageView(view, note, identity));
  const last = views.at(-1)?.message ?? after ?? 0;
  const isCut = after !== undefined && shown.length < messages.length;
  return done(
    `${messages.length} ${messages.length === 1 ? 'message' : 'messages'}${shown.length < messages.length ? `, ${shown.length} shown` : ''}.`,
    { kind: 'messages', messages: views, after: last },
    isCut ? [`Ask again with after: ${last}`] : [],
  );
}

/** Gives the point that the history is at a name. Throws `WorldError`. */
export async function makeCheckpoint(
  agent: AgentSession,
  { name }: CheckpointRequest,
): Promise<Reply> {
  if (name.trim() === '') return refused('bad_request', 'The name is empty.');
  await agent.checkpoint(name);
  return done(`This point of the history is called ${JSON.stringify(name)} now.`);
}

export function listCheckpoints(agent: AgentSession): Reply {
  const { view } = agent.session;
  const checkpoints = agent
    .checkpoints()
    .slice(0, MOST)
    .map(({ opSeq, name, author, madeAtMs }) => ({
      opSeq,
      name,
      author: memberName(view, author),
      atMs: madeAtMs,
    }));
  return done(`${checkpoints.length} named points.`, { kind: 'checkpoints', checkpoints });
}

export function listMembers(agent: AgentSession): Reply {
  const { view, identity } = agent.session;
  const members = viewMembers(view, identity);
  return done(`${members.length} members.`, { kind: 'members', members });
}

const USUAL = 20;
const MOST = 100;
