import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from '../build.mjs';
import { ensurePackaged } from '../package.mjs';
import { filesBelow } from '../setup/hash.mjs';
import { projectRoot } from '../setup/paths.mjs';
import { say } from '../setup/progress.mjs';
import { capture } from '../setup/run.mjs';

/**
 * @typedef {{ name: string, file: string, message: string }} Failure of one test
 * @typedef {{ passed: number, failed: number, skipped: number, failures: readonly Failure[] }} Outcome
 * @typedef {{ name: string, run: (surroundings: Surroundings) => Promise<Outcome> }} Stage
 * @typedef {object} Surroundings
 * @property {string} node the runtime that everything runs on
 * @property {NodeJS.ProcessEnv} env
 * @property {string} scratch a folder for what only this run needs
 * @property {readonly string[]} patterns parts of file names; empty for all
 * @property {boolean} soak
 */

const bin = (/** @type {string} */ file) => path.join(projectRoot, 'node_modules', file);

/** @type {readonly Stage[]} */
export const checks = [
  tool('typecheck', [bin('typescript/bin/tsc'), '--noEmit']),
  tool('lint', [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings']),
  tool('format', [bin('prettier/bin/prettier.cjs'), '--check', '.']),
];

export const build = work('build', ensureBuilt);

/** @type {readonly Stage[]} */
export const products = [build, work('package', ensurePackaged)];

/** @type {readonly Stage[]} */
export const suites = [
  suite('unit', os.availableParallelism(), 3),
  suite('simulation', os.availableParallelism(), 6),
  suite('contract', os.availableParallelism(), 6),
  // One at a time: a file has a server, a browser and extension hosts of its own, and people wait in it.
  suite('vscode', 1, 6),
];

/** @returns {Stage} */
function tool(/** @type {string} */ name, /** @type {string[]} */ args) {
  return {
    name,
    run: async ({ node, env }) => {
      const { code } = await capture(node, args, { cwd: projectRoot, env });
      return verdict(code === 0);
    },
  };
}

/** @returns {Stage} */
function work(/** @type {string} */ name, /** @type {() => Promise<void>} */ make) {
  return { name, run: () => make().then(() => verdict(true)) };
}

/** What a stage that has no tests of its own came to. */
export function verdict(/** @type {boolean} */ passed) {
  return { passed: Number(passed), failed: Number(!passed), skipped: 0, failures: [] };
}

/**
 * @param {string} name the test files below `test/<name>`
 * @param {number} concurrency files at a time
 * @param {number} timeoutMinutes of one file; for one that hangs, not one that is slow
 * @returns {Stage}
 */
function suite(name, concurrency, timeoutMinutes) {
  return {
    name,
    run: async ({ node, env, scratch, patterns, soak }) => {
      const files = testFiles(name, patterns);
      if (files.length === 0) {
        say('no test files');
        return { ...verdict(true), passed: 0 };
      }
      const outcomeFile = path.join(scratch, `${name}.json`);
      const reporter = pathToFileURL(path.join(projectRoot, 'scripts/test/outcome-reporter.mjs'));
      const args = [
        '--test',
        `--test-concurrency=${concurrency}`,
        `--test-timeout=${(soak ? 240 : timeoutMinutes) * 60_000}`,
        '--test-reporter=spec',
        '--test-reporter-destination=stdout',
        `--test-reporter=${reporter.href}`,
        `--test-reporter-destination=${outcomeFile}`,
      ];
      const { code } = await capture(node, [...args, ...files], { cwd: projectRoot, env });
      return readOutcome(outcomeFile, code === 0);
    },
  };
}

/** Test files of a suite in order of their names. */
export function testFiles(/** @type {string} */ name, /** @type {readonly string[]} */ patterns) {
  return filesBelow(`test/${name}`)
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => patterns.length === 0 || patterns.some((part) => file.includes(part)))
    .sort();
}

/** @returns {Outcome} a run that broke off without counts, or failed with none failed, counts as one failed */
function readOutcome(/** @type {string} */ outcomeFile, /** @type {boolean} */ succeeded) {
  const text = fs.existsSync(outcomeFile) ? fs.readFileSync(outcomeFile, 'utf8') : '';
  if (text === '') return verdict(false);
  const { counts, failures } = JSON.parse(text);
  const { passed, cancelled, skipped } = counts;
  const broken = counts.failed + cancelled;
  return { passed, failed: succeeded ? broken : Math.max(1, broken), skipped, failures };
}
