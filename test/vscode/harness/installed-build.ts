import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../../scripts/setup/paths.mjs';

/**
 * Puts the checkout's build where a VS Code server looks for installed extensions. A window takes one
 * extension under development, which is the probe: the options of its address are a map, in which
 * the last of several wins.
 */
export function installBuild(extensionsFolder: string): void {
  const folder = path.join(extensionsFolder, 'agent-world.agent-world-0.1.0');
  fs.mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package.nls.json']) {
    fs.copyFileSync(path.join(projectRoot, file), path.join(folder, file));
  }
  // Whose code calls VS Code's interface is told by where its file really is: links would not do.
  for (const copied of ['media', 'l10n', 'examples', 'docs/what-is-live.md']) {
    fs.cpSync(path.join(projectRoot, copied), path.join(folder, copied), { recursive: true });
  }
  fs.mkdirSync(path.join(folder, 'dist'));
  for (const file of fs.globSync('dist/*.{cjs,js}', { cwd: projectRoot })) {
    fs.copyFileSync(path.join(projectRoot, file), path.join(folder, file));
  }
}

/** Puts an agent for VS Code's own chat there, which needs no account. */
export function installChat(extensionsFolder: string): void {
  const source = fileURLToPath(new URL('./chat-stand-in', import.meta.url));
  const folder = path.join(extensionsFolder, 'agent-world.chat-stand-in-0.0.1');
  fs.cpSync(source, folder, { recursive: true });
}
