import path from 'node:path';
import { projectRoot } from '../setup/paths.mjs';
import { say, SetupError } from '../setup/progress.mjs';
import { capture, readOutput } from '../setup/run.mjs';

/** The `agent-world` command as built from this clone: the only place that knows how a start uses it. */
export class WorldCommand {
  #node;
  #env;
  #script = path.join(projectRoot, 'dist', 'cli.cjs');

  /** @param {string} node @param {NodeJS.ProcessEnv} env */
  constructor(node, env) {
    this.#node = node;
    this.#env = env;
  }

  /**
   * Starts the host where none runs, and imports the folder into its world or goes on with that.
   * @param {string} folder
   * @returns {Promise<{ world: string }>}
   */
  async open(folder) {
    const text = await readOutput(this.#node, [this.#script, 'open', folder, '--json'], {
      env: this.#env,
    });
    const { world } = JSON.parse(text);
    if (typeof world !== 'string') throw new SetupError(`Opening ${folder} gave no world: ${text}`);
    return { world };
  }

  /**
   * The user's copy of the example project, in its world. It stays between starts, so the next one goes on with
   * the same history. The next window on it shows what to try.
   * @returns {Promise<string>} its folder
   */
  async openExample() {
    const args = [this.#script, 'example', '--begin', 'elsewhere', '--json'];
    const { folder } = JSON.parse(await readOutput(this.#node, args, { env: this.#env }));
    if (typeof folder !== 'string') throw new SetupError('The example could not be made.');
    return folder;
  }

  /** Runs the scripted agents until they are ended. */
  startAgents(
    /** @type {import('./children.mjs').Children} */ children,
    /** @type {string} */ folder,
    /** @type {boolean} */ isExample,
  ) {
    // On the example the formatter begins with the files that wait for it, and there is a file to watch.
    const shown = isExample ? ['--tidy', '--tour'] : [];
    const args = [this.#script, 'demo-agents', folder, ...shown];
    return children.start(this.#node, args, {
      env: this.#env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  /** Runs agents on a copy of the folder, printing each op. Its exit code is the verdict of `verify`. */
  startDemo(
    /** @type {import('./children.mjs').Children} */ children,
    /** @type {string} */ folder,
    /** @type {number | undefined} */ forMs,
  ) {
    const time = forMs === undefined ? [] : ['--for', `${Math.ceil(forMs / 1000)}s`];
    return children.start(this.#node, [this.#script, 'demo', folder, ...time], {
      env: this.#env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  /** Replays the folder's world and prints "verified N ops". @returns {Promise<boolean>} */
  async verify(/** @type {string} */ folder) {
    return (await this.#run(['verify', folder])).code === 0;
  }

  /** Ends the host, unless someone else is connected to it: then it ends by itself when idle. */
  async endHost() {
    // Connections that have just been closed may still be counted for a moment.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if ((await this.#connections()) === 0) return void (await this.#run(['host', 'stop'], true));
    }
    say('The host stays: another program uses it. It ends by itself when nobody does.');
  }

  /** @returns {Promise<number>} how many clients the host has; 0 where none runs */
  async #connections() {
    const { code, output } = await this.#run(['host', 'status', '--json'], true);
    return code === 0 ? JSON.parse(output).connections : 0;
  }

  /** Kept from the terminal's Ctrl-C: it may come while the last things are done. */
  #run(/** @type {readonly string[]} */ args, quiet = false) {
    const options = { env: this.#env, quiet, detached: true };
    return capture(this.#node, [this.#script, ...args], options);
  }
}
