import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { archiveOf } from '../../../test/harness/archive-of.ts';
import { GitLab } from '../../../test/harness/git-lab.ts';
import { change, TestWorld } from '../../../test/unit/module/test-world.ts';
import { exportWorld } from '../../../src/git/export-world.ts';
import { Repository } from '../../../src/git/repository.ts';
import type { ExportMode } from '../../../src/core/git-point.ts';
import { historyOfArchive } from '../../../src/world/world-history.ts';
import type { Measure, JudgedFigure } from '../measure.ts';
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
  const many = await race(await manyFiles(path.join(folder, 'files'), files), 'one', counted);
  const long = await race(
    await manyCommits(path.join(folder, 'commits'), commits),
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

async function fastImport(copy: string, stream: Buffer): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet'], {
    cwd: copy,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(stream);
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

async function manyFiles(folder: string, count: number): Promise<Ground> {
  const name = (file: number): string => `d${file % 100}/${file}.txt`;
  const text = (file: number, word: string): string =>
    `${Array.from({ length: 20 }, (_, line) => `${file} ${line} ${word} ${(file * 31 + line) % 997}`).join('\n')}\n`;
  const begin = await begun(
    folder,
    Array.from({ length: count }, (_, file) => [name(file), text(file, 'old')]),
  );
  const { world } = begin;
  for (const { fileId } of world.rows('file_head')) {
    world.edit(world.owner, fileId, 1, [change(3, 0, 3, 0, 'new ')]);
  }
  const pieces: string[] = [header('refs/heads/world/bench', 'change', begin.base)];
  for (let file = 0; file < count; file++) {
    const lines = text(file, 'old').split('\n');
    pieces.push(put(name(file), lines.with(3, `new ${lines[3]}`).join('\n')));
  }
  return ended(folder, begin, pieces);
}

async function manyCommits(folder: string, count: number): Promise<Ground> {
  const lines = Array.from(
    { length: 320 },
    (_, line) => `line ${line} of a file of sixteen kilobytes, or so`,
  );
  const begin = await begun(folder, [['file.txt', `${lines.join('\n')}\n`]]);
  const { world } = begin;
  const { fileId } = world.head('file.txt');
  const pieces: string[] = [];
  for (let commit = 0; commit < count; commit++) {
    const line = (commit * 37) % lines.length;
    world.edit(world.owner, fileId, commit + 1, [change(line, 0, line, 4, 'LINE')]);
    const note = { opId: world.nextId(), kind: 'checkpoint', to: '', text: `Step ${commit}` };
    world.mustCall(world.owner, 'add_note', note);
    lines[line] = `LINE${lines[line]!.slice(4)}`;
    pieces.push(header('refs/heads/world/bench', `Step ${commit}`, commit === 0 ? begin.base : ''));
    pieces.push(put('file.txt', `${lines.join('\n')}\n`));
  }
  return ended(folder, begin, pieces);
}

async function begun(folder: string, files: readonly (readonly [string, string])[]) {
  const repository = path.join(folder, 'repository');
  await mkdir(repository, { recursive: true });
  const lab = await GitLab.init(repository);
  const stream = [
    header('refs/heads/main', 'begin', ''),
    ...files.map(([name, text]) => put(name, text)),
  ];
  await fastImport(repository, Buffer.from(stream.join('')));
  const base = lab.git('rev-parse', 'main');
  const world = await TestWorld.create();
  for (const [name, text] of files) {
    world.mustCall(world.owner, 'create_file', { author: '', file: world.newFile(name, text) });
  }
  const upTo = world.rows('log_head')[0]!.opSeq;
  const point = { kind: 'base', commit: base, folder: '', autoLineEnds: 'false', upTo };
  const args = { opId: world.nextId(), point: JSON.stringify(point), text: '' };
  world.mustCall(world.owner, 'mark_git_point', args);
  return { repository, base, world };
}

async function ended(
  folder: string,
  { repository, world }: { readonly repository: string; readonly world: TestWorld },
  pieces: readonly string[],
): Promise<Ground> {
  const archive = path.join(folder, 'bench.world');
  await writeFile(archive, archiveOf(world));
  return { folder, repository, archive, stream: Buffer.from(pieces.join('')) };
}

function header(ref: string, message: string, from: string): string {
  const person = 'Owner <owner@example.org> 1700000000 +0000';
  const parent = from === '' ? '' : `from ${from}\n`;
  return `commit ${ref}\ncommitter ${person}\ndata ${message.length}\n${message}\n${parent}`;
}

function put(name: string, text: string): string {
  return `M 100644 inline ${name}\ndata ${text.length}\n${text}\n`;
}
