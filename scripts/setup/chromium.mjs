import fs from 'node:fs';
import path from 'node:path';
import { say, SetupError } from './progress.mjs';
import { run } from './run.mjs';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
  'microsoft-edge',
];

/** @type {Readonly<Record<string, readonly string[]>>} */
const wellKnownPlaces = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((variable) =>
    ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map(
      (program) => path.join(process.env[variable] ?? 'C:\\', program),
    ),
  ),
};

/**
 * Finds a Chromium-like browser, installing Debian's where that is possible.
 * @returns {Promise<string>} its path; rejects with a SetupError that says what is missing
 */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && findProgram(['apt-get'])) {
    await installFromDebian();
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new SetupError(
    'The tests in a real VS Code need Chromium, Google Chrome or Microsoft Edge, and none was found. ' +
      'Install one, or name it in AGENT_WORLD_CHROMIUM. On Debian: apt-get install chromium',
  );
}

/** @returns {string | undefined} */
export function findChromium() {
  const named = process.env['AGENT_WORLD_CHROMIUM'];
  if (named) return named;
  const places = wellKnownPlaces[process.platform] ?? [];
  return findProgram(names) ?? places.find((place) => fs.existsSync(place));
}

/** @param {readonly string[]} programs in order of preference @returns {string | undefined} */
export function findProgram(programs) {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return programs
    .flatMap((name) =>
      folders.flatMap((folder) => suffixes.map((end) => path.join(folder, name + end))),
    )
    .find((file) => fs.existsSync(file));
}

async function installFromDebian() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  say("Chromium is missing: installing Debian's package (about 100 MB, apt-get) …");
  await run('apt-get', ['update'], { env, quiet: true });
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
    env,
    quiet: true,
  });
}
