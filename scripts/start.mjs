// Opens VS Code on a folder in a world of its own, with everything that needs set up first.
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBuilt } from './build.mjs';
import { ensurePackaged } from './package.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { findNodeRuntime, runtimeEnvironment } from './setup/node-runtime.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runMain, say, SetupError } from './setup/progress.mjs';
import { openBrowserEditor } from './start/browser-editor.mjs';
import { Children } from './start/children.mjs';
import { findDesktopEditor, openDesktopEditor } from './start/desktop-editor.mjs';
import { homeDirectory, makePrivateDirectory } from './start/home.mjs';
import { watchInterruption } from './start/interruption.mjs';
import { parseOptions, usage } from './start/options.mjs';
import { WorldCommand } from './start/world.mjs';

/** @typedef {import('./start/options.mjs').StartOptions} StartOptions */
/** @typedef {ReturnType<typeof watchInterruption>} Interruption */

/** @typedef {object} Surroundings
 * @property {StartOptions} options
 * @property {string} node
 * @property {string} home
 * @property {string} folder
 * @property {WorldCommand} world
 * @property {Children} children
 * @property {Interruption} interruption
 */

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return say(usage);
  await ensureDependencies();
  const node = await findNodeRuntime();
  await ensureBuilt();
  const home = homeDirectory();
  makePrivateDirectory(home);
  const world = new WorldCommand(node, { ...runtimeEnvironment(node), AGENT_WORLD_HOME: home });
  const folder = options.folder ?? (await exampleFor(options, world));
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SetupError(`${folder} is not a folder.`);
  }
  const children = new Children();
  const interruption = watchInterruption(() => {
    children.kill();
    process.exit(130);
  });
  const surroundings = { options, node, home, folder, world, children, interruption };
  try {
    return options.editor ? await runWithEditor(surroundings) : await runDemo(surroundings);
  } finally {
    await children.end();
  }
});

/**
 * Without an editor the agents work on a copy, in a world of its own.
 * @param {StartOptions} options
 * @param {WorldCommand} world
 */
async function exampleFor(options, world) {
  return options.editor ? world.openExample() : path.join(projectRoot, 'examples', 'notebook');
}

/** @param {Surroundings} surroundings */
async function runDemo({ options, folder, world, children, interruption }) {
  const child = world.startDemo(children, folder, options.forMs);
  const ended = once(child, 'exit');
  // The demo prints its summary and verdict when it is asked to end.
  void interruption.asked.then(() => child.kill('SIGTERM'));
  const [code] = await ended;
  return code ?? 1;
}

/** @param {Surroundings} surroundings */
async function runWithEditor(surroundings) {
  const { options, folder, world, children, interruption } = surroundings;
  await ensurePackaged();
  say(`Opening ${folder} in its world …`);
  if (options.folder !== undefined) await world.open(folder);
  const editor = await openEditor(surroundings);
  editor.once('exit', () => interruption.ask('editor closed'));
  const withAgents = options.agents || options.folder === undefined;
  if (withAgents) world.startAgents(children, folder, options.folder === undefined);
  say(guide(withAgents, options.folder === undefined));
  if (options.forMs !== undefined) {
    void delay(options.forMs, undefined, { ref: false }).then(() => interruption.ask('time is up'));
  }
  await interruption.asked;
  say('\nEnding …');
  await children.end();
  const verified = await world.verify(folder);
  await world.endHost();
  return verified ? 0 : 1;
}

/** @param {Surroundings} surroundings */
async function openEditor({ options, node, home, folder, children }) {
  const desktop = options.browser ? undefined : findDesktopEditor();
  if (desktop !== undefined) return openDesktopEditor(children, desktop, folder);
  return openBrowserEditor(children, { node, home, folder, port: options.port });
}

function guide(/** @type {boolean} */ withAgents, /** @type {boolean} */ isExample) {
  const first = isExample
    ? ['It opens start-here.md, where an agent called Writer is at work: type above it.']
    : ['Open a file and type.'];
  const agents = withAgents
    ? [
        ...first,
        'Agents work in the folder with you: their cursors move, and their edits appear beside yours. One formats',
        'what others have changed, where nobody types; one keeps the lists of the README true.',
      ]
    : ['No agent touches this folder. Start the two scripted ones with --agents.'];
  return [
    'VS Code asks first whether you trust the folder: Agent World waits for that answer.',
    ...agents,
    'Open the same address in a second window to see yourself from the other side.',
    'Ctrl-C ends everything and verifies the history.\n',
  ].join('\n');
}
