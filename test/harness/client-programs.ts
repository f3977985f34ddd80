import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../scripts/setup/paths.mjs';

/** Puts programs into a folder that stand in for those of clients; returns what PATH has to be. */
export function standInClients(folder: string, names: readonly string[]): string {
  fs.mkdirSync(folder, { recursive: true });
  const script = path.join(projectRoot, 'test', 'harness', 'stand-in-client.mjs');
  for (const name of names) fs.copyFileSync(script, path.join(folder, name));
  for (const name of names) fs.chmodSync(path.join(folder, name), 0o755);
  // They find the module system that they are written for by this.
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  const node = path.dirname(process.execPath);
  return [folder, node, process.env['PATH']].join(path.delimiter);
}
