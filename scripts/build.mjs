// Bundles everything that ships: the extension, the embedded host, the command line and the world module.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const production = process.argv.includes('--production');

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
};

/** Node programs: CommonJS, because an extension host still loads its entry with `require`. */
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20' };

await Promise.all([
  build({
    ...node,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.cjs',
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
