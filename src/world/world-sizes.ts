import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../host/home.ts';
import { systemCode } from '../host/host-error.ts';
import { storedBytes } from '../host/stored-databases.ts';
import { EMBEDDED } from './identities.ts';
import type { Surroundings } from './open-folder.ts';
import type { KnownWorld } from './world-list.ts';

/** How large a world was at a moment. */
export interface SizeSample {
  readonly atMs: number;
  /** As many as this machine has seen. */
  readonly ops: number;
  /** On the disk; undefined on a server, which does not tell. */
  readonly bytes?: number;
}

/** How large a world is, and since when by how much it has grown: at most a week ago. */
export interface WorldSize extends SizeSample {
  readonly grown: (SizeSample & { readonly sinceMs: number }) | undefined;
}

/**
 * The sizes of this machine's worlds, by `sizeKey`. What they were is kept in the home, some times a
 * day whenever somebody asks; nothing is started for it.
 */
export async function worldSizes({
  worlds,
  clock,
}: Pick<Surroundings, 'worlds' | 'clock'>): Promise<ReadonlyMap<string, WorldSize>> {
  const { home } = worlds;
  const stored = await storedBytes(home);
  const kept = await readSamples(home);
  const sizes = new Map<string, WorldSize>();
  const samples = new Map<string, readonly SizeSample[]>();
  for (const world of await worlds.all()) {
    const bytes = world.server === EMBEDDED ? stored.get(world.database) : undefined;
    const ops = world.lastHead?.opSeq ?? 0;
    const now = { atMs: clock.nowMs(), ops, ...(bytes === undefined ? {} : { bytes }) };
    const before = kept.get(sizeKey(world)) ?? [];
    sizes.set(sizeKey(world), sizeOf(before, now));
    samples.set(sizeKey(world), withSample(before, now));
  }
  if (isOther(kept, samples)) await writeSamples(home, samples);
  return sizes;
}

export function sizeKey({ server, database }: Pick<KnownWorld, 'server' | 'database'>): string {
  return `${database} at ${server}`;
}

/** Compared with the oldest sample of the last week, if that is an hour old. */
export function sizeOf(samples: readonly SizeSample[], now: SizeSample): WorldSize {
  const [oldest] = samples.filter(({ atMs }) => atMs >= now.atMs - WEEK_MS);
  if (oldest === undefined || now.atMs - oldest.atMs < HOUR_MS) return { ...now, grown: undefined };
  const bytes =
    now.bytes === undefined || oldest.bytes === undefined
      ? {}
      : { bytes: now.bytes - oldest.bytes };
  const grown = { atMs: now.atMs, ops: now.ops - oldest.ops, sinceMs: oldest.atMs, ...bytes };
  return { ...now, grown };
}

/** With one more sample, unless the last one is young; without those of more than a week ago. */
export function withSample(samples: readonly SizeSample[], now: SizeSample): readonly SizeSample[] {
  const last = samples.at(-1);
  const young = samples.filter(({ atMs }) => atMs >= now.atMs - WEEK_MS);
  return last && now.atMs - last.atMs < SAMPLE_MS ? young : [...young, now];
}

const HOUR_MS = 3_600_000;
const SAMPLE_MS = 6 * HOUR_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;

function isOther(
  before: ReadonlyMap<string, readonly SizeSample[]>,
  after: ReadonlyMap<string, readonly SizeSample[]>,
): boolean {
  if (before.size !== after.size) return true;
  return [...after].some(([key, samples]) => {
    const known = before.get(key);
    return known?.length !== samples.length || known.at(-1)?.atMs !== samples.at(-1)?.atMs;
  });
}

function fileIn(home: string): string {
  return path.join(home, 'world-sizes.json');
}

/** Without them growth is counted from now on: nothing depends on it. */
async function readSamples(home: string): Promise<Map<string, readonly SizeSample[]>> {
  try {
    const { worlds } = JSON.parse(await readFile(fileIn(home), 'utf8')) as {
      readonly worlds?: Record<string, readonly SizeSample[]>;
    };
    return new Map(Object.entries(worlds ?? {}));
  } catch (error) {
    if (systemCode(error) === undefined && !(error instanceof SyntaxError)) throw error;
    return new Map();
  }
}

async function writeSamples(
  home: string,
  samples: ReadonlyMap<string, readonly SizeSample[]>,
): Promise<void> {
  const worlds = Object.fromEntries(samples);
  await writeFileAtomically(fileIn(home), `${JSON.stringify({ worlds })}\n`);
}
