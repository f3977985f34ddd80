// Makes the one file that users install: dist/agent-world.vsix.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { hashOf, unlessDone } from './setup/hash.mjs';
import { withLock } from './setup/lock.mjs';
import { findNodeRuntime, runtimeEnvironment } from './setup/node-runtime.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runMain, say, SetupError } from './setup/progress.mjs';
import { run } from './setup/run.mjs';

const MAX_BYTES = 2 * 1024 * 1024;

const contents = [
  'dist/extension.cjs',
  'dist/window.cjs',
  'dist/host.cjs',
  'dist/cli.cjs',
  'dist/every-command.cjs',
  'dist/commands.cjs',
  'dist/unserved-hook.cjs',
  'dist/chat-agent.cjs',
  'dist/run.cjs',
  'dist/client-watcher.cjs',
  'dist/secretlint.cjs',
  'dist/module.js',
  'dist/probe.js',
  'dist/probe-library.js',
  'l10n',
  'media',
  'examples',
  'docs',
];
const inputs = [
  ...contents,
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
  'scripts/package.mjs',
];

export const packageFile = path.join(projectRoot, 'dist', 'agent-world.vsix');

/** Packages what `dist/` holds, unless the same was packaged already, and checks its size. */
export async function ensurePackaged() {
  await withLock('package', () => unlessDone('dist/.packaged', hashOf(inputs), createPackage));
}

async function createPackage() {
  const node = await findNodeRuntime();
  const vsce = path.join(projectRoot, 'node_modules', '@vscode', 'vsce', 'vsce');
  const options = [
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
  ];
  await run(node, [vsce, 'package', ...options, '--out', packageFile], {
    cwd: projectRoot,
    env: runtimeEnvironment(node),
    quiet: true,
  });
  const { size } = fs.statSync(packageFile);
  if (size >= MAX_BYTES) {
    throw new SetupError(`${packageFile} has ${size} bytes; it must stay below ${MAX_BYTES}.`);
  }
  say(`Packaged ${path.relative(projectRoot, packageFile)}: ${(size / 1024).toFixed(0)} KiB.`);
}

if (path.resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await ensureDependencies();
    await ensureBuilt();
    await ensurePackaged();
  });
}
