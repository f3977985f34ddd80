// Bundles everything that ships: the extension, the embedded host, the command line and the world module.
import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
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

/** The package's first form hides its own parts from bundlers. */
export const nodeAliases = { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' };

/** Node programs: CommonJS, because an extension host still loads its entry with `require`. */
const node = {
  ...shared,
  platform: /** @type {const} */ ('node'),
  format: /** @type {const} */ ('cjs'),
  target: 'node20',
  alias: nodeAliases,
};

/**
 * Modules. The package's server code uses `using`, which VS Code's runtime may not parse: es2022
 * lowers it.
 */
export const moduleBundle = {
  ...shared,
  platform: /** @type {const} */ ('neutral'),
  mainFields: ['module', 'main'],
  conditions: ['import'],
  format: /** @type {const} */ ('esm'),
  target: 'es2022',
  external: ['spacetime:*'],
  sourcemap: false,
};

/**
 * What is loaded by `import()` from a file of its own beside the bundle; by the name of its source, without an ending.
 * @returns {import('esbuild').Plugin}
 */
function apart(/** @type {Readonly<Record<string, string>>} */ fileOf) {
  return {
    name: 'apart',
    setup(build) {
      for (const [source, file] of Object.entries(fileOf)) {
        build.onResolve({ filter: new RegExp(`/${source}\\.ts$`) }, ({ kind }) =>
          kind === 'dynamic-import' ? { path: `./${file}.cjs`, external: true } : undefined,
        );
      }
    },
  };
}

/**
 * Activation should not wait for what only a world needs, nor a world for what only the chat or an agent that is run
 * needs.
 */
const windowApart = apart({
  'window-parts': 'window',
  'chat-agent': 'chat-agent',
  'start-run': 'run',
});

/** The command is a small file that loads one of three. */
const commandsApart = apart({
  'every-command': 'every-command',
  'mcp-command': 'commands',
  'unserved-hook': 'unserved-hook',
});

/** The finder of secrets is large, and needed only where a commit is made. */
const secretsApart = apart({ secretlint: 'secretlint' });

/** The `agent-world` command, in a folder. */
export async function bundleCommand(
  /** @type {typeof import('esbuild').build} */ build,
  /** @type {string} */ folder,
) {
  /** Of whatever is loaded later: as `require`, which is quicker than the loader of modules. */
  const command = { ...node, absWorkingDir: projectRoot, supported: { 'dynamic-import': false } };
  const served = path.join(folder, 'commands.cjs');
  await Promise.all([
    build({
      ...command,
      entryPoints: ['src/cli.ts'],
      outfile: path.join(folder, 'cli.cjs'),
      plugins: [commandsApart],
    }),
    ...[
      ['src/cli/unserved-hook.ts', 'unserved-hook'],
      ['src/git/secretlint.ts', 'secretlint'],
      ['src/acp/client-watcher.ts', 'client-watcher'],
    ].map(([entry = '', name]) =>
      build({
        ...command,
        entryPoints: [entry],
        outfile: path.join(folder, `${name}.cjs`),
        plugins: [secretsApart],
      }),
    ),
    // All commands are in one file, and so are the chat of a window and an agent that it runs: they share most of it,
    // and what another one needs is not run.
    build({
      ...command,
      stdin: { contents: SERVED, resolveDir: projectRoot },
      outfile: served,
      plugins: [secretsApart],
    }),
  ]);
  endWithHash(served);
  for (const [file, { from, names }] of Object.entries(PARTS)) {
    const given = names.map((name) => `exports.${name}=parts.${name};`).join('');
    fs.writeFileSync(
      path.join(folder, `${file}.cjs`),
      `"use strict";const parts=require("./commands.cjs").${from}();${given}\n`,
    );
  }
}

/** What is loaded of it apart: Node reads the names of a CommonJS file from its text, before it runs. */
const PARTS = {
  'every-command': { from: 'everyCommand', names: ['run'] },
  'chat-agent': { from: 'chatAgent', names: ['ChatAgent', 'deletedPaths'] },
  run: { from: 'agentRuns', names: ['startRun'] },
};

const SERVED = `
export * from './src/cli/mcp-command.ts';
export const everyCommand = () => require('./src/cli/every-command.ts');
export const chatAgent = () => require('./src/mcp/chat-agent.ts');
export const agentRuns = () => require('./src/acp/start-run.ts');
`;

/** What V8 makes of the file is kept by its hash: `src/cli/compiled-code.ts`. */
function endWithHash(/** @type {string} */ file) {
  const bytes = fs.readFileSync(file);
  if (!isAscii(bytes)) throw new Error(`${file} has more than ASCII, as which it is read.`);
  const text = bytes.toString('latin1');
  fs.writeFileSync(file, `${text}//# hash=${createHash('sha256').update(text).digest('hex')}\n`);
}

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
      plugins: [windowApart],
    }),
    build({ ...node, entryPoints: ['src/host/main.ts'], outfile: 'dist/host.cjs' }),
    bundleCommand(build, 'dist'),
    build({
      ...moduleBundle,
      entryPoints: ['spacetimedb/src/index.ts'],
      outfile: 'dist/module.js',
    }),
    build({
      ...moduleBundle,
      entryPoints: ['src/contract/notes-module.ts'],
      outfile: 'dist/probe.js',
    }),
    bundleProbeLibrary(build),
  ]);
}

/**
 * The module library as the beginning of a module: it declares `spacetimedbServer`, no other name, and
 * exports nothing. `src/contract/probe-modules.ts` puts a module's own text behind it.
 */
export async function bundleProbeLibrary(
  /** @type {typeof import('esbuild').build} */ build,
  outfile = path.join(projectRoot, 'dist', 'probe-library.js'),
) {
  const stdin = {
    contents: "export * as spacetimedbServer from 'spacetimedb/server';",
    resolveDir: projectRoot,
  };
  const { outputFiles } = await build({ ...moduleBundle, stdin, write: false });
  const text = outputFiles?.[0]?.text ?? '';
  const imports = text.match(/import[^;]*"spacetime:[^"]*";/g) ?? [];
  const ending = /export\{(\w+) as spacetimedbServer\};\s*$/;
  if (!ending.test(text)) throw new Error('The module library ends in something unexpected.');
  const body = imports.reduce((rest, each) => rest.replace(each, ''), text);
  const inside = body.replace(ending, 'return $1;');
  // Of what is bundled beside this nothing may be written yet.
  fs.mkdirSync(path.dirname(outfile), { recursive: true });
  fs.writeFileSync(outfile, `${imports.join('')}const spacetimedbServer=(()=>{${inside}})();\n`);
}

if (path.resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await ensureDependencies();
    await ensureBuilt();
  });
}
