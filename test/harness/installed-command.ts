import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { bundleCommand, nodeAliases } from '../../scripts/build.mjs';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { readDoor } from '../../src/mirror/knock.ts';
import { bundleModule, killHost } from './host-life.ts';
import { madeOnce } from './made-once.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** `agent-world` as the package holds it, in a place and with homes of its own. */
export class InstalledCommand {
  /** Absolute; everything of the test belongs in it. */
  readonly place: string;
  readonly #homes: string[] = [];

  private constructor(place: string) {
    this.place = place;
  }

  static async install(): Promise<InstalledCommand> {
    const place = await realpath(await mkdtemp(path.join(tmpdir(), 'agent-world-command-')));
    const installed = new InstalledCommand(place);
    const made = await madeOnce('command', bundlePackage);
    await cp(made, path.join(installed.dist, '..'), { recursive: true });
    return installed;
  }

  get dist(): string {
    return path.join(this.place, 'installed', 'dist');
  }

  /** A home of its own for commands and their host. */
  home(name: string): string {
    const home = path.join(this.place, name);
    if (!this.#homes.includes(home)) this.#homes.push(home);
    return home;
  }

  start(home: string, ...args: readonly string[]): ChildProcess {
    return this.startIn(undefined, home, ...args);
  }

  /** The same in a folder, against which paths are understood. */
  startIn(folder: string | undefined, home: string, ...args: readonly string[]): ChildProcess {
    const { AGENT_WORLD_HOST_URI: _, ...environment } = process.env;
    return spawn(process.execPath, [path.join(this.dist, 'cli.cjs'), ...args], {
      cwd: folder,
      env: { ...environment, AGENT_WORLD_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** What somebody else, such as an agent's client, has to spawn. */
  spawned(
    home: string,
    ...args: readonly string[]
  ): { readonly command: string; readonly args: string[]; readonly env: Record<string, string> } {
    const environment = { PATH: process.env['PATH'] ?? '', AGENT_WORLD_HOME: home };
    const command = process.execPath;
    return { command, args: [path.join(this.dist, 'cli.cjs'), ...args], env: environment };
  }

  async run(home: string, ...args: readonly string[]): Promise<Ended> {
    return ended(this.start(home, ...args));
  }

  /** Runs a command that must succeed; returns its one JSON result. */
  async json(home: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
    const { code, out, err } = await this.run(home, ...args, '--json');
    if (code !== 0) throw new Error(`agent-world ${args.join(' ')} ended with ${code}: ${err}`);
    return JSON.parse(out) as Record<string, unknown>;
  }

  async dispose(): Promise<void> {
    for (const home of this.#homes) {
      endMirrors(home);
      await killHost(home);
    }
    await rm(this.place, { recursive: true, force: true });
  }
}

/** Mirrors that go on by themselves end with the test. */
export function endMirrors(home: string): void {
  const folders = path.join(home, 'folders');
  for (const name of existsSync(folders) ? readdirSync(folders) : []) {
    const door = readDoor(path.join(folders, name));
    if (!door) continue;
    try {
      process.kill(door.pid, 'SIGKILL');
    } catch {
      // It was killed before.
    }
  }
}

/** Waits for a command's end and all that it said. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (text) => (out += String(text)));
  child.stderr?.on('data', (text) => (err += String(text)));
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, out, err };
}

/** Fills a folder with what the package has of the command. */
async function bundlePackage(folder: string): Promise<void> {
  const dist = path.join(folder, 'dist');
  await mkdir(dist);
  await Promise.all([
    bundleCommand(build, dist),
    bundle('src/host/main.ts', path.join(dist, 'host.cjs')),
    bundleModule('spacetimedb/src/index.ts').then((bytes) =>
      writeFile(path.join(dist, 'module.js'), bytes),
    ),
    copyFile(path.join(projectRoot, 'package.json'), path.join(folder, 'package.json')),
    ...['probe.js', 'probe-library.js'].map((file) =>
      copyFile(path.join(projectRoot, 'dist', file), path.join(dist, file)),
    ),
  ]);
}

function bundle(entry: string, outfile: string): Promise<unknown> {
  const node = { bundle: true, platform: 'node', format: 'cjs', target: 'node20' } as const;
  return build({
    ...node,
    alias: nodeAliases,
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile,
  });
}
