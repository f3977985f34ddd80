/** Owns: the clients' pinned packages in a folder of the user's cache, each installed once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { waitForLock } from '../../src/host/process-lock.ts';
import type { RealPackage } from './clients/real-client.ts';

/** `AGENT_CLIENTS_CACHE`, or a folder of the user's cache. */
export function clientsCache(): string {
  const chosen = process.env['AGENT_CLIENTS_CACHE'];
  return chosen ? path.resolve(chosen) : path.join(homedir(), '.cache', 'agent-world', 'agents');
}

/** Installs a client unless that was done; returns the folder that has its program. */
export async function installClient(
  { package: name, version, program }: RealPackage,
  say: (line: string) => void,
): Promise<string> {
  const folderName = `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}`;
  const cache = clientsCache();
  const folder = path.join(cache, folderName);
  const complete = path.join(folder, '.complete');
  await mkdir(folder, { recursive: true });
  const release = await waitForLock(path.join(cache, 'install.lock'));
  try {
    if (!existsSync(complete)) {
      say(`Installing ${name} ${version} into ${folder} …`);
      await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
      await npmInstall(`${name}@${version}`, folder);
      await writeFile(complete, '');
    }
  } finally {
    release();
  }
  const bin = path.join(folder, 'node_modules', '.bin');
  if (existsSync(path.join(bin, program))) return bin;
  throw new Error(`${name} ${version} brings no program ${program}; delete ${folder}`);
}

/** With its install scripts: some clients fetch their own program there. */
async function npmInstall(what: string, folder: string): Promise<void> {
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', '--save-exact', what];
  const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`npm could not install ${what} (${code})`);
}
