import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../child-process.ts';
import type { FolderRequest, FolderResponse } from '../folder-process.ts';
import type { JudgedFigure, MeasureOptions } from '../measure.ts';
import { percentile } from '../statistics.ts';
import { measureQuestion, type QuestionTimes } from './switch-question.ts';
import { makeBranches, makeChanged, MirrorProcess, timeGit } from '../switched-clone.ts';

export interface SwitchFigures {
  readonly figures: readonly JudgedFigure[];
  /** A label and what it took. */
  readonly rows: readonly (readonly string[])[];
  readonly remarks: readonly string[];
}

/** A branch switch in a clone that an agent's mirror keeps: every file gets two other lines. */
export async function measureBranchSwitch({
  quick,
  dataFolder,
  files = quick ? 2000 : 20_000,
}: Pick<MeasureOptions, 'quick' | 'dataFolder' | 'files'>): Promise<SwitchFigures> {
  const place = join(dataFolder, 'switch');
  await mkdir(place, { recursive: true });
  const [gits, later, ours, agents] = ['git', 'later', 'ours', 'agents'].map((name) =>
    join(place, name),
  ) as [string, string, string, string];
  const home = join(place, 'home');
  const child = startChild<FolderRequest, FolderResponse>(
    new URL('../folder-process.ts', import.meta.url),
    ['--expose-gc'],
  );
  try {
    const { addMs: addBeforeMs } = await makeBranches(gits, files);
    await makeChanged(later, files);
    for (const clone of [ours, agents]) await timeGit(place, 'clone', '-q', gits, clone);
    await timeGit(agents, 'branch', 'changed', 'origin/changed');
    const checkoutMs = await timeGit(gits, 'checkout', '-q', 'changed');
    const statusMs = await timeGit(gits, 'status', '--porcelain');
    await child.request({ kind: 'import', folder: ours, home });
    const mirror = new MirrorProcess(home, agents, ours);
    try {
      await mirror.says('pulled');
      const quiet = await child.request({ kind: 'type', keys: KEYS, files: 0 });
      const typing = child.request({ kind: 'type', keys: 0, files });
      const startedMs = performance.now();
      const beforeMs = mirror.cpuMs;
      const ownCheckoutMs = await timeGit(agents, 'checkout', '-q', 'changed');
      const meanwhile = await typing;
      const takenMs = performance.now() - startedMs - ownCheckoutMs;
      const peak = mirror.peakBytes;
      const takenCpu = [mirror.cpuMs - beforeMs, meanwhile.hostCpuMs];
      // What else the machine does changes within minutes: so git does the same before and after.
      const addMs = (addBeforeMs + (await timeGit(later, 'add', '-A'))) / 2;
      // What was measured by then is told all the same.
      const question = await measureQuestion(child, { clone: agents, place, mirror }).catch(String);
      const isAsked = typeof question !== 'string';
      const label = `${files.toLocaleString('en')} files switched`;
      const [quietMs, busyMs] = [quiet, meanwhile].map(({ keyMs }) => percentile(keyMs, 0.95)) as [
        number,
        number,
      ];
      return {
        figures: [
          figure(`${label}: taken in`, takenMs, 'git add', addMs, 3),
          figure(`${label}: keys of others, p95`, busyMs, 'quiet', quietMs, 1.5),
          {
            measure: 'folder',
            label: `${label}: memory of the mirror`,
            ours: `${(peak / 1e6).toFixed(0)} MB`,
            peer: '',
            value: peak,
            unit: ' B',
            must: 450e6,
            aim: 300e6,
            better: 'lower',
          },
          ...(isAsked ? figuresOfQuestion(label, question) : []),
        ],
        rows: [
          [`${label}, taken in`, ...[takenMs, ...takenCpu].map(milliseconds)],
          ['git checkout of the same', milliseconds(checkoutMs)],
          ['git status after it', milliseconds(statusMs)],
          ['git add of the same, mean of before and after', milliseconds(addMs)],
          ['keys of others meanwhile, p95', milliseconds(busyMs)],
          ['keys while nothing else happens, p95', milliseconds(quietMs)],
          ...(isAsked ? rowsOfQuestion(label, question) : []),
        ],
        remarks: isAsked ? [] : [question],
      };
    } finally {
      await mirror.stop();
      await child.request({ kind: 'end' });
    }
  } finally {
    await child.stop();
    await rm(place, { recursive: true, force: true });
  }
}

const KEYS = 200;

function figuresOfQuestion(label: string, times: QuestionTimes): readonly JudgedFigure[] {
  const { shownMs, checkoutMs, statusMs, quietKeys, switchKeys, takeKeys } = times;
  const [quietMs, askedMs, takenMs] = [quietKeys, switchKeys, takeKeys].map((keys) =>
    percentile(keys, 0.95),
  ) as [number, number, number];
  const git = 'git checkout and git status';
  return [
    figure(`${label} back: until the question is shown`, shownMs, git, checkoutMs + statusMs, 3),
    figure(`${label} back: keys of others until then, p95`, askedMs, 'quiet', quietMs, 1.5),
    figure(`${label} back, and taken: keys of others, p95`, takenMs, 'quiet', quietMs, 1.5),
  ];
}

function rowsOfQuestion(label: string, times: QuestionTimes): readonly (readonly string[])[] {
  return [
    [
      `${label} back over others’ work, until the question`,
      ...[times.shownMs, ...times.shownCpuMs].map(milliseconds),
    ],
    ['git checkout of the same', milliseconds(times.checkoutMs)],
    ['git status after it', milliseconds(times.statusMs)],
    [
      'the answer “take”, until the world has all',
      ...[times.takenMs, ...times.takenCpuMs].map(milliseconds),
    ],
  ];
}

function figure(
  label: string,
  ms: number,
  peer: string,
  peerMs: number,
  must: number,
): JudgedFigure {
  return {
    measure: 'folder',
    label,
    ours: milliseconds(ms),
    peer: `${peer}: ${milliseconds(peerMs)}`,
    value: ms / peerMs,
    unit: '×',
    must,
    aim: must / 2,
    better: 'lower',
  };
}

function milliseconds(value: number): string {
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 })} ms`;
}
