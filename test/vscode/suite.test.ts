import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { stopHost } from '../../src/host/handover.ts';

const standIn = path.join(projectRoot, 'test', 'vscode', 'harness', 'browser-launcher.ts');

/** `AGENT_WORLD_TEST_VSCODE` names a desktop VS Code to run the suite in instead. */
test('the extension lives in a real VS Code', async (context) => {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-suite-'));
  const home = path.join(scratch, 'home');
  context.after(async () => {
    await stopHost({ home });
    fs.rmSync(scratch, { recursive: true, force: true });
  });
  await runTests({
    vscodeExecutablePath: process.env['AGENT_WORLD_TEST_VSCODE'] ?? standIn,
    extensionDevelopmentPath: projectRoot,
    extensionTestsPath: await bundleSuite(scratch),
    extensionTestsEnv: { AGENT_WORLD_HOME: home },
    launchArgs: [makeFolder(scratch)],
  });
});

function makeFolder(scratch: string): string {
  const folder = path.join(scratch, 'folder');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'notes.md'), '# Notes\n');
  return folder;
}

/** Extension hosts, old ones included, load the suite with `require`. */
async function bundleSuite(scratch: string): Promise<string> {
  const outfile = path.join(scratch, 'suite', 'index.cjs');
  await build({
    entryPoints: [path.join(projectRoot, 'test', 'vscode', 'suite', 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode'],
  });
  return outfile;
}
