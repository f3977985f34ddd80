// Measures Agent World against its peers: npm run bench -- [options of bench/main.ts]
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { findNodeRuntime, runtimeEnvironment } from './setup/node-runtime.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runMain } from './setup/progress.mjs';
import { capture } from './setup/run.mjs';

await runMain(async () => {
  await ensureDependencies();
  await ensureDependencies(path.join(projectRoot, 'bench'));
  const node = await findNodeRuntime();
  await ensureBuilt();
  const args = ['--import', 'tsx', path.join('bench', 'main.ts'), ...process.argv.slice(2)];
  const { code } = await capture(node, args, { cwd: projectRoot, env: runtimeEnvironment(node) });
  return typeof code === 'number' ? code : 1;
});
