/** Owns: waiting until something happens that an agent wants to know, for a bounded time. */
import type { WorldSession } from '../../world/world-session.ts';
import { done, type Reply } from './answer.ts';
import type { NewsDesk } from './news-desk.ts';
import { watchNews } from './watch-news.ts';

export interface WaitRequest {
  /** At most so long, 1 to 25 s; 25 without it. */
  readonly seconds?: number | undefined;
  /** Until this ticket is decided. */
  readonly ticket?: number | undefined;
  /** Until this claim has ended. */
  readonly claim?: number | undefined;
}

interface Waiting {
  readonly session: WorldSession;
  readonly news: NewsDesk;
  /** Whether a claim, of whichever kind, is still there. */
  readonly hasClaim: (claim: number) => boolean;
  readonly signal: AbortSignal;
}

/** Until the ticket or claim ends that is named, or without one until there is any news. */
export async function waitFor(
  waiting: Waiting,
  { seconds = MOST_SECONDS, ticket, claim }: WaitRequest,
): Promise<Reply> {
  const { session, news, hasClaim } = waiting;
  const happened = (): readonly string[] => {
    const sentences: string[] = [];
    if (ticket !== undefined && !session.view.tickets.has(ticket))
      sentences.push(`Ticket ${ticket} is closed.`);
    if (claim !== undefined && !hasClaim(claim)) sentences.push(`Claim ${claim} has ended.`);
    if (ticket === undefined && claim === undefined && news.hasNews())
      sentences.push('There is news.');
    return sentences;
  };
  const timeoutMs = Math.min(MOST_SECONDS, Math.max(1, seconds)) * 1000;
  const isOver = !(await untilTrue(waiting, () => happened().length > 0, timeoutMs));
  const sentences = happened();
  const message = isOver ? 'Nothing has happened yet.' : sentences.join(' ');
  const next = isOver ? ['Wait again, or go on with something else.'] : [];
  return done(message, { kind: 'waited', happened: sentences, isOver }, next);
}

/** False when the time is over, or the call ended, before it is true. */
function untilTrue(
  { session, signal }: Waiting,
  isTrue: () => boolean,
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const { view, clock } = session;
    const settle = (result: boolean): void => {
      cancelTimeout();
      cancelTick();
      stop();
      signal.removeEventListener('abort', ended);
      resolve(result);
    };
    const look = (): void => {
      if (isTrue()) settle(true);
    };
    const ended = (): void => settle(false);
    // Claims end by the clock, and tell nobody.
    let cancelTick = clock.after(TICK_MS, tick);
    function tick(): void {
      cancelTick = clock.after(TICK_MS, tick);
      look();
    }
    const cancelTimeout = clock.after(timeoutMs, ended);
    const stop = watchNews(view, look);
    signal.addEventListener('abort', ended);
    if (signal.aborted) ended();
    else look();
  });
}

const MOST_SECONDS = 25;
const TICK_MS = 1000;
