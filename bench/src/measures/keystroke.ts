import { loadSequentialTrace } from '../../../test/harness/trace-file.ts';
import { filesForRounds, holdContest, interleave, pathOfRound } from '../contest.ts';
import {
  agentWorld,
  codeMirror,
  codeMirrorDurable,
  type Contestant,
  relay,
  yWebsocket,
} from '../contestants.ts';
import type { JudgedFigure, Measure } from '../measure.ts';
import { NOT_WORSE, notMeasured } from '../measure.ts';
import { median, pairedRatio } from '../statistics.ts';
import type { KeystrokeDelays } from '../typing.ts';

const contestants = [agentWorld, codeMirrorDurable, codeMirror, yWebsocket, relay];

/** From one client's keystroke to the other client's text, one keystroke at a time. */
export const measureKeystroke: Measure = async (options) => {
  const { endContent } = await loadSequentialTrace('sveltecomponent');
  const keystrokes = options.quick ? 200 : 600;
  const files = filesForRounds(options.rounds, endContent);
  const { before } = options;
  return holdContest(
    [...contestants, ...(before ? [before] : [])],
    files,
    options,
    async ({ entrants, remarks }) => {
      const delays = await interleave(entrants, options.rounds, (entrant, round) =>
        entrant.typeInTurns(pathOfRound(round), keystrokes),
      );
      const peers = [
        { peer: codeMirrorDurable, must: 3, aim: 1.5 },
        ...(before ? [{ peer: before, ...NOT_WORSE }] : []),
      ];
      return {
        remarks,
        figures: peers.flatMap((peer) =>
          PERCENTILES.map((percentile) => judge(delays, percentile, peer)),
        ),
        comparison: {
          title: 'Keystroke from one client to another',
          columns: ['', 'durable', 'p50', 'p95'],
          rows: [...delays].map(([{ label, durable }, rounds]) => [
            label,
            durable ? 'yes' : 'no',
            milliseconds(median(rounds.map(({ p50Ms }) => p50Ms))),
            milliseconds(median(rounds.map(({ p95Ms }) => p95Ms))),
          ]),
        },
      };
    },
  );
};

type Delays = ReadonlyMap<Contestant, readonly KeystrokeDelays[]>;

function judge(
  delays: Delays,
  [which, pick]: (typeof PERCENTILES)[number],
  { peer, must, aim }: { readonly peer: Contestant; readonly must: number; readonly aim: number },
): JudgedFigure {
  const ours = delays.get(agentWorld)?.map(pick);
  const theirs = (delays.get(peer) ?? []).map(pick);
  return {
    measure: 'keystroke',
    label: `keystroke from one client to another, ${which}`,
    ours: ours ? milliseconds(median(ours)) : notMeasured,
    peer: `${peer.label}: ${milliseconds(median(theirs))}`,
    value: ours && pairedRatio(ours, theirs),
    unit: '×',
    must,
    aim,
    better: 'lower',
  };
}

const PERCENTILES = [
  ['p50', ({ p50Ms }: KeystrokeDelays) => p50Ms],
  ['p95', ({ p95Ms }: KeystrokeDelays) => p95Ms],
] as const;

function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`;
}
