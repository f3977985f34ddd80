/** Says what a script is doing, so that nobody waits in front of a silent terminal. */
export function say(/** @type {string} */ message) {
  process.stdout.write(`${message}\n`);
}

/** A failure whose message is all that the user needs: no stack is printed for it. */
export class SetupError extends Error {
  /** @param {string} message @param {{ cause?: unknown }} [options] */
  constructor(message, options) {
    super(message, options);
    this.name = 'SetupError';
  }
}

/**
 * Runs a script's main function and turns its outcome into the exit code.
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  }
}

/** @param {number} sinceMs a value of `performance.now()` */
export function secondsSince(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** What to print for an error: the message alone where that says it all, else the stack too. */
export function describe(/** @type {unknown} */ error) {
  if (error instanceof SetupError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
