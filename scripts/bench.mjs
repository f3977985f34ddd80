// Measures Agent World next to its peers: npm run bench -- --help
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { findNodeRuntime } from './setup/node-runtime.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runMain } from './setup/progress.mjs';
import { capture } from './setup/run.mjs';

await runMain(async () => {
  const benchRoot = path.join(projectRoot, 'bench');
  await ensureDependencies();
  await ensureDependencies(benchRoot);
  const node = await findNodeRuntime();
  await ensureBuilt();
  const args = [path.join(benchRoot, 'main.ts'), ...process.argv.slice(2)];
  const { code } = await capture(node, args, { cwd: projectRoot });
  return code === 0 ? 0 : 1;
});
