import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { packageFile } from '../package.mjs';
import { findProgram } from '../setup/chromium.mjs';
import { ensureEditor } from '../setup/editor.mjs';
import { say, SetupError } from '../setup/progress.mjs';
import { run } from '../setup/run.mjs';
import { userEnvironment } from './environment.mjs';
import { makePrivateDirectory } from './home.mjs';

/** What the first start sets; afterwards the settings are the user's. */
const firstSettings = {
  // In the browser the question would otherwise not be asked, and nothing works until it is answered.
  'security.workspace.trust.startupPrompt': 'always',
  'telemetry.telemetryLevel': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

const LISTENING = /Extension host agent listening on (\d+)/;

/**
 * Starts VS Code for the browser on the folder, with the packaged extension and a random token.
 * @param {import('./children.mjs').Children} children
 * @param {{ node: string, home: string, folder: string, port: number }} options
 */
export async function openBrowserEditor(children, { node, home, folder, port }) {
  const { serverMain } = await ensureEditor();
  const data = path.join(home, 'editor');
  makePrivateDirectory(data);
  writeFirstSettings(data);
  const server = [
    serverMain,
    '--server-data-dir',
    data,
    '--extensions-dir',
    path.join(data, 'extensions'),
    '--accept-server-license-terms',
  ];
  const env = { ...userEnvironment(), AGENT_WORLD_HOME: home };
  await run(node, [...server, '--install-extension', packageFile, '--force'], { env, quiet: true });
  const token = randomBytes(24).toString('hex');
  const tokenFile = writeToken(data, token);
  const args = [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--connection-token-file',
    tokenFile,
  ];
  const child = children.start(node, [...server, ...args, '--disable-telemetry'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const query = new URLSearchParams({ tkn: token, folder: toUriPath(folder) });
  const address = `http://127.0.0.1:${await readPort(child)}/?${query.toString()}`;
  say(`\n  VS Code: ${address}\n`);
  openInBrowser(address);
  return child;
}

/** Arguments can be read by every user of the machine, a file of this mode only by this one. */
function writeToken(/** @type {string} */ data, /** @type {string} */ token) {
  const file = path.join(data, 'connection-token');
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, token, { mode: 0o600 });
  return file;
}

function writeFirstSettings(/** @type {string} */ data) {
  const file = path.join(data, 'data', 'User', 'settings.json');
  if (fs.existsSync(file)) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(firstSettings, undefined, 2)}\n`);
}

/** @returns {Promise<number>} rejects when the server ends instead of listening */
function readPort(/** @type {import('node:child_process').ChildProcess} */ child) {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-20_000);
      const port = LISTENING.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new SetupError(`VS Code's server ended (${code}).\n${output}`));
    });
  });
}

/** Only where there is a display to open it on; the address is printed in any case. */
function openInBrowser(/** @type {string} */ address) {
  const [program, ...args] = browserCommand(address) ?? [];
  if (program === undefined) return;
  // The browser is the user's: it stays when everything else ends.
  const opener = spawn(program, args, { env: userEnvironment(), stdio: 'ignore', detached: true });
  opener.once('error', (error) => say(`The browser could not be opened: ${error.message}`));
  opener.unref();
}

/** @returns {string[] | undefined} */
function browserCommand(/** @type {string} */ address) {
  if (process.platform === 'darwin') return ['open', address];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', address];
  const display = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  const opener = display ? findProgram(['xdg-open']) : undefined;
  return opener === undefined ? undefined : [opener, address];
}

function toUriPath(/** @type {string} */ file) {
  const slashes = file.split(path.sep).join('/');
  return slashes.startsWith('/') ? slashes : `/${slashes}`;
}
