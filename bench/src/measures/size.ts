import { loadSequentialTrace } from '../../../test/harness/trace-file.ts';
import { holdContest, interleave } from '../contest.ts';
import { agentWorld, codeMirrorDurable } from '../contestants.ts';
import type { Measure } from '../measure.ts';
import { notMeasured } from '../measure.ts';
import { median } from '../statistics.ts';

const smallBytes = 10 * 1024;
const largeBytes = 1024 * 1024;

/** Whether a keystroke costs more in a large file than in a small one. */
export const measureSize: Measure = async (options) => {
  const { endContent } = await loadSequentialTrace('sveltecomponent');
  const files = {
    'small.txt': repeatTo(smallBytes, endContent),
    'large.txt': repeatTo(largeBytes, endContent),
  };
  const keystrokes = options.quick ? 100 : 300;
  const contestants = [agentWorld, codeMirrorDurable];
  return holdContest(contestants, files, options, async ({ entrants, remarks }) => {
    const rounds = await interleave(entrants, options.rounds, async (entrant) => ({
      smallMs: (await entrant.typeInTurns('small.txt', keystrokes)).p50Ms,
      largeMs: (await entrant.typeInTurns('large.txt', keystrokes)).p50Ms,
    }));
    const ours = rounds.get(agentWorld);
    return {
      remarks,
      figures: [
        {
          measure: 'size',
          label: 'one-line op on 1 MB against 10 KB, p50',
          ours: ours ? describe(ours) : notMeasured,
          peer: 'itself on 10 KB',
          value: ours && growth(ours),
          unit: '×',
          must: 3,
          aim: 1.5,
          better: 'lower',
        },
      ],
      comparison: {
        title: 'Keystroke by size of the file, p50',
        columns: ['', '1 MB after 10 KB', 'ratio'],
        rows: [...rounds].map(([{ label }, results]) => [
          label,
          describe(results),
          `${growth(results).toFixed(2)}×`,
        ]),
      },
    };
  });
};

interface SizeRound {
  readonly smallMs: number;
  readonly largeMs: number;
}

function growth(rounds: readonly SizeRound[]): number {
  return median(rounds.map(({ smallMs, largeMs }) => largeMs / smallMs));
}

function describe(rounds: readonly SizeRound[]): string {
  const smallMs = median(rounds.map((round) => round.smallMs));
  const largeMs = median(rounds.map((round) => round.largeMs));
  return `${largeMs.toFixed(2)} ms after ${smallMs.toFixed(2)} ms`;
}

/** Whole lines of the sample, over and over, up to the size. The sample is ASCII but for a few lines. */
function repeatTo(bytes: number, sample: string): string {
  const repeated = `${sample}\n`.repeat(Math.ceil(bytes / sample.length)).slice(0, bytes);
  return repeated.slice(0, repeated.lastIndexOf('\n') + 1);
}
