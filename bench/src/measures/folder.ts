import { execFile } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from '../child-process.ts';
import type { FolderRequest, FolderResponse } from '../folder-process.ts';
import { writeLargeFolder } from '../large-folder.ts';
import type { JudgedFigure, Measure } from '../measure.ts';
import { measureBranchSwitch } from './branch-switch.ts';

const run = promisify(execFile);

/** A folder of many files: brought into a world, looked through, left alone, and changed. */
export const measureFolder: Measure = async ({ quick, dataFolder, files: switchedFiles }) => {
  if (process.platform !== 'linux') {
    return { figures: [], remarks: ['the folder’s figures are read from /proc'] };
  }
  const files = quick ? 1000 : 10_000;
  const idleMs = quick ? 5_000 : 60_000;
  const changed = files / 2;
  const [ours, gits, filled] = ['folder', 'git', 'filled'].map((name) =>
    join(dataFolder, name),
  ) as [string, string, string];
  const bytes = await writeLargeFolder(ours, files);
  await cp(ours, gits, { recursive: true });
  const child = startChild<FolderRequest, FolderResponse>(
    new URL('../folder-process.ts', import.meta.url),
    ['--expose-gc'],
  );
  try {
    const gitMs = await timesOfGit(gits);
    const imported = await child.request({
      kind: 'import',
      folder: ours,
      home: join(dataFolder, 'home'),
    });
    const first = await child.request({ kind: 'scan' });
    const again = await child.request({ kind: 'scan' });
    const idle = await child.request({ kind: 'idle', ms: idleMs });
    await mkdir(filled, { recursive: true });
    const fill = await child.request({ kind: 'fill', folder: filled });
    const rewritten = await child.request({ kind: 'rewrite', files: changed });
    await child.request({ kind: 'end' });
    const switched = await measureBranchSwitch({ quick, dataFolder, files: switchedFiles });
    const against = (
      label: string,
      step: FolderResponse,
      peer: string,
      peerMs: number,
      must: number,
    ) =>
      ({
        measure: 'folder',
        label: `${files.toLocaleString('en')} files: ${label}`,
        ours: milliseconds(step.ms),
        peer: `${peer}: ${milliseconds(peerMs)}`,
        value: step.ms / peerMs,
        unit: '×',
        must,
        aim: must / 3,
        better: 'lower',
      }) satisfies JudgedFigure;
    const idleCpuMs = ((idle.cpuMs + idle.hostCpuMs) * 60_000) / idleMs;
    return {
      remarks: switched.remarks,
      figures: [
        against('import', imported, 'git add', gitMs.add, 6),
        against('all contents looked at', again, 'git status', gitMs.status, 60),
        {
          measure: 'folder',
          label: 'processor time in an idle minute, mirror and host',
          ours: milliseconds(idleCpuMs),
          peer: '',
          value: idleCpuMs,
          unit: ' ms',
          must: 300,
          aim: 60,
          better: 'lower',
        },
        ...switched.figures,
      ],
      comparison: {
        title: `A folder of ${files.toLocaleString('en')} files, ${(bytes / 1e6).toFixed(0)} MB`,
        columns: ['', 'time', 'processor', 'of the host', 'memory', 'of the host'],
        rows: [
          describe('import', imported),
          describe('first look at everything', first),
          describe('another look at everything', again),
          describe('all put into an empty directory', fill),
          describe(`${idleMs / 1000} s of nothing`, idle),
          describe(`${changed.toLocaleString('en')} files changed by a tool`, rewritten),
          ['git add', milliseconds(gitMs.add)],
          ['git status', milliseconds(gitMs.status)],
          ...switched.rows,
        ],
      },
    };
  } finally {
    await child.stop();
    await Promise.all(
      [ours, gits, filled].map((folder) => rm(folder, { recursive: true, force: true })),
    );
  }
};

async function timesOfGit(
  folder: string,
): Promise<{ readonly add: number; readonly status: number }> {
  const git = async (...args: readonly string[]): Promise<number> => {
    const startedMs = performance.now();
    await run('git', ['-C', folder, ...args]);
    return performance.now() - startedMs;
  };
  await git('init', '-q');
  const add = await git('add', '-A');
  await git('status', '--porcelain');
  return { add, status: await git('status', '--porcelain') };
}

function describe(label: string, step: FolderResponse): readonly string[] {
  const { ms, cpuMs, hostCpuMs, rssMb, hostRssMb } = step;
  const times = [ms, cpuMs, hostCpuMs].map(milliseconds);
  return [label, ...times, ...[rssMb, hostRssMb].map((mb) => `${mb.toFixed(0)} MB`)];
}

function milliseconds(value: number): string {
  return `${value.toLocaleString('en', { maximumFractionDigits: 0 })} ms`;
}
