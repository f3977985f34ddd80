import fs from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { cacheDirectory } from './paths.mjs';
import { say, secondsSince } from './progress.mjs';
import { runNpm } from './run.mjs';

const PACKAGE_VERSION = '4.139.1';

/**
 * Installs VS Code in the browser, which the npm package `code-server` carries, into the user's cache.
 * What an interrupted install has finished is kept and gone on with.
 * @returns {Promise<{ serverMain: string, vscodeVersion: string }>} the server's entry file, to be run on
 *   the pinned Node, and the version of VS Code
 */
export async function ensureEditor() {
  const directory = path.join(cacheDirectory(), 'editor', `code-server-${PACKAGE_VERSION}`);
  if (!fs.existsSync(directory)) {
    await withLock('editor', async () => {
      if (!fs.existsSync(directory)) await install(directory);
    });
  }
  const vscode = vscodeDirectory(directory);
  const product = JSON.parse(fs.readFileSync(path.join(vscode, 'package.json'), 'utf8'));
  return {
    serverMain: path.join(vscode, 'out', 'server-main.js'),
    vscodeVersion: product.version,
  };
}

async function install(/** @type {string} */ directory) {
  const startedMs = performance.now();
  const partial = `${directory}.partial`;
  say(`Installing VS Code for the browser, about 600 MB, once, into ${directory} …`);
  fs.mkdirSync(partial, { recursive: true });
  fs.writeFileSync(path.join(partial, 'package.json'), '{ "private": true }\n');
  const vscode = vscodeDirectory(partial);
  const production = ['install', '--omit=dev', '--no-save'];
  await step(partial, 'server', () =>
    runNpm(['install', '--no-save', `code-server@${PACKAGE_VERSION}`], partial),
  );
  await step(partial, 'vscode', () => runNpm(production, vscode));
  await step(partial, 'extensions', () => runNpm(production, path.join(vscode, 'extensions')));
  fs.renameSync(partial, directory);
  say(`VS Code installed in ${secondsSince(startedMs)}.`);
}

async function step(
  /** @type {string} */ directory,
  /** @type {string} */ name,
  /** @type {() => Promise<void>} */ work,
) {
  const done = path.join(directory, `${name}.done`);
  if (fs.existsSync(done)) return;
  say(`  ${name} …`);
  await work();
  fs.writeFileSync(done, '');
}

function vscodeDirectory(/** @type {string} */ directory) {
  return path.join(directory, 'node_modules', 'code-server', 'lib', 'vscode');
}
