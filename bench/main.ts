import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildBefore } from './src/contestants.ts';
import type { Measure, MeasureName, MeasureOptions, MeasureResult } from './src/measure.ts';
import { measureNames } from './src/measure.ts';
import { measureAgents } from './src/measures/agents.ts';
import { measureBytes } from './src/measures/bytes.ts';
import { measureConnect } from './src/measures/connect.ts';
import { measureCrowd } from './src/measures/crowd.ts';
import { measureEditor } from './src/measures/editor.ts';
import { measureFlood } from './src/measures/flood.ts';
import { measureFolder } from './src/measures/folder.ts';
import { measureFold } from './src/measures/fold.ts';
import { measureGit } from './src/measures/git.ts';
import { measureKeystroke } from './src/measures/keystroke.ts';
import { measureReview } from './src/measures/review.ts';
import { measureSize } from './src/measures/size.ts';
import { measureWork } from './src/measures/work.ts';
import { measureTasks } from './src/measures/tasks.ts';
import { measureThroughput } from './src/measures/throughput.ts';
import { renderReport, replaceFigures } from './src/report.ts';

const usage = `Usage: npm run bench -- [options]

  --only NAME      one measure: ${measureNames.join(', ')}
  --rounds N       rounds that count, for each contestant (default 7)
  --before FOLDER  another checkout of this project, built, as a contestant: the build before
  --quick          2 rounds with few keystrokes, to see that everything runs
  --files N        files of the branch switch in folder (default 20000)
  --profile        CPU profiles of the servers and the writers into bench/profiles/
`;

const measures: Readonly<Record<MeasureName, Measure>> = {
  keystroke: measureKeystroke,
  throughput: measureThroughput,
  fold: measureFold,
  size: measureSize,
  bytes: measureBytes,
  connect: measureConnect,
  work: measureWork,
  flood: measureFlood,
  crowd: measureCrowd,
  folder: measureFolder,
  git: measureGit,
  agents: measureAgents,
  review: measureReview,
  editor: measureEditor,
  tasks: measureTasks,
};

interface Arguments {
  readonly names: readonly MeasureName[];
  readonly options: MeasureOptions;
  /** Only a whole run at full size replaces the figures that readers see. */
  readonly publishable: boolean;
}

await main();

async function main(): Promise<void> {
  const parsed = readArguments();
  if (typeof parsed === 'string') {
    console.error(parsed);
    process.exitCode = 2;
    return;
  }
  const { names, options, publishable } = parsed;
  if (options.profileFolder) await mkdir(options.profileFolder, { recursive: true });
  const results: MeasureResult[] = [];
  try {
    for (const name of names) {
      console.log(`measuring ${name} …`);
      results.push(await measures[name](options));
    }
  } finally {
    await rm(options.dataFolder, { recursive: true, force: true });
  }
  const measuredAt = new Date();
  const report = renderReport(results, measuredAt);
  console.log(`\n${report}`);
  await writeJson({ measuredAt, rounds: options.rounds, quick: options.quick, results });
  if (publishable) await publish(report);
}

function readArguments(): Arguments | string {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      before: { type: 'string' },
      quick: { type: 'boolean', default: false },
      files: { type: 'string' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return usage;
  const names = measureNames.filter((name) => values.only === undefined || name === values.only);
  if (names.length === 0) return `There is no measure "${values.only}".\n\n${usage}`;
  if (values.before !== undefined && !existsSync(path.join(values.before, 'dist', 'host.cjs'))) {
    return `--before takes a built checkout; there is no ${values.before}/dist/host.cjs.\n\n${usage}`;
  }
  const folderBefore = values.before === undefined ? undefined : path.resolve(values.before);
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 7));
  if (!Number.isInteger(rounds) || rounds < 1) return `--rounds takes a whole number.\n\n${usage}`;
  const files = values.files === undefined ? undefined : Number(values.files);
  if (files !== undefined && !(Number.isInteger(files) && files > 0)) {
    return `--files takes a whole number.\n\n${usage}`;
  }
  return {
    names,
    publishable: names.length === measureNames.length && !values.quick && files === undefined,
    options: {
      rounds,
      quick: values.quick,
      files,
      before: folderBefore === undefined ? undefined : buildBefore(folderBefore),
      folderBefore,
      profileFolder: values.profile ? pathOf('./profiles') : undefined,
      dataFolder: pathOf(`./.data/${process.pid}`),
    },
  };
}

async function writeJson(results: unknown): Promise<void> {
  await writeFile(pathOf('./results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
}

async function publish(report: string): Promise<void> {
  const document = pathOf('../docs/benchmarks.md');
  await writeFile(document, replaceFigures(await readFile(document, 'utf8'), report));
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
