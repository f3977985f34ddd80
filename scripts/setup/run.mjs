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
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean, detached?: boolean }} [options]
 *   `detached` keeps it from the terminal's Ctrl-C
 */
export async function capture(program, args, { quiet = false, ...options } = {}) {
  const shown = quiet ? 'pipe' : 'inherit';
  const { code, stdout, stderr } = await collect(program, args, options, [shown, shown]);
  return { code, output: stdout + stderr };
}

/**
 * Runs a program to its end and returns what it wrote to standard output; errors are shown.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} rejects with a SetupError when the program fails
 */
export async function readOutput(program, args, options = {}) {
  const { code, stdout } = await collect(program, args, options, ['pipe', 'inherit']);
  if (code === 0) return stdout;
  throw new SetupError(`${[program, ...args].join(' ')} failed (exit code ${code}).`);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, detached?: boolean }} options
 * @param {['pipe' | 'inherit', 'pipe' | 'inherit']} outputs
 * @returns {Promise<{ code: number | string, stdout: string, stderr: string }>}
 */
function collect(program, args, options, [stdout, stderr]) {
  // npm and code are batch files on Windows, which only a shell can start.
  const shell = process.platform === 'win32' && !/\.exe$/i.test(program);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, shell, stdio: ['ignore', stdout, stderr] });
    const text = { stdout: '', stderr: '' };
    child.stdout?.on('data', (/** @type {Buffer} */ chunk) => (text.stdout += chunk));
    child.stderr?.on('data', (/** @type {Buffer} */ chunk) => (text.stderr += chunk));
    child.once('error', (error) => {
      reject(new SetupError(`${program} could not be started: ${error.message}`, { cause: error }));
    });
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', ...text }));
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
