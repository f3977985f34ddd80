import path from 'node:path';
import { parseArgs } from 'node:util';
import { SetupError } from '../setup/progress.mjs';

export const usage = `Usage: npm start -- [FOLDER] [options]

  FOLDER        the folder to open; without one, a copy of the example project
  --agents      run the two scripted agents on FOLDER too (on the example they always run)
  --no-editor   no VS Code: the agents work on a copy of the folder, and every op is printed
  --for TIME    end after a time, such as 90s or 5m; otherwise Ctrl-C ends it
  --port N      the port of VS Code in the browser; otherwise any free one
  --browser     VS Code in the browser even where desktop VS Code is installed
`;

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * @typedef {object} StartOptions
 * @property {string | undefined} folder absolute
 * @property {boolean} agents
 * @property {boolean} editor
 * @property {boolean} browser
 * @property {number | undefined} forMs
 * @property {number} port 0 for any
 * @property {boolean} help
 */

/** @returns {StartOptions} */
export function parseOptions(/** @type {string[]} */ args, env = process.env) {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) throw new SetupError(`One folder at a time.\n\n${usage}`);
  const folder = positionals[0];
  // npm runs scripts in the project's folder and says here where the user was.
  const from = env['INIT_CWD'] ?? process.cwd();
  return {
    folder: folder === undefined ? undefined : path.resolve(from, folder),
    agents: values.agents === true,
    editor: values['no-editor'] !== true,
    browser: values.browser === true,
    forMs: values.for === undefined ? undefined : parseTime(values.for),
    port: values.port === undefined ? 0 : parsePort(values.port),
    help: values.help === true,
  };
}

function parse(/** @type {string[]} */ args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        agents: { type: 'boolean' },
        'no-editor': { type: 'boolean' },
        browser: { type: 'boolean' },
        for: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(`${reason}\n\n${usage}`, { cause: error });
  }
}

/** @returns {number} milliseconds */
function parseTime(/** @type {string} */ text) {
  const [, digits, unit = 's'] = /^(\d{1,6})([smh])?$/.exec(text) ?? [];
  if (digits === undefined)
    throw new SetupError(`--for wants a time such as 60s or 5m, not ${text}`);
  return Number(digits) * unitsMs[/** @type {keyof typeof unitsMs} */ (unit)];
}

function parsePort(/** @type {string} */ text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new SetupError(`--port wants a number up to 65535, not ${text}`);
}
