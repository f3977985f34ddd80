import type { Change } from '../../src/core/change.ts';
import type { StoredIdentity } from '../../src/world/identities.ts';
import { systemClock } from '../../src/world/clock.ts';
import { silentLog } from '../../src/world/log.ts';
import { openWorld, type WorldSession } from '../../src/world/world-session.ts';
import { sendPatches } from './send-patches.ts';

/** A build before keeps the text of a ticket three times in its row: 256 KB. */
export const LONG_TICKETS = { count: 200, textBytes: 85_000 } as const;

/** A file with a line for each ticket. */
export const DISPUTED_LINES = 'line\n'.repeat(LONG_TICKETS.count);

/** Has one member change every line, and another put a long text in the place of each as it was before. */
export async function openLongTickets(connection: string, path: string): Promise<void> {
  const { uri, database, members } = JSON.parse(connection) as {
    readonly uri: string;
    readonly database: string;
    readonly members: readonly [StoredIdentity, StoredIdentity];
  };
  const enter = (self: StoredIdentity): WorldSession =>
    openWorld({ uri, database, self, clock: systemClock, random: Math.random, log: silentLog });
  const [first, second] = members.map(enter);
  await Promise.all([first!.whenOnline(), second!.whenOnline()]);
  const head = first!.view.fileAt(path);
  if (!head) throw new Error(`the world has no ${path}`);
  const lines = Array.from({ length: LONG_TICKETS.count }, (_, line) => line);
  await sendPatches(
    first!,
    head.fileId,
    head.version,
    lines.map((line) => rewritten(line, 'LINE')),
  );
  for (const line of lines) {
    const text = `${line}`.padEnd(LONG_TICKETS.textBytes, 'x');
    await sendPatches(second!, head.fileId, head.version, [rewritten(line, text)]);
  }
  first!.close();
  second!.close();
}

function rewritten(line: number, text: string): Change {
  return { startLine: line, startCharacter: 0, endLine: line, endCharacter: 4, text };
}
