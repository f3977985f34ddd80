import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportWorld } from '../../../src/git/export-world.ts';
import { Repository } from '../../../src/git/repository.ts';
import type { ExportMode } from '../../../src/core/git-point.ts';
import { historyOfArchive } from '../../../src/world/world-history.ts';
import type { Measure, JudgedFigure } from '../measure.ts';
import { fastImport } from '../raw-fast-import.ts';
import { median, pairedRatio } from '../statistics.ts';

/**
 * An export against raw `git fast-import` of the same commits: ours reads, verifies and folds the
 * history from a backup, names who wrote what, writes notes and moves the refs; the peer gets a
 * stream that is ready.
 */
export const measureGit: Measure = async ({ rounds, quick, dataFolder }) => {
  const files = quick ? 1000 : 10_000;
  const commits = quick ? 500 : 5000;
  const folder = path.join(dataFolder, 'git');
  const counted = Math.min(rounds, 5);
  const many = await race(
    await groundOf('files', path.join(folder, 'files'), files),
    'one',
    counted,
  );
  const long = await race(
    await groundOf('commits', path.join(folder, 'commits'), commits),
    'checkpoints',
    counted,
  );
  const figure = (label: string, { oursMs, peerMs }: Times): JudgedFigure => ({
    measure: 'git',
    label,
    ours: `${Math.round(median(oursMs))} ms`,
    peer: `git fast-import: ${Math.round(median(peerMs))} ms`,
    value: pairedRatio(peerMs, oursMs),
    unit: '×',
    must: 0.5,
    aim: 0.8,
    better: 'higher',
  });
  return {
    remarks: [],
    figures: [
      figure(`export of ${files.toLocaleString('en')} changed files, speed`, many),
      figure(`export of ${commits.toLocaleString('en')} commits, speed`, long),
    ],
  };
};

interface Times {
  readonly oursMs: readonly number[];
  readonly peerMs: readonly number[];
}

/** A repository to export into, the world's history, and the same as a stream for git. */
interface Ground {
  readonly folder: string;
  readonly repository: string;
  readonly archive: string;
  readonly stream: Buffer;
}

async function groundOf(kind: 'files' | 'commits', folder: string, count: number): Promise<Ground> {
  const script = fileURLToPath(new URL('../git-ground-process.ts', import.meta.url));
  const args = ['--import', 'tsx', script, kind, folder, String(count)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`making ${count} ${kind} ended with ${code}`);
  const archive = path.join(folder, 'bench.world');
  const repository = path.join(folder, 'repository');
  return { folder, repository, archive, stream: await readFile(path.join(folder, 'stream')) };
}

async function race(ground: Ground, mode: ExportMode, rounds: number): Promise<Times> {
  const oursMs: number[] = [];
  const peerMs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const peer = await timed(ground, `peer-${round}`, (copy) => fastImport(copy, ground.stream));
    const ours = await timed(ground, `ours-${round}`, (copy) => exportInto(copy, ground, mode));
    if (round === 0) continue;
    oursMs.push(ours);
    peerMs.push(peer);
  }
  return { oursMs, peerMs };
}

async function timed(
  { folder, repository }: Ground,
  name: string,
  work: (copy: string) => Promise<void>,
): Promise<number> {
  const copy = path.join(folder, name);
  await cp(repository, copy, { recursive: true });
  const startedMs = performance.now();
  await work(copy);
  return performance.now() - startedMs;
}

async function exportInto(copy: string, { archive }: Ground, mode: ExportMode): Promise<void> {
  const report = await exportWorld({
    history: historyOfArchive(archive),
    repository: await Repository.open(copy),
    choice: { mode, branch: 'world/bench', message: '' },
    record: async () => {},
  });
  if (report.outcome !== 'exported') throw new Error('nothing was exported');
}
