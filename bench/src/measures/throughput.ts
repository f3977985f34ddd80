import { loadSequentialTrace } from '../../../test/harness/trace-file.ts';
import { filesForRounds, holdContest, interleave, pathOfRound } from '../contest.ts';
import {
  agentWorld,
  codeMirror,
  codeMirrorDurable,
  yWebsocket,
  yWebsocketBatched,
} from '../contestants.ts';
import type { Measure } from '../measure.ts';
import { notMeasured } from '../measure.ts';
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
  return holdContest(contestants, files, options, async ({ entrants, remarks }) => {
    const rates = await interleave(entrants, options.rounds, (entrant, round) =>
      entrant.typeTogether(pathOfRound(round), flood),
    );
    const ours = rates.get(agentWorld);
    const theirs = rates.get(yWebsocket) ?? [];
    return {
      remarks,
      figures: [
        {
          measure: 'throughput',
          label: 'keystrokes a second, two writers',
          ours: ours ? perSecond(median(ours)) : notMeasured,
          peer: `${yWebsocket.label}: ${perSecond(median(theirs))}`,
          value: ours && pairedRatio(ours, theirs),
          unit: '×',
          must: 0.5,
          aim: 1,
          better: 'higher',
        },
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
  });
};

function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`;
}
