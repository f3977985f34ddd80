// Runs the test's code inside the extension host of one window. Copied for each window together with a
// `window.json` that says which window this is and where the test listens. Never part of the package.
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const readline = require('node:readline');
const vscode = require('vscode');
const way = require('./way.cjs');

const POLL_MS = 25;

const { AGENT_WORLD_TEST_WAY } = process.env;
if (AGENT_WORLD_TEST_WAY !== undefined) way.take(JSON.parse(AGENT_WORLD_TEST_WAY));

exports.activate = (/** @type {vscode.ExtensionContext} */ context) => {
  const { port, token, windowId } = JSON.parse(
    fs.readFileSync(path.join(context.extensionPath, 'window.json'), 'utf8'),
  );
  const socket = net.connect({ port, host: '127.0.0.1' });
  context.subscriptions.push({ dispose: () => socket.destroy() });
  // The test is gone: nobody is left to tell.
  socket.on('error', () => undefined);
  const send = (/** @type {object} */ message) => socket.write(`${JSON.stringify(message)}\n`);
  send({ token, windowId });
  readline.createInterface({ input: socket }).on('line', (line) => {
    const request = JSON.parse(line);
    answer(request).then(
      (value) => send({ id: request.id, value }),
      (error) =>
        send({ id: request.id, error: error instanceof Error ? error.stack : String(error) }),
    );
  });
};

/** @param {{ source: string, argument?: unknown, untilMs?: number }} request */
async function answer({ source, argument, untilMs }) {
  // `__name` is what the test's compiler wraps inner functions in.
  // oxlint-disable-next-line typescript/no-implied-eval -- running the test's code is what a probe is for
  const compile = new Function('__name', 'require', `return (${source});`);
  const evaluate = compile((/** @type {unknown} */ target) => target, require);
  if (untilMs === undefined) return evaluate(vscode, argument);
  return poll(() => evaluate(vscode, argument), untilMs);
}

/** Answers with the first truthy result, or with `{ timedOut, last }`. */
async function poll(/** @type {() => unknown} */ evaluate, /** @type {number} */ timeoutMs) {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const last = await evaluate();
    if (last) return { value: last };
    if (Date.now() > deadlineMs) return { timedOut: true, last };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
