import { randomBytes } from 'node:crypto';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { LineBuffer } from '../core/line-buffer.ts';
import { pathFault } from '../core/path.ts';
import type { LogPart, VerifiedFile } from '../core/verify-log.ts';
import { systemCode } from '../host/host-error.ts';
import { replaceFile } from '../host/replace-file.ts';
import { contentBytes } from './text-format.ts';
import { WorldError } from './world-error.ts';

/** A tree of files as a log leaves it. */
export interface Tree {
  files(): Iterable<VerifiedFile>;
  partOf(key: string): LogPart | undefined;
}

export interface WrittenTree {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Puts the living files of a tree into a folder, byte for byte, each of them whole or not at all.
 * Other files there stay. Throws `WorldError` `damaged` for a path that leads out of the folder, or
 * `cancelled`.
 */
export async function writeTree(
  tree: Tree,
  folder: string,
  signal?: AbortSignal,
): Promise<WrittenTree> {
  await mkdir(folder, { recursive: true });
  const root = await realpath(folder);
  let written = { files: 0, bytes: 0 };
  for (const file of tree.files()) {
    if (file.deleted) continue;
    if (signal?.aborted) throw new WorldError('cancelled', 'Cancelled');
    const bytes = bytesOf(tree, file);
    await writeFileOf(root, file, bytes);
    written = { files: written.files + 1, bytes: written.bytes + bytes.length };
  }
  return written;
}

/** True for a folder that has nothing in it, or is not there. */
export async function isEmptyFolder(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    throw error;
  }
}

async function writeFileOf(root: string, file: VerifiedFile, bytes: Uint8Array): Promise<void> {
  const target = path.join(root, file.path);
  if (pathFault(file.path)) throw outside(file.path);
  await mkdir(path.dirname(target), { recursive: true });
  const parent = await realpath(path.dirname(target));
  // A link in a folder that had something in it may lead anywhere.
  if (parent !== path.dirname(target)) throw outside(file.path);
  const draft = path.join(parent, `.${randomBytes(6).toString('hex')}.tmp`);
  await replaceFile(target, bytes, { draft, mode: file.mode === 'executable' ? 0o777 : 0o666 });
}

/** A file's bytes as they are on disk. */
export function bytesOf(
  tree: Pick<Tree, 'partOf'>,
  { content, eol, otherEnds, bom }: VerifiedFile,
): Uint8Array {
  if (content instanceof LineBuffer) {
    return contentBytes({ kind: 'text', text: content.toString(), eol, otherEnds, bom });
  }
  return Buffer.concat(content.map((key) => tree.partOf(key)?.bytes ?? new Uint8Array()));
}

function outside(name: string): WorldError {
  return new WorldError('damaged', `This path leads out of the folder: ${name}`);
}
