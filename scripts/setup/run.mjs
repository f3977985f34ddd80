import { spawn } from 'node:child_process';
import { SetupError } from './progress.mjs';

/**
 * Runs a program to its end. Its output is shown, or with `quiet` only when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean, what?: string }} [options]
 * @returns {Promise<void>} rejects with a SetupError when the program fails
 */
export async function run(program, args, options = {}) {
  const { code, output } = await capture(program, args, options);
  if (code === 0) return;
  const what = options.what ?? [program, ...args].join(' ');
  throw new SetupError(`${what} failed (exit code ${code}).\n${output}`.trimEnd());
}

/**
 * Runs a program to its end and returns its exit code with the output it was not allowed to show.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 * @returns {Promise<{ code: number | string, output: string }>}
 */
export function capture(program, args, { cwd, env, quiet = false } = {}) {
  // npm is a batch file on Windows, which only a shell can start.
  const shell = process.platform === 'win32' && !/\.exe$/i.test(program);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: env ?? process.env,
      shell,
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => (output += chunk);
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('error', (error) => {
      reject(new SetupError(`${program} could not be started: ${error.message}`, { cause: error }));
    });
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', output }));
  });
}

/**
 * Runs npm quietly, with the settings that keep installs reproducible and free of install scripts.
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export function runNpm(args, cwd) {
  const settings = ['--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false'];
  return run('npm', [...args, ...settings], { cwd, quiet: true, what: `npm ${args.join(' ')}` });
}
