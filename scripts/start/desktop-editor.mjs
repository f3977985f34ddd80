import { packageFile } from '../package.mjs';
import { findProgram } from '../setup/chromium.mjs';
import { say } from '../setup/progress.mjs';
import { run } from '../setup/run.mjs';
import { userEnvironment } from './environment.mjs';

/** @returns {string | undefined} the command of the user's desktop VS Code */
export function findDesktopEditor() {
  return findProgram(['code']);
}

/**
 * Opens the user's own VS Code, with their settings, in a window on the folder.
 * @param {import('./children.mjs').Children} children
 * @param {string} code
 * @param {string} folder
 * @returns {Promise<import('node:child_process').ChildProcess>} ends when the window is closed
 */
export async function openDesktopEditor(children, code, folder) {
  const env = userEnvironment();
  await run(code, ['--install-extension', packageFile, '--force'], { env, quiet: true });
  say('Agent World is installed in your VS Code.');
  say('  To remove it: code --uninstall-extension agent-world.agent-world');
  return children.start(code, ['--new-window', '--wait', folder], { env, stdio: 'ignore' });
}
