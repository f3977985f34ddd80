import { loadSequentialTrace } from '../../../test/harness/trace-file.ts';
import { filesForRounds, holdContest, interleave, pathOfRound } from '../contest.ts';
import { agentWorld, codeMirror, codeMirrorDurable, relay, yWebsocket } from '../contestants.ts';
import type { JudgedFigure, Measure } from '../measure.ts';
import { notMeasured } from '../measure.ts';
import { median, pairedRatio } from '../statistics.ts';
import type { KeystrokeDelays } from '../typing.ts';

const contestants = [agentWorld, codeMirrorDurable, codeMirror, yWebsocket, relay];

/** From one client's keystroke to the other client's text, one keystroke at a time. */
export const measureKeystroke: Measure = async (options) => {
  const { endContent } = await loadSequentialTrace('sveltecomponent');
  const keystrokes = options.quick ? 200 : 600;
  const files = filesForRounds(options.rounds, endContent);
  return holdContest(contestants, files, options, async ({ entrants, remarks }) => {
    const delays = await interleave(entrants, options.rounds, (entrant, round) =>
      entrant.typeInTurns(pathOfRound(round), keystrokes),
    );
    const ours = delays.get(agentWorld);
    const theirs = delays.get(codeMirrorDurable) ?? [];
    return {
      remarks,
      figures: [
        judge('p50', ours, theirs, ({ p50Ms }) => p50Ms),
        judge('p95', ours, theirs, ({ p95Ms }) => p95Ms),
      ],
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
  });
};

function judge(
  which: string,
  ours: readonly KeystrokeDelays[] | undefined,
  theirs: readonly KeystrokeDelays[],
  pick: (delays: KeystrokeDelays) => number,
): JudgedFigure {
  const theirMs = theirs.map(pick);
  return {
    measure: 'keystroke',
    label: `keystroke from one client to another, ${which}`,
    ours: ours ? milliseconds(median(ours.map(pick))) : notMeasured,
    peer: `${codeMirrorDurable.label}: ${milliseconds(median(theirMs))}`,
    value: ours && pairedRatio(ours.map(pick), theirMs),
    unit: '×',
    must: 3,
    aim: 1.5,
    better: 'lower',
  };
}

function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`;
}
