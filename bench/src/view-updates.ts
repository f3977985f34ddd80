// What a window spends on its view of who is here while others work.
import { setTimeout as delay } from 'node:timers/promises';
import { nextTurn } from '../../src/views/coalescer.ts';
import { MemberFeed } from '../../src/views/members/member-feed.ts';
import { MemberList } from '../../src/views/members/member-list.ts';
import type { WorldSession } from '../../src/world/world-session.ts';

/** What each update took of the window's thread for so long, reading all that is shown again. Milliseconds. */
export async function memberUpdates(
  session: WorldSession,
  durationMs: number,
): Promise<readonly number[]> {
  const tookMs: number[] = [];
  const list = new MemberList();
  const schedule: typeof nextTurn = (fire) =>
    nextTurn(() => {
      const startedMs = performance.now();
      fire();
      list.inGroup('here');
      list.inGroup('away');
      tookMs.push(performance.now() - startedMs);
    });
  const feed = new MemberFeed({ session }, list, { schedule });
  await delay(durationMs);
  feed.dispose();
  return tookMs;
}
