import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Keeps a copy of a file's bytes under `copies`, in a folder named by the time; returns where. */
export async function keepCopy(copies: string, file: string, bytes: Uint8Array): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const copy = path.join(copies, stamp, ...file.split('/'));
  await mkdir(path.dirname(copy), { recursive: true, mode: 0o700 });
  await writeFile(copy, bytes, { mode: 0o600 });
  return copy;
}
