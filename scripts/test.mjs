// The whole check: set-up, types, lint, format, build, package and every test.
//   npm test                 everything
//   npm test -- PATTERN …    only the test files whose path contains one of the patterns
//   npm run soak             the same tests at full size
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureChromium } from './setup/chromium.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureEditor } from './setup/editor.mjs';
import { findNodeRuntime, runtimeEnvironment } from './setup/node-runtime.mjs';
import { projectRoot } from './setup/paths.mjs';
import { describe, runMain, say, secondsSince } from './setup/progress.mjs';
import { build, checks, products, suites, testFiles, verdict } from './test/stages.mjs';

/** @typedef {import('./test/stages.mjs').Stage} Stage */

await runMain(async () => {
  const args = process.argv.slice(2);
  const soak = args.includes('--soak');
  const patterns = args.filter((argument) => !argument.startsWith('--'));
  const stages = selectStages(patterns);
  const startedMs = performance.now();
  await ensureDependencies();
  const node = await findNodeRuntime();
  if (stages.some(({ name }) => name === 'vscode')) {
    await ensureEditor();
    await ensureChromium();
  }
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-tests-'));
  const env = testEnvironment(node, scratch, soak);
  try {
    return await runStages(stages, { node, env, scratch, patterns, soak }, startedMs);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});

/** With patterns, only what the matching files need. */
function selectStages(/** @type {readonly string[]} */ patterns) {
  if (patterns.length === 0) return [...checks, ...products, ...suites];
  const matching = suites.filter(({ name }) => testFiles(name, patterns).length > 0);
  const names = matching.map(({ name }) => name);
  if (names.includes('vscode')) return [...products, ...matching];
  return names.includes('contract') ? [build, ...matching] : matching;
}

/** Every test makes a home of its own; one that forgets gets this run's, never the user's. */
function testEnvironment(
  /** @type {string} */ node,
  /** @type {string} */ scratch,
  /** @type {boolean} */ soak,
) {
  const env = {
    ...runtimeEnvironment(node),
    AGENT_WORLD_HOME: path.join(scratch, 'home'),
    // What V8 makes of a file is made once for all processes of the run.
    NODE_COMPILE_CACHE: path.join(scratch, 'compiled'),
    AGENT_WORLD_TEST_MADE: path.join(scratch, 'made'),
  };
  return soak ? { ...env, AGENT_WORLD_SOAK: '1' } : env;
}

async function runStages(
  /** @type {readonly Stage[]} */ stages,
  /** @type {import('./test/stages.mjs').Surroundings} */ surroundings,
  /** @type {number} */ startedMs,
) {
  let passed = 0;
  let failed = 0;
  const failedStages = [];
  const failures = [];
  for (const stage of stages) {
    const outcome = await runStage(stage, surroundings);
    passed += outcome.passed;
    failed += outcome.failed;
    failures.push(...outcome.failures);
    if (outcome.failed > 0) failedStages.push(stage.name);
  }
  say(`\nAll stages in ${secondsSince(startedMs)}.`);
  // Once more at the end: who sees only the last lines of a long run must know what to look at.
  for (const { file, name, message } of failures) {
    say(`\n✖ ${path.relative(projectRoot, file)}: ${name}\n${message}`);
  }
  if (failedStages.length > 0) say(`Failed: ${failedStages.join(', ')}.`);
  if (passed + failed === 0) say('Nothing matched.');
  say(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

async function runStage(
  /** @type {Stage} */ stage,
  /** @type {import('./test/stages.mjs').Surroundings} */ surroundings,
) {
  const startedMs = performance.now();
  say(`\n=== ${stage.name}`);
  const outcome = await stage.run(surroundings).catch((error) => {
    say(describe(error));
    return verdict(false);
  });
  const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : '';
  const counts = `${outcome.passed} passed, ${outcome.failed} failed${skipped}`;
  say(`=== ${stage.name}: ${counts}, ${secondsSince(startedMs)}`);
  return outcome;
}
