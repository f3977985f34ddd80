import { CountingProxy } from '../../../test/harness/counting-proxy.ts';
import { holdContest, type Entrant } from '../contest.ts';
import { agentWorld, type Contestant } from '../contestants.ts';
import { DISPUTED_LINES, LONG_TICKETS, openLongTickets } from '../long-tickets.ts';
import type { Measure } from '../measure.ts';
import { notMeasured } from '../measure.ts';
import { median } from '../statistics.ts';
import type { Subject } from '../subject.ts';

const disputed = 'disputed.txt';
const small = 'small.txt';

/** What comes over the wire until somebody who connects is online in a world full of conflicts. */
export const measureConnect: Measure = async (options) => {
  const { before } = options;
  const contestants = before ? [agentWorld, before] : [agentWorld];
  const files = { [disputed]: DISPUTED_LINES, [small]: 'one\ntwo\nthree\n' };
  return holdContest(contestants, files, options, async ({ entrants, remarks }) => {
    const bytes = new Map<Contestant, number>();
    for (const entrant of entrants) {
      await openLongTickets(entrant.server.connection, disputed);
      const rounds = [];
      for (let round = 0; round < options.rounds; round++)
        rounds.push(await connectedBytes(entrant));
      bytes.set(entrant.contestant, median(rounds));
    }
    const ours = bytes.get(agentWorld);
    const theirs = before && bytes.get(before);
    return {
      remarks: before ? remarks : [...remarks, 'connecting has no peer without --before'],
      figures: [
        {
          measure: 'connect',
          label: `connecting to a world with ${LONG_TICKETS.count} conflicts of 256 KB, bytes`,
          ours: told(ours),
          peer: theirs === undefined ? '' : `the build before: ${told(theirs)}`,
          value: ours === undefined || theirs === undefined ? undefined : theirs / ours,
          unit: '×',
          must: 20,
          aim: 100,
          better: 'higher',
        },
      ],
      comparison: {
        title: `Bytes until online, with ${LONG_TICKETS.count} open conflicts of 256 KB`,
        columns: ['', 'received'],
        rows: [...bytes].map(([{ label }, received]) => [label, told(received)]),
      },
    };
  });
};

/** A writer of the contestant's own build connects and opens a small file. */
async function connectedBytes({ contestant, server }: Entrant): Promise<number> {
  const module = (await import(contestant.reference.module)) as Record<string, Subject>;
  const subject = module[contestant.reference.exportName]!;
  const world = JSON.parse(server.connection) as { readonly uri: string };
  const proxy = await CountingProxy.open(world.uri);
  const connection = JSON.stringify({ ...world, uri: proxy.uri });
  const writer = await subject.openWriter({ connection, path: small, writerIndex: 0 });
  const { receivedBytes } = proxy;
  await writer.close();
  await proxy.close();
  return receivedBytes;
}

function told(bytes: number | undefined): string {
  return bytes === undefined ? notMeasured : `${Math.round(bytes).toLocaleString('en')} B`;
}
