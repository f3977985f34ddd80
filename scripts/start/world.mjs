import path from 'node:path';
import { projectRoot } from '../setup/paths.mjs';
import { SetupError } from '../setup/progress.mjs';
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

  /** Runs the two scripted agents until they are ended. */
  startAgents(
    /** @type {import('./children.mjs').Children} */ children,
    /** @type {string} */ folder,
  ) {
    return children.start(this.#node, [this.#script, 'agents', folder], {
      env: this.#env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  /** Runs agents on a copy of the folder, printing each op. Its exit code is the verdict of `verify`. */
  startDemo(
    /** @type {import('./children.mjs').Children} */ children,
    /** @type {string} */ folder,
    /** @type {string | undefined} */ forText,
  ) {
    const time = forText === undefined ? [] : ['--for', forText];
    return children.start(this.#node, [this.#script, 'demo', folder, ...time], {
      env: this.#env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  /** Replays the folder's world and prints "verified N ops". @returns {Promise<boolean>} */
  async verify(/** @type {string} */ folder) {
    return (await this.#run(['verify', folder])) === 0;
  }

  /** Ends the host, unless someone else is connected to it: then it ends by itself when idle. */
  async endHost() {
    await this.#run(['host', 'stop', '--unless-used']);
  }

  async #run(/** @type {readonly string[]} */ args) {
    const { code } = await capture(this.#node, [this.#script, ...args], {
      env: this.#env,
      detached: true,
    });
    return code;
  }
}
