import { loadSequentialTrace } from '../../../test/harness/trace-file.ts';
import { startChild } from '../child-process.ts';
import { filesForRounds, holdContest, pathOfRound, type Entrant } from '../contest.ts';
import { agentWorld } from '../contestants.ts';
import type { FloodKind } from '../flood-messages.ts';
import type { FloodReport, FloodRequest } from '../flood-process.ts';
import type { JudgedFigure, Measure, MeasureResult } from '../measure.ts';
import { median, pairedRatio } from '../statistics.ts';
import type { KeystrokeDelays } from '../typing.ts';

const floods: readonly FloodKind[] = ['edits', 'presence', 'queries'];

/** The keystroke measure while a third member sends as fast as it can, against the same in quiet. */
export const measureFlood: Measure = async (options) => {
  const { endContent } = await loadSequentialTrace('sveltecomponent');
  const files = filesForRounds(options.rounds * floods.length * 2 + floods.length, endContent);
  return holdContest([agentWorld], files, options, async ({ entrants: [entrant], remarks }) => {
    if (!entrant) return { figures: [], remarks };
    const keystrokes = options.quick ? 200 : 2400;
    const flooder = startChild<FloodRequest, FloodReport>(
      new URL('../flood-process.ts', import.meta.url),
    );
    try {
      const play = new FloodRounds(entrant, (request) => flooder.request(request), keystrokes);
      const results = [];
      for (const flood of floods) results.push(await play.against(flood, options.rounds));
      return resultOf(results, remarks);
    } finally {
      await flooder.stop();
    }
  });
};

interface FloodResult {
  readonly flood: FloodKind;
  readonly quiet: readonly KeystrokeDelays[];
  readonly flooded: readonly KeystrokeDelays[];
  readonly reports: readonly FloodReport[];
}

class FloodRounds {
  readonly #entrant: Entrant;
  readonly #ask: (request: FloodRequest) => Promise<FloodReport>;
  readonly #keystrokes: number;
  #path = 0;

  constructor(
    entrant: Entrant,
    ask: (request: FloodRequest) => Promise<FloodReport>,
    keystrokes: number,
  ) {
    this.#entrant = entrant;
    this.#ask = ask;
    this.#keystrokes = keystrokes;
  }

  /** A quiet round and a flooded one, next to each other, as often as wanted; the first warms up. */
  async against(flood: FloodKind, rounds: number): Promise<FloodResult> {
    const quiet: KeystrokeDelays[] = [];
    const flooded: KeystrokeDelays[] = [];
    const reports: FloodReport[] = [];
    await this.#type();
    for (let round = 0; round < rounds; round++) {
      quiet.push(await this.#type());
      await this.#ask({ kind: 'start', flood, ...(await this.#entrant.server.flooder!(round)) });
      flooded.push(await this.#type());
      reports.push(await this.#ask({ kind: 'stop' }));
    }
    return { flood, quiet, flooded, reports };
  }

  #type(): Promise<KeystrokeDelays> {
    return this.#entrant.typeInTurns(pathOfRound(this.#path++), this.#keystrokes);
  }
}

function resultOf(results: readonly FloodResult[], remarks: readonly string[]): MeasureResult {
  const cutOff = results.filter(({ reports }) => reports.some((report) => report.wasCutOff));
  return {
    figures: results.map(judge),
    comparison: {
      title: 'Keystroke while another member floods the host',
      columns: ['', 'quiet p50', 'p95', 'flooded p50', 'p95', 'of the flood, per second'],
      rows: results.map(({ flood, quiet, flooded, reports }) => [
        flood,
        ...[quiet, flooded].flatMap((rounds) => [
          milliseconds(rounds.map(({ p50Ms }) => p50Ms)),
          milliseconds(rounds.map(({ p95Ms }) => p95Ms)),
        ]),
        ratesOf(reports),
      ]),
    },
    remarks: [...remarks, ...cutOff.map(({ flood }) => `The flood of ${flood} was cut off.`)],
  };
}

function judge({ flood, quiet, flooded }: FloodResult): JudgedFigure {
  const p95Of = (rounds: readonly KeystrokeDelays[]) => rounds.map(({ p95Ms }) => p95Ms);
  return {
    measure: 'flood',
    label: `keystroke under a flood of ${flood}, p95`,
    ours: milliseconds(p95Of(flooded)),
    peer: `quiet: ${milliseconds(p95Of(quiet))}`,
    value: pairedRatio(p95Of(flooded), p95Of(quiet)),
    unit: '×',
    must: 1.5,
    aim: 1.2,
    better: 'lower',
  };
}

function ratesOf(reports: readonly FloodReport[]): string {
  const rate = (pick: (report: FloodReport) => number) =>
    Math.round(median(reports.map((report) => pick(report) / report.seconds)));
  return `${rate(({ sent }) => sent)} sent, ${rate(({ done }) => done)} calls done, ${rate(
    ({ refused }) => refused,
  )} refused`;
}

function milliseconds(values: readonly number[]): string {
  return `${median(values).toFixed(2)} ms`;
}
