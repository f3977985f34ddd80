// The command line of the protocol's inspector against `agent-world mcp`, by both transports: npm run inspect
// Outside of `npm test`: it installs 120 packages of 111 MB, and needs Node 22.19 or newer.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { findNodeRuntime } from './setup/node-runtime.mjs';
import { cacheDirectory, projectRoot } from './setup/paths.mjs';
import { runMain, say } from './setup/progress.mjs';
import { readOutput, runNpm } from './setup/run.mjs';

const INSPECTOR = '@modelcontextprotocol/inspector';
const VERSION = '2.12.0';

/** Each tool once, and what it is asked; each is to be done. */
const CALLS = /** @type {const} */ ([
  ['list_files', {}],
  ['search', { text: 'two' }],
  ['read_file', { path: 'app.ts' }],
  ['edit_file', { path: 'app.ts', edits: [{ search: 'two', replacement: 'second' }] }],
  [
    'edit_lines',
    { path: 'app.ts', edits: [{ first_line: 1, last_line: 1, old_text: 'one', text: 'first' }] },
  ],
  ['write_file', { path: 'new.md', text: 'new\n' }],
  ['apply_patch', { patch: '*** Begin Patch\n*** Add File: patched.md\n+patched\n*** End Patch' }],
  ['change_files', { changes: [{ kind: 'delete', path: 'old.md', base_version: 1 }] }],
  ['news', {}],
  ['claim', { action: 'take', path: 'new.md' }],
  ['tickets', { action: 'list' }],
  ['history', { action: 'members' }],
  ['message', { action: 'send', text: 'inspected' }],
  ['snapshot', {}],
]);

await runMain(async () => {
  await ensureDependencies();
  await ensureBuilt();
  const node = await findNodeRuntime();
  const inspector = await ensureInspector();
  for (const transport of /** @type {const} */ (['stdio', 'http'])) {
    await inspect(transport, node, inspector);
  }
  return 0;
});

async function ensureInspector() {
  const folder = path.join(cacheDirectory(), `inspector-${VERSION}`);
  const script = path.join(folder, 'node_modules', '.bin', 'mcp-inspector');
  if (!fs.existsSync(script)) {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n');
    await runNpm(['install', `${INSPECTOR}@${VERSION}`], folder);
  }
  return script;
}

async function inspect(
  /** @type {'stdio' | 'http'} */ transport,
  /** @type {string} */ node,
  /** @type {string} */ inspector,
) {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-inspect-'));
  const home = path.join(place, 'home');
  const project = path.join(place, 'project');
  fs.mkdirSync(project);
  fs.writeFileSync(path.join(project, 'app.ts'), 'one\ntwo\n');
  fs.writeFileSync(path.join(project, 'old.md'), 'old\n');
  const cli = [path.join(projectRoot, 'dist', 'cli.cjs')];
  const server = [...cli, 'mcp', '--as', 'inspector', '--world', project, '--home', home];
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let served;
  try {
    await readOutput(node, [...cli, 'open', project, '--home', home]);
    let target = [node, ...server];
    if (transport === 'http') {
      served = spawn(node, [...server, '--http', '--json'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: /** @type {any} */ (served.stdout) });
      const said = await lines[Symbol.asyncIterator]().next();
      const { url, tokenFile } = JSON.parse(String(said.value));
      // The inspector takes it by its arguments only; it is that of a home that is thrown away.
      const token = fs.readFileSync(tokenFile, 'utf8').trim();
      target = [url, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];
    }
    const ask = async (/** @type {string[]} */ ...args) =>
      JSON.parse(await readOutput(node, [inspector, '--cli', ...target, ...args]));
    const { tools } = await ask('--method', 'tools/list', '--strict');
    const names = tools.map((/** @type {{ name: string }} */ { name }) => name).sort();
    const called = CALLS.map(([name]) => name).sort();
    if (String(names) !== String(called)) {
      throw new Error(`The tools are ${String(names)}, not ${String(called)}`);
    }
    for (const [name, given] of CALLS) {
      const args = name === 'snapshot' ? { folder: path.join(place, 'copy') } : given;
      const pairs = Object.entries(args).flatMap(([key, value]) => [
        '--tool-arg',
        `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      ]);
      const answer = await ask('--method', 'tools/call', '--tool-name', name, ...pairs);
      const { code, message } = answer.structuredContent;
      if (code !== 'ok') throw new Error(`${transport}, ${name}: ${code}: ${message}`);
      say(`${transport}: ${name}: ${code}`);
    }
  } finally {
    served?.kill();
    await stopHost(home);
    fs.rmSync(place, { recursive: true, force: true });
  }
}

/** The host that the commands started goes with its home. */
async function stopHost(/** @type {string} */ home) {
  const file = path.join(home, 'host.json');
  if (!fs.existsSync(file)) return;
  const { pid } = JSON.parse(fs.readFileSync(file, 'utf8'));
  process.kill(pid);
}
