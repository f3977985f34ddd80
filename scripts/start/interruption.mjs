/** One press reaches a script twice: from the terminal, and from npm, which passes it on. */
const ONE_PRESS_MS = 500;

/**
 * Listens for Ctrl-C, a request to end and a terminal that hangs up.
 * @param {() => void} onSecond called when the user insists
 * @returns {{ asked: Promise<string>, ask: (reason: string) => void }} `asked` resolves with the first
 *   reason to end
 */
export function watchInterruption(onSecond) {
  /** @type {(reason: string) => void} */
  let resolve = () => undefined;
  const asked = new Promise((/** @type {(reason: string) => void} */ settle) => {
    resolve = settle;
  });
  let firstMs = Number.POSITIVE_INFINITY;
  const ask = (/** @type {string} */ reason) => {
    const nowMs = performance.now();
    if (nowMs - firstMs > ONE_PRESS_MS) onSecond();
    firstMs = Math.min(firstMs, nowMs);
    resolve(reason);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, ask);
  // A terminal that is gone cannot be written to either; that must not stop the cleaning up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return { asked, ask: (reason) => resolve(reason) };
}
