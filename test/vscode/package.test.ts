import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { hostStatus } from '../../src/host/handover.ts';
import { until } from '../harness/until.ts';
import { startEditor } from './harness/editor.ts';
import { EXTENSION_ID, waitUntilBound } from './harness/live-folder.ts';

test('the package alone makes a world of a folder, with neither node nor npm to be found', async (context) => {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-package-')));
  context.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.writeFileSync(path.join(folder, 'notes.md'), '# Notes\n');
  const bare = { PATH: path.join(folder, 'no-programs') };
  const editor = await startEditor({ extensions: 'vsix', builtIns: 'all', env: bare });
  context.after(() => editor.dispose());
  const window = await editor.openWindow(folder);

  const found = await window.evaluate(() => {
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    return ['node', 'npm'].filter((program) => spawnSync(program).error === undefined);
  });
  assert.deepEqual(found, [], 'the surroundings are as bare as this test wants them');
  const { location, runtime } = await window.evaluate(
    (vscode, id) => ({
      location: vscode.extensions.getExtension(id)?.extensionPath ?? '',
      runtime: process.execPath,
    }),
    EXTENSION_ID,
  );
  assert.ok(!location.startsWith(projectRoot), 'it runs from where it was installed');

  await window.runFromPalette('Agent World: Open This Folder in a World');
  await waitUntilBound(window);
  const host = await hostStatus({ home: editor.home });
  assert.ok(host.state === 'running');
  const { stdout: program } = await run('ps', ['-o', 'args=', '-p', String(host.pid)]);
  const expected = `${runtime} ${path.join(location, 'dist', 'host.cjs')}`;
  assert.ok(
    program.startsWith(expected),
    `the host is the package's own, on VS Code's: ${program}`,
  );

  await window.openFile('notes.md');
  await window.placeCursor(1, 0);
  await window.type('typed');
  await window.waitForText('notes.md', '# Notes\ntyped');
  await window.waitFor(
    (vscode, id) => vscode.extensions.getExtension(id)?.exports.isSettled() as boolean,
    EXTENSION_ID,
  );
  await window.screenshot('package');

  // The command that the extension has had put there: it too finds nothing but what the package brought.
  const command = path.join(editor.home, 'bin', 'agent-world');
  await until(() => fs.existsSync(command));
  const typed = await firstEdit(command, folder, bare);
  assert.equal(typed.path, 'notes.md');
  const verified = await run(command, ['verify', folder], { env: bare });
  assert.match(verified.stdout, /^verified \d+ ops, 1 files/);
});

const run = promisify(execFile);

/** The first edit of a world's history, as `agent-world watch` tells it. */
async function firstEdit(command: string, folder: string, env: NodeJS.ProcessEnv) {
  const watching = spawn(command, ['watch', folder, '--from', '1', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const line of createInterface({ input: watching.stdout })) {
      const op = JSON.parse(line) as { readonly kind: string; readonly path: string };
      if (op.kind === 'edit') return op;
    }
    throw new Error('the command ended without telling of an edit');
  } finally {
    watching.kill('SIGTERM');
  }
}
