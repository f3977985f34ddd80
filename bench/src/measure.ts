import type { Contestant } from './contestants.ts';

/** The measures by the names that `--only` takes. */
export const measureNames = [
  'keystroke',
  'throughput',
  'fold',
  'size',
  'bytes',
  'connect',
  'work',
  'flood',
  'crowd',
  'folder',
  'git',
  'agents',
  'review',
  'editor',
  'tasks',
] as const;

export type MeasureName = (typeof measureNames)[number];

export interface MeasureOptions {
  /** Rounds that count; one more goes before them to warm up. */
  readonly rounds: number;
  /** Fewer keystrokes a round: to see that everything runs, not to quote. */
  readonly quick: boolean;
  /** How many files a branch switch changes in `folder`, if not as many as usual. */
  readonly files?: number | undefined;
  /** Another checkout of this project, to compare with in the same run. */
  readonly before: Contestant | undefined;
  /** Where that checkout is. */
  readonly folderBefore: string | undefined;
  /** Where the servers' CPU profiles go, if they are wanted. */
  readonly profileFolder: string | undefined;
  /** Holds the servers' data, on the disk that the project is on. */
  readonly dataFolder: string;
}

/** One line of the table against which the project measures itself. */
export interface JudgedFigure {
  readonly measure: MeasureName;
  readonly label: string;
  readonly ours: string;
  readonly peer: string;
  /** A ratio, or an amount where there is no peer; undefined when it could not be measured. */
  readonly value: number | undefined;
  readonly unit: '×' | ' ms' | ' B' | ' %' | ' tasks';
  readonly must: number;
  readonly aim: number;
  readonly better: 'lower' | 'higher';
}

/** What all contestants of a measure reached, for whoever wants more than the ratio. */
export interface Comparison {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface MeasureResult {
  readonly figures: readonly JudgedFigure[];
  readonly comparison?: Comparison;
  /** Why something is missing. */
  readonly remarks: readonly string[];
}

export type Measure = (options: MeasureOptions) => Promise<MeasureResult>;

export const notMeasured = '–';

/** A ratio to the build before. Two runs of the same build differ, too: what lies within a tenth is noise. */
export const NOT_WORSE = { must: 1.1, aim: 1 } as const;
