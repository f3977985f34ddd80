import fs from 'node:fs';
import path from 'node:path';
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
  for (const linked of ['dist', 'media']) {
    fs.symlinkSync(path.join(projectRoot, linked), path.join(folder, linked), 'junction');
  }
}
