import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { renameOverSync } from './rename-over.ts';

/** Replaces a file, readable by this user only, such that a crash leaves the old or the new one. */
export function writeDurably(file: string, content: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, content, { mode: 0o600, flush: true });
  renameOverSync(draft, file);
  syncDirectory(path.dirname(file));
}

/** Makes it last that files in a directory were made, renamed or removed. */
export function syncDirectory(directory: string): void {
  // Windows opens no directories; its file system keeps renames by itself.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
