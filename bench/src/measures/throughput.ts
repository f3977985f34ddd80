import { loadSequentialTrace } from '../../../test/harness/trace-file.ts';
import { filesForRounds, holdContest, interleave, pathOfRound } from '../contest.ts';
import {
  agentWorld,
  codeMirror,
  codeMirrorDurable,
  type Contestant,
  yWebsocket,
  yWebsocketBatched,
} from '../contestants.ts';
import type { JudgedFigure, Measure } from '../measure.ts';
import { NOT_WORSE, notMeasured } from '../measure.ts';
import { median, pairedRatio } from '../statistics.ts';
import type { Flood } from '../typing.ts';

const contestants = [agentWorld, yWebsocket, yWebsocketBatched, codeMirrorDurable, codeMirror];

/**
 * Keystrokes a second that two writers get through to each other. The ratio is taken against
 * y-websocket with an update for each keystroke, because our side keeps a row for each.
 */
export const measureThroughput: Measure = async (options) => {
  const { endContent } = await loadSequentialTrace('sveltecomponent');
  const flood: Flood = {
    keystrokesPerWriter: options.quick ? 2_000 : 6_000,
    burst: 100,
    windowKeystrokes: 200,
  };
  const files = filesForRounds(options.rounds, endContent);
  const { before } = options;
  return holdContest(
    [...contestants, ...(before ? [before] : [])],
    files,
    options,
    async ({ entrants, remarks }) => {
      const rates = await interleave(entrants, options.rounds, (entrant, round) =>
        entrant.typeTogether(pathOfRound(round), flood),
      );
      return {
        remarks,
        figures: [
          judge(rates, { peer: yWebsocket, must: 0.5, aim: 1 }),
          ...(before
            ? [judge(rates, { peer: before, must: 1 / NOT_WORSE.must, aim: 1 / NOT_WORSE.aim })]
            : []),
        ],
        comparison: {
          title: 'Keystrokes a second, two writers',
          columns: ['', 'durable', 'keystrokes/s'],
          rows: [...rates].map(([{ label, durable }, rounds]) => [
            label,
            durable ? 'yes' : 'no',
            perSecond(median(rounds)),
          ]),
        },
      };
    },
  );
};

function judge(
  rates: ReadonlyMap<Contestant, readonly number[]>,
  { peer, must, aim }: { readonly peer: Contestant; readonly must: number; readonly aim: number },
): JudgedFigure {
  const ours = rates.get(agentWorld);
  const theirs = rates.get(peer) ?? [];
  return {
    measure: 'throughput',
    label: 'keystrokes a second, two writers',
    ours: ours ? perSecond(median(ours)) : notMeasured,
    peer: `${peer.label}: ${perSecond(median(theirs))}`,
    value: ours && pairedRatio(ours, theirs),
    unit: '×',
    must,
    aim,
    better: 'higher',
  };
}

function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`;
}
