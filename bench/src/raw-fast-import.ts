import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Hands git a stream of commits that is ready. */
export async function fastImport(copy: string, stream: Buffer): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet'], {
    cwd: copy,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(stream);
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}
