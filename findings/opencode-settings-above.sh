#!/usr/bin/env bash
# Whose settings opencode takes for those of a project.
#
# What one would guess: those of the folder in which it works, of its git repository, and of the user.
#
# What happens: in a folder that is in no repository it goes up to the root of the disk, and takes an
# `opencode.json` of each folder on the way, with the servers that it names: also of folders that others may write
# to, such as /tmp. Inside of a repository it stops at the repository's root.
#
# Needs: Linux, npm, about 200 MB below TMPDIR. No account and no model are asked.
# Exit 0: it behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

OPENCODE=1.18.33

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --no-audit --no-fund --loglevel=error "opencode-ai@$OPENCODE" >npm.log 2>&1 || { cat npm.log >&2; exit 2; }
mkdir -p home above/far/below above/repository/below
echo '{ "mcp": { "named-above": { "type": "local", "command": ["/bin/true"], "enabled": false } } }' >above/opencode.json
git -C above/repository init -q
shows() { # FOLDER: whether the settings there have the server
  local said
  said=$(cd "$1" && env -i "PATH=$PATH" "HOME=$work/home" "PWD=$PWD/$1" TERM=dumb OPENCODE_DISABLE_MODELS_FETCH=1 \
    OPENCODE_DISABLE_AUTOUPDATE=1 OPENCODE_DISABLE_DEFAULT_PLUGINS=1 npm_config_offline=true \
    timeout 60 "$work/node_modules/.bin/opencode" debug config 2>&1) || { echo "$said" >&2; exit 2; }
  if grep -q named-above <<<"$said"; then echo yes; else echo no; fi
}
"$work/node_modules/.bin/opencode" --version || exit 2
plain=$(shows above/far/below)
repository=$(shows above/repository/below)
echo "two folders below, in no repository: the server of above/opencode.json is there: $plain"
echo "two folders below, in a repository that begins between: $repository"
[ "$plain $repository" = 'yes no' ] || { echo 'not as told above' >&2; exit 1; }
echo 'as told above'
