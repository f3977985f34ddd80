#!/usr/bin/env bash
# In which folder `opencode run` works.
#
# What one would guess: in the folder in which it was started, as other programs do.
#
# What happens: it loads its settings for that folder, and then opens its session in the folder that the
# environment variable PWD names. A program that starts it in a folder, and hands on its own environment, has an
# agent that works somewhere else; the files of the folder that was meant are "external" to it, and it is not
# allowed to read them. Who starts it has to set PWD as a shell does.
#
# Needs: Linux, npm, about 200 MB below TMPDIR. No account is needed, and no model answers.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

OPENCODE=1.18.33

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --no-audit --no-fund --loglevel=error "opencode-ai@$OPENCODE" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
mkdir -p started-here named-by-pwd home/.config/opencode
cat >home/.config/opencode/opencode.json <<'JSON'
{
  "model": "none/none",
  "small_model": "none/none",
  "provider": {
    "none": {
      "npm": "@ai-sdk/openai-compatible",
      "options": { "baseURL": "http://127.0.0.1:9/v1", "apiKey": "unused" },
      "models": { "none": { "name": "none" } }
    }
  }
}
JSON
cd started-here
env -i "PATH=$PATH" "HOME=$work/home" "PWD=$work/named-by-pwd" TERM=dumb OPENCODE_DISABLE_MODELS_FETCH=1 \
  OPENCODE_DISABLE_AUTOUPDATE=1 OPENCODE_DISABLE_DEFAULT_PLUGINS=1 npm_config_offline=true \
  timeout 60 "$work/node_modules/.bin/opencode" run hello >"$work/said.txt" 2>&1 || true
log=$work/home/.local/share/opencode/log
folders=$(grep -rhoE 'message=created id=.* directory=[^ ]+' "$log" | grep -oE 'directory=[^ ]+' | sort -u) || {
  cat "$work/said.txt" >&2
  exit 2
}
echo "it was started in $work/started-here; its session is in: $folders"
[ "$folders" = "directory=$work/named-by-pwd" ] || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
