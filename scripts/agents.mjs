// Runs the real clients of agents against the product: npm run agents -- [options of test/agents/main.ts]
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { findNodeRuntime, runtimeEnvironment } from './setup/node-runtime.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runMain } from './setup/progress.mjs';
import { capture } from './setup/run.mjs';

await runMain(async () => {
  await ensureDependencies();
  const node = await findNodeRuntime();
  await ensureBuilt();
  const args = [
    '--import',
    'tsx',
    path.join('test', 'agents', 'main.ts'),
    ...process.argv.slice(2),
  ];
  const { code } = await capture(node, args, { cwd: projectRoot, env: runtimeEnvironment(node) });
  return typeof code === 'number' ? code : 1;
});
