#!/usr/bin/env bash
# What `codex mcp add` does where a server of the same name is there.
#
# What one would guess: it refuses, or asks, or at least says that there was one. The server that is
# there may have arguments and an environment that are written nowhere else.
#
# What happens: the server that was there is gone, with its environment and its limits of time; what is said and
# the exit code are those of a new one.
#
# Needs: Linux x64, npm, about 450 MB below TMPDIR. No account and no model are asked.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

CODEX=0.171.0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --no-audit --no-fund --loglevel=error "@openai/codex@$CODEX" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
mkdir -p home/.codex project
cat >home/.codex/config.toml <<'TOML'
[mcp_servers.mine]
command = "/bin/cat"
args = ["--number"]
startup_timeout_sec = 40

[mcp_servers.mine.env]
KEY = "nobody else knows it"
TOML
codex() { (cd project && env -i "PATH=$PATH" "HOME=$work/home" TERM=dumb timeout 60 "$work/node_modules/.bin/codex" "$@"); }
codex --version || exit 2
code=0
said=$(codex mcp add mine -- /bin/true 2>>warnings) || code=$?
new=$(codex mcp add other -- /bin/true 2>>warnings) || exit 2
echo "where it is there, exit code $code: $said"
echo "where it is not: $new"
echo '== the file afterwards'
cat home/.codex/config.toml
isSo=1
[ "$code" = 0 ] && [ "${said/mine/other}" = "$new" ] || isSo=0
grep -qE 'nobody else|--number|startup_timeout' home/.codex/config.toml && isSo=0
[ "$isSo" = 1 ] || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
