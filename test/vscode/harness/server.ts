import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { ensureEditor } from '../../../scripts/setup/editor.mjs';
import { capture } from '../../../scripts/setup/run.mjs';

export interface ServerOptions {
  /** Which VS Code: the newest, or the oldest that the extension admits, on the Node of its time. */
  readonly age: 'newest' | 'oldest';
  /** Where the server keeps its data; extensions go into a folder of it. */
  readonly dataFolder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Packages to install first. */
  readonly vsixFiles: readonly string[];
  /** `few` leaves out git, language servers, chat and whatever else no test looks at. */
  readonly builtIns: 'few' | 'all';
  /** True lets VS Code ask whether a folder is trusted, as it does for users. */
  readonly asksForTrust: boolean;
}

/** A VS Code server set up for tests: no token, no workspace trust, and the smoke-test driver. */
export interface VSCodeServer {
  readonly port: number;
  /** What the server has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

const LISTENING = /Extension host agent listening on (\d+)/;
const STOP_TIMEOUT_MS = 5_000;

export async function startServer(options: ServerOptions): Promise<VSCodeServer> {
  const { serverMain, node } = await ensureEditor(options.age);
  const folders = [
    '--server-data-dir',
    options.dataFolder,
    '--extensions-dir',
    path.join(options.dataFolder, 'extensions'),
    '--accept-server-license-terms',
  ];
  fs.mkdirSync(options.dataFolder, { recursive: true });
  if (options.builtIns === 'few') folders.push(...fewBuiltIns(serverMain, options.dataFolder));
  for (const vsix of options.vsixFiles)
    await installExtension(node, [serverMain, ...folders], vsix);
  const flags = options.asksForTrust ? testFlags.filter((flag) => flag !== NO_TRUST) : testFlags;
  const child = spawn(node, [serverMain, ...folders, ...flags], {
    // Without a gallery nothing looks for extensions, updates and recommendations on the network.
    env: { ...options.env, EXTENSIONS_GALLERY: '{}' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = LISTENING.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`The VS Code server ended (${code}).\n${output}`)),
    );
  });
  return { port, output: () => output, stop: () => stop(child) };
}

const NO_TRUST = '--disable-workspace-trust';
const testFlags = [
  '--host',
  '127.0.0.1',
  '--port',
  '0',
  '--without-connection-token',
  NO_TRUST,
  '--disable-telemetry',
  // Else the server asks the user's login shell, and brings back variables that a test took away.
  '--force-disable-user-env',
  '--enable-smoke-test-driver',
];

/** Grammars and themes of the files that tests open: what is seen in the pictures; and notebooks. */
const BUILT_INS = [
  'diff',
  'ipynb',
  'javascript',
  'json',
  'log',
  'markdown-basics',
  'theme-defaults',
  'theme-seti',
];

function fewBuiltIns(serverMain: string, dataFolder: string): string[] {
  const all = path.join(path.dirname(serverMain), '..', 'extensions');
  const few = path.join(dataFolder, 'built-in');
  for (const name of BUILT_INS) {
    fs.cpSync(path.join(all, name), path.join(few, name), { recursive: true });
  }
  return ['--builtin-extensions-dir', few];
}

async function installExtension(node: string, server: string[], vsix: string): Promise<void> {
  const args = [...server, '--install-extension', vsix, '--force'];
  const { code, output } = await capture(node, args, { quiet: true });
  if (code !== 0) throw new Error(`Installing ${vsix} failed (${code}).\n${output}`);
}

/** Ends the server with its extension hosts: they are one process group. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  signal(child, 'SIGTERM');
  const timer = setTimeout(() => signal(child, 'SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
  signal(child, 'SIGKILL');
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
