import path from 'node:path';
import { ensureBuilt } from '../../../scripts/build.mjs';
import { Review } from '../../../src/review/review.ts';
import { systemRandomBytes } from '../../../src/world/uuid.ts';
import { killHost } from '../../../test/harness/host-life.ts';
import { AGENTS } from '../agents-at-work.ts';
import type { JudgedFigure, Measure, MeasureOptions } from '../measure.ts';
import {
  openReviewWorld,
  type ReviewWorld,
  takeTurn,
  UNREVIEWED,
  workOnce,
} from '../review-worlds.ts';
import { median, pairedRatio, percentile } from '../statistics.ts';

/** The history before the agents' turn, in ops of each file. */
const LONG = { opsPerFile: 1_900 } as const;

/**
 * How long a person waits for the review of a long turn, after a short and a long history, and how long its views keep
 * the window waiting while ten agents go on.
 */
export const measureReview: Measure = async (options) => {
  await ensureBuilt();
  const place = path.join(options.dataFolder, 'review');
  const home = path.join(place, 'home');
  const worlds: ReviewWorld[] = [];
  const open = async (name: string, opsPerFile: number): Promise<ReviewWorld> => {
    const world = await openReviewWorld(home, path.join(place, name), { opsPerFile });
    worlds.push(world);
    return world;
  };
  try {
    const bare = await open('bare', 0);
    const short = await open('short', 0);
    const long = await open('long', options.quick ? 200 : LONG.opsPerFile);
    for (const world of [short, long]) await takeTurn(world);
    const opened = await openTimes({ short, long }, options);
    const updated = await updateTimes({ some: short, none: bare }, options);
    return { remarks: [], figures: [...openFigures(opened), updateFigure(updated)] };
  } finally {
    for (const world of worlds) world.close();
    await killHost(home);
  }
};

interface OpenTimes {
  readonly short: readonly number[];
  readonly long: readonly number[];
}

/** A window that has read nothing of it yet; milliseconds. */
async function openTimes(
  worlds: { readonly short: ReviewWorld; readonly long: ReviewWorld },
  { rounds }: MeasureOptions,
): Promise<OpenTimes> {
  const times = { short: [] as number[], long: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    for (const name of inTurns(['short', 'long'], round)) {
      const review = new Review(worlds[name].person, systemRandomBytes);
      const startedMs = performance.now();
      const agents = await review.tree();
      const tookMs = performance.now() - startedMs;
      const hunks = agents.flatMap(({ turns }) => turns.flatMap(({ files }) => files));
      const count = hunks.reduce((sum, file) => sum + file.hunks.length, 0);
      if (count < UNREVIEWED.hunks) throw new Error(`the review shows ${count} hunks`);
      if (round > 0) times[name].push(tookMs);
    }
  }
  return times;
}

interface UpdateTimes {
  readonly some: readonly number[];
  readonly none: readonly number[];
}

/**
 * For how long at a time the views' reading keeps the thread, each time that every agent has written, among unreviewed
 * work of before and without; milliseconds.
 */
async function updateTimes(
  worlds: { readonly some: ReviewWorld; readonly none: ReviewWorld },
  { rounds }: MeasureOptions,
): Promise<UpdateTimes> {
  const reviews = {
    some: new Review(worlds.some.person, systemRandomBytes),
    none: new Review(worlds.none.person, systemRandomBytes),
  };
  const times = { some: [] as number[], none: [] as number[] };
  for (let round = 0; round < UPDATES_PER_ROUND * (rounds + 1); round++) {
    for (const name of inTurns(['some', 'none'], round)) {
      await workOnce(worlds[name], round);
      const tookMs = await longestStretchMs(() => reviews[name].tree());
      if (round >= UPDATES_PER_ROUND) times[name].push(tookMs);
    }
  }
  return times;
}

/** Who goes first changes round by round: what the one leaves to the collector falls on the other. */
function inTurns<const Name>(names: readonly Name[], round: number): readonly Name[] {
  return round % 2 === 0 ? names : names.toReversed();
}

const UPDATES_PER_ROUND = 10;

/** The longest time for which nothing else had a turn. */
async function longestStretchMs(run: () => Promise<unknown>): Promise<number> {
  let isOver = false;
  let longestMs = 0;
  let lastMs = performance.now();
  const tick = (): void => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    if (!isOver) setImmediate(tick);
  };
  const ticking = new Promise<void>((resolve) => setImmediate(() => resolve(tick())));
  await run();
  isOver = true;
  await ticking;
  return Math.max(longestMs, performance.now() - lastMs);
}

function openFigures({ short, long }: OpenTimes): readonly JudgedFigure[] {
  const { files, hunks, ops } = UNREVIEWED;
  const shared = { measure: 'review', better: 'lower' } as const;
  return [
    {
      ...shared,
      label: `opening the review of ${ops} ops, ${hunks} hunks in ${files} files, p50`,
      ours: milliseconds(median(short)),
      peer: '',
      value: median(short),
      unit: ' ms',
      must: 300,
      aim: 150,
    },
    {
      ...shared,
      label: `the same after ${LONG.opsPerFile * files} ops in those files ÷ after none`,
      ours: milliseconds(median(long)),
      peer: `after none: ${milliseconds(median(short))}`,
      value: pairedRatio(long, short),
      unit: '×',
      must: 1.25,
      aim: 1.1,
    },
  ];
}

function updateFigure({ some, none }: UpdateTimes): JudgedFigure {
  const value = percentile(some, 0.95);
  return {
    measure: 'review',
    label: `for how long an update keeps the window waiting, p95, ${AGENTS} agents at work`,
    ours: milliseconds(value),
    peer: `without unreviewed work: ${milliseconds(percentile(none, 0.95))}`,
    value,
    unit: ' ms',
    must: 16,
    aim: 8,
    better: 'lower',
  };
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
