import fs from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { findNodeRuntime, runtimeIn, runtimePackage } from './node-runtime.mjs';
import { cacheDirectory } from './paths.mjs';
import { say, secondsSince } from './progress.mjs';
import { runNpm } from './run.mjs';

/**
 * @typedef {'newest' | 'oldest'} EditorAge
 * @typedef {object} EditorPackage
 * @property {string} version of the npm package `code-server`, whose second number is that of VS Code
 * @property {string} [runtime] the Node that this VS Code brings to a remote machine; the pinned one when left out
 */

/**
 * The newest VS Code is the one that everything runs in; the oldest is what `engines.vscode` admits, with the Node
 * that is under it then.
 * @type {Readonly<Record<EditorAge, EditorPackage>>}
 */
export const editorPackages = {
  newest: { version: '4.139.1' },
  oldest: { version: '4.103.2', runtime: '22.17.0' },
};

/**
 * Installs VS Code in the browser, which the npm package `code-server` carries, into the user's cache.
 * What an interrupted install has finished is kept and gone on with.
 * @param {EditorAge} [age]
 * @returns {Promise<{ serverMain: string, node: string, vscodeVersion: string }>} the server's entry file, the Node
 *   that is to run it, and the version of VS Code
 */
export async function ensureEditor(age = 'newest') {
  const { version, runtime } = editorPackages[age];
  const directory = path.join(cacheDirectory(), 'editor', `code-server-${version}`);
  if (!fs.existsSync(directory)) {
    await withLock('editor', async () => {
      if (!fs.existsSync(directory)) await install(directory, editorPackages[age]);
    });
  }
  const vscode = vscodeDirectory(directory);
  const product = JSON.parse(fs.readFileSync(path.join(vscode, 'package.json'), 'utf8'));
  return {
    serverMain: path.join(vscode, 'out', 'server-main.js'),
    node: runtime === undefined ? await findNodeRuntime() : runtimeIn(directory),
    vscodeVersion: product.version,
  };
}

/**
 * @param {string} directory
 * @param {EditorPackage} editor
 */
async function install(directory, { version, runtime }) {
  const startedMs = performance.now();
  const partial = `${directory}.partial`;
  say(`Installing VS Code for the browser, about 600 MB, once, into ${directory} …`);
  fs.mkdirSync(partial, { recursive: true });
  fs.writeFileSync(path.join(partial, 'package.json'), '{ "private": true }\n');
  const vscode = vscodeDirectory(partial);
  const production = ['install', '--omit=dev', '--no-save'];
  const packages = [`code-server@${version}`];
  if (runtime !== undefined) packages.push(`${runtimePackage()}@${runtime}`);
  await step(partial, 'server', () => runNpm(['install', '--no-save', ...packages], partial));
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
