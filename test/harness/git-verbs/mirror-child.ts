/** A mirror of one folder as a process of its own, so that it can be killed at any point. */
import { setGlobalLogLevel } from 'spacetimedb';
import { systemClock } from '../../../src/world/clock.ts';
import { silentLog } from '../../../src/world/log.ts';
import { readHeadSeq } from '../../../src/world/read-head.ts';
import { openWorld } from '../../../src/world/world-session.ts';
import { KeptFolder } from '../term-lab.ts';
import type { MirrorAnswer, MirrorStart } from './mirror-process.ts';

setGlobalLogLevel('error');

async function run({ uri, database, self, place, author }: MirrorStart): Promise<void> {
  const random = (): number => 0.5;
  const session = openWorld({ uri, database, self, clock: systemClock, random, log: silentLog });
  await session.whenOnline();
  const kept = await KeptFolder.keep(session, place, {
    author,
    onEvent: (event) => process.send!({ tag: 'event', event } satisfies MirrorAnswer),
  });
  const look = async (): Promise<void> => {
    await kept.look();
    await readHeadSeq(await session.whenOnline());
    const { waiting } = kept.log;
    const isWaiting = waiting.events().some(({ event }) => !waiting.isOver(event));
    const files = [...waiting.all()].map(({ path, what, event }) => [path, what, event]);
    const state = JSON.stringify([files, waiting.events()]);
    process.send!({ tag: 'looked', isWaiting, state } satisfies MirrorAnswer);
  };
  process.on('message', () => void look());
  process.send!({ tag: 'kept' } satisfies MirrorAnswer);
}

process.once('message', (start: MirrorStart) => void run(start));
// Nobody is there any more who could end it.
process.once('disconnect', () => process.exit());
