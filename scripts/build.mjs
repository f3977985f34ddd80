// Bundles everything that ships: the extension, the embedded host, the command line and the world module.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { hashOf, unlessDone } from './setup/hash.mjs';
import { withLock } from './setup/lock.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runMain, say, secondsSince } from './setup/progress.mjs';

const sources = ['src', 'spacetimedb/src', 'scripts/build.mjs', 'package-lock.json'];

/** Builds into `dist/` unless that was built from the same sources. */
export async function ensureBuilt() {
  await withLock('build', () =>
    unlessDone('dist/.sources', hashOf(sources), async () => {
      const startedMs = performance.now();
      await bundle();
      say(`Built in ${secondsSince(startedMs)}.`);
    }),
  );
}

const shared = {
  absWorkingDir: projectRoot,
  bundle: true,
  // Names stay, so that a stack trace in a bug report can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: /** @type {const} */ ('linked'),
  logLevel: /** @type {const} */ ('warning'),
  legalComments: /** @type {const} */ ('none'),
};

/** Node programs: CommonJS, because an extension host still loads its entry with `require`. */
const node = {
  ...shared,
  platform: /** @type {const} */ ('node'),
  format: /** @type {const} */ ('cjs'),
  target: 'node20',
};

/**
 * Activation should not wait for what only a world needs: the entry loads it from a file of its own.
 * @type {import('esbuild').Plugin}
 */
const windowApart = {
  name: 'window-apart',
  setup(build) {
    build.onResolve({ filter: /\/window-parts\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './window.cjs', external: true } : undefined,
    );
  },
};

async function bundle() {
  const { build } = await import('esbuild');
  await Promise.all([
    build({
      ...node,
      entryPoints: ['src/extension.ts'],
      outfile: 'dist/extension.cjs',
      external: ['vscode'],
      plugins: [windowApart],
    }),
    build({
      ...node,
      entryPoints: ['src/views/window-parts.ts'],
      outfile: 'dist/window.cjs',
      external: ['vscode'],
    }),
    build({ ...node, entryPoints: ['src/host/main.ts'], outfile: 'dist/host.cjs' }),
    build({ ...node, entryPoints: ['src/cli.ts'], outfile: 'dist/cli.cjs' }),
    // The package's server code uses `using`, which VS Code's runtime may not parse: es2022 lowers it.
    build({
      ...shared,
      entryPoints: ['spacetimedb/src/index.ts'],
      outfile: 'dist/module.js',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['import'],
      format: 'esm',
      target: 'es2022',
      external: ['spacetime:*'],
      sourcemap: false,
    }),
  ]);
}

if (path.resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await ensureDependencies();
    await ensureBuilt();
  });
}
