import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Child } from './child-process.ts';
import { startChild } from './child-process.ts';
import type { Contestant } from './contestants.ts';
import type { MeasureOptions } from './measure.ts';
import type { RunningServer, Subject } from './subject.ts';
import type { Flood, Keys, KeystrokeDelays } from './typing.ts';
import type { WritersRequest, WritersResponse } from './writers-process.ts';

/** A contestant whose server runs, with the process that holds its two writers. */
export interface Entrant {
  readonly contestant: Contestant;
  readonly server: RunningServer;
  readonly typeInTurns: (path: string, keystrokes: number, keys?: Keys) => Promise<KeystrokeDelays>;
  /** Resolves to keystrokes per second. */
  readonly typeTogether: (path: string, flood: Flood) => Promise<number>;
}

export interface Contest {
  readonly entrants: readonly Entrant[];
  /** Why some contestants did not start. */
  readonly remarks: readonly string[];
}

/**
 * Starts all contestants, each with the same files, hands them to `play`, and stops them whatever
 * happens. Who is not built yet stays out with a remark.
 */
export async function holdContest<Result>(
  contestants: readonly Contestant[],
  files: Readonly<Record<string, string>>,
  options: MeasureOptions,
  play: (contest: Contest) => Promise<Result>,
): Promise<Result> {
  const started: StartedEntrant[] = [];
  const remarks: string[] = [];
  try {
    for (const contestant of contestants) {
      try {
        started.push(await startEntrant(contestant, files, options));
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'NotBuiltError') throw error;
        remarks.push(error.message);
      }
    }
    return await play({ entrants: started, remarks });
  } finally {
    await Promise.all(started.map((entrant) => entrant.stop()));
  }
}

/**
 * Plays a round with each entrant in turn, again and again, so that a slow moment of the machine
 * falls on all of them; the first round only warms up. Rounds are numbered from 0, the warm-up.
 */
export async function interleave<Round>(
  entrants: readonly Entrant[],
  rounds: number,
  play: (entrant: Entrant, round: number) => Promise<Round>,
): Promise<ReadonlyMap<Contestant, readonly Round[]>> {
  const results = new Map<Contestant, Round[]>(entrants.map(({ contestant }) => [contestant, []]));
  for (let round = 0; round <= rounds; round++) {
    const first = round % Math.max(1, entrants.length);
    for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      const result = await play(entrant, round);
      if (round > 0) results.get(entrant.contestant)?.push(result);
    }
  }
  return results;
}

/** The same text under one path for each round, so that no round inherits another's history. */
export function filesForRounds(rounds: number, text: string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: rounds + 1 }, (_, round) => [pathOfRound(round), text]),
  );
}

export function pathOfRound(round: number): string {
  return `round-${round}.txt`;
}

interface StartedEntrant extends Entrant {
  stop(): Promise<void>;
}

async function startEntrant(
  contestant: Contestant,
  files: Readonly<Record<string, string>>,
  { dataFolder, profileFolder }: MeasureOptions,
): Promise<StartedEntrant> {
  const subject = await loadSubject(contestant);
  await mkdir(dataFolder, { recursive: true });
  const profiled = (role: string) =>
    profileFolder
      ? ['--cpu-prof', `--cpu-prof-dir=${join(profileFolder, contestant.label, role)}`]
      : [];
  const server = await subject.startServer({
    files,
    dataFolder: await mkdtemp(join(dataFolder, 'server-')),
    execArgv: profiled('server'),
  });
  const writers: Child<WritersRequest, WritersResponse> = startChild(
    new URL('./writers-process.ts', import.meta.url),
    ['--expose-gc', ...profiled('writers')],
  );
  const place = (path: string) => ({
    subject: contestant.reference,
    connection: server.connection,
    path,
  });
  return {
    contestant,
    server,
    async typeInTurns(path, keystrokes, keys = 'prose') {
      const request = { kind: 'in turns', ...place(path), keystrokes, keys } as const;
      const response = await writers.request(request);
      if ('p50Ms' in response) return response;
      throw new Error('the writers answered another question');
    },
    async typeTogether(path, flood) {
      const response = await writers.request({ kind: 'together', ...place(path), flood });
      if ('keystrokesPerSecond' in response) return response.keystrokesPerSecond;
      throw new Error('the writers answered another question');
    },
    async stop() {
      await writers.stop();
      await server.close();
    },
  };
}

async function loadSubject({ reference }: Contestant): Promise<Subject> {
  const module = (await import(reference.module)) as Record<string, Subject>;
  const subject = module[reference.exportName];
  if (!subject) throw new Error(`${reference.module} has no ${reference.exportName}`);
  return subject;
}
