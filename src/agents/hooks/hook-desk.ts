/**
 * Owns: what an agent that works by its client's own file tools is told, and which of its writes are stopped
 * before they happen. Does not know: the client, or how it is told.
 */
import { readFile, stat } from 'node:fs/promises';
import { isPathClaim } from '../../world/any-claim.ts';
import { memberName } from '../../world/member-name.ts';
import { pathClaimsOn } from '../../world/path-claims.ts';
import type { AgentSession } from '../agent-session.ts';
import type { AgentTools } from '../tools/agent-tools.ts';
import type { ClaimView } from '../tools/answer.ts';
import { claimsOfOthersOn, claimView } from '../tools/claim-views.ts';
import { viewMembers } from '../tools/member-search.ts';
import { renderNews } from '../tools/render-answer.ts';
import type { SessionRecord } from '../tools/session-record.ts';
import { WorldPaths } from '../tools/world-paths.ts';
import { type HookAnswer, type HookEvent, type NativeWrite, NOTHING } from './hook-event.ts';
import { writtenLines } from './written-lines.ts';

export interface HookDeskOptions {
  readonly agent: AgentSession;
  /** Of the agent's server, whose record follows the client's session from the first hook on. */
  readonly tools: AgentTools;
  readonly record: Pick<SessionRecord, 'follow'>;
  /** The agent's own, absolute. */
  readonly folder: string;
}

export class HookDesk {
  readonly #agent: AgentSession;
  readonly #paths: WorldPaths;
  readonly #record: Pick<SessionRecord, 'follow'>;
  readonly #tools: AgentTools;
  /** Sessions of the client that know where they are. */
  readonly #welcomed = new Set<string>();
  readonly #toldTickets = new Set<number>();

  constructor({ agent, tools, record, folder }: HookDeskOptions) {
    this.#agent = agent;
    this.#paths = new WorldPaths(agent.session.view, [folder]);
    this.#record = record;
    this.#tools = tools;
  }

  async answer(event: HookEvent): Promise<HookAnswer> {
    this.#record.follow(event.session);
    switch (event.kind) {
      case 'session-began':
        // It may have forgotten what it was told, as after its history was made short.
        this.#welcomed.delete(event.session);
        return told([this.#welcome(event.session)]);
      case 'prompted':
        return told([this.#welcome(event.session), await this.#news()]);
      case 'writing':
        return this.#writing(event.file, event.write);
      case 'wrote': {
        await this.#tools.native.wrote(event.file, event.written);
        return told([this.#welcome(event.session), await this.#news()]);
      }
      case 'read':
        await this.#tools.native.saw(event.file, event.shown);
        return NOTHING;
      case 'stopping':
        return event.isAgain ? NOTHING : this.#stopping();
    }
  }

  /** Who is here, and the rules; empty for a session that knows. */
  #welcome(session: string): string {
    if (this.#welcomed.has(session)) return '';
    this.#welcomed.add(session);
    const { view, identity, workspace } = this.#agent.session;
    const others = viewMembers(view, identity).filter(({ isSelf, at }) => !isSelf && at.length > 0);
    const here = others.slice(0, MOST_NAMES).map(({ name, kind, at }) => {
      const place = at.find(({ path }) => path !== '');
      return `${name} (${kind}${place ? `, in ${place.path}` : ''})`;
    });
    const more = others.length > here.length ? [`${others.length - here.length} more`] : [];
    const who = here.length === 0 ? 'nobody else' : [...here, ...more].join(', ');
    return [
      `This folder is kept in step with the shared world ${workspace?.name ?? ''}; you are ${memberName(view, identity)} in it.`,
      `Here now: ${who}. They edit the same files at the same time.`,
      'What you write in this folder reaches them at once; what they write appears in it.',
      'You are told what others change in files that you read or wrote; read a file again before you write over it.',
      'A write that meets somebody’s newer text does not replace it: it waits as a ticket for a decision.',
      'A write where somebody has a claim is stopped; work elsewhere or ask the holder.',
      'Claims, tickets, messages and history are tools of the server agent-world.',
    ].join('\n');
  }

  async #news(): Promise<string> {
    const { news } = await this.#tools.listMembers();
    return renderNews(news);
  }

  async #writing(file: string, write: NativeWrite): Promise<HookAnswer> {
    const found = await this.#paths.canonical(file);
    if (found.tag === 'bad') return NOTHING;
    const claim = await this.#claimOn(found.path, file, write);
    if (!claim) return NOTHING;
    const { holder, firstLine, lastLine, endsAtMs, reason } = claim;
    const lines = firstLine > 0 ? `lines ${firstLine} to ${lastLine} of ` : '';
    const why = reason === '' ? '' : ` The reason: ${reason}.`;
    return {
      kind: 'denied',
      reason:
        `${holder} has claimed ${lines}${claim.path} until ${new Date(endsAtMs).toISOString()}.${why} ` +
        `Nothing was written. Work elsewhere, wait until the claim ends, or ask ${holder} by a message.`,
    };
  }

  /** Somebody else's claim that a write meets. */
  async #claimOn(path: string, file: string, write: NativeWrite): Promise<ClaimView | undefined> {
    const { session } = this.#agent;
    const { view, identity, clock } = session;
    const head = view.fileAt(path);
    // No file has this number: of one that is yet to come, its path alone counts.
    const whole = pathClaimsOn(view, head ?? { fileId: -1, path }).find(
      ({ holder, expiresAtMs }) => holder !== identity && expiresAtMs > clock.nowMs(),
    );
    if (whole) return claimView(session, whole);
    if (!head) return undefined;
    const onLines = claimsOfOthersOn(session, new Set([head.fileId])).flatMap((claim) =>
      isPathClaim(claim) ? [] : [claim],
    );
    if (onLines.length === 0) return undefined;
    const ranges = writtenLines(await textOf(file), write);
    const met = onLines.find((claim) =>
      ranges.some(
        ({ firstLine, lastLine }) => claim.firstLine <= lastLine && claim.lastLine >= firstLine,
      ),
    );
    return met && claimView(session, met);
  }

  /** Tickets of its own that it was not held up for yet. */
  #stopping(): HookAnswer {
    const { view } = this.#agent.session;
    const open = this.#agent.tickets().filter(({ ticketId }) => !this.#toldTickets.has(ticketId));
    if (open.length === 0) return NOTHING;
    for (const { ticketId } of open) this.#toldTickets.add(ticketId);
    const named = open
      .slice(0, MOST_NAMES)
      .map(({ ticketId, fileId }) => `${ticketId} (${view.files.get(fileId)?.path ?? ''})`);
    const reason = `Changes of yours wait in tickets: ${named.join(', ')}. Look at them with the tool tickets: give up or settle what you can, and tell the person of the rest.`;
    return { kind: 'goes-on', reason };
  }
}

function told(parts: readonly string[]): HookAnswer {
  const text = parts.filter((part) => part !== '').join('\n\n');
  return text === '' ? NOTHING : { kind: 'told', text };
}

/** Empty for what cannot be read, or is too long to be looked through before each write. */
async function textOf(file: string): Promise<string> {
  try {
    return (await stat(file)).size > MOST_BYTES ? '' : await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

const MOST_NAMES = 8;
const MOST_BYTES = 1024 * 1024;
