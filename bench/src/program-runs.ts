import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs Node with these arguments until its end, in `folder` or here. Throws where that is no success. */
export async function ended(args: readonly string[], folder?: string): Promise<void> {
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  const child = spawn(process.execPath, [...args], { stdio: [...stdio], cwd: folder });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}

export async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
