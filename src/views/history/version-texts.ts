/**
 * Owns: files as they were, as documents of our own scheme that nobody can edit. Does not know: who
 * opens them.
 */
import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { readFile } from '../../world/file-reader.ts';
import { SchemeTexts } from '../scheme-texts.ts';

export const VERSION_SCHEME = 'agent-world-version';

/** A file at a version; version 0 is the text before it was made: none. */
export interface FileVersion {
  readonly fileId: number;
  readonly version: number;
}

/** The address of a file as it was; the path is what its tab shows and what tells the language. */
export function versionUri({ fileId, version }: FileVersion, path: string): vscode.Uri {
  return vscode.Uri.from({
    scheme: VERSION_SCHEME,
    path: `/${path}`,
    query: `${fileId}.${version}`,
  });
}

/** What an address of that scheme means; undefined for any other. */
export function versionOf(uri: vscode.Uri): FileVersion | undefined {
  const match = uri.scheme === VERSION_SCHEME ? /^(\d+)\.(\d+)$/.exec(uri.query) : undefined;
  return match ? { fileId: Number(match[1]), version: Number(match[2]) } : undefined;
}

/** A window that comes back with such documents open refreshes them once it is in its world again. */
export class VersionTexts extends SchemeTexts {
  constructor(current: () => FolderWorld | undefined) {
    super(VERSION_SCHEME, (uri) => textAt(current(), uri));
  }
}

async function textAt(current: FolderWorld | undefined, uri: vscode.Uri): Promise<string> {
  const wanted = versionOf(uri);
  if (!wanted || wanted.version === 0) return '';
  if (!current) return vscode.l10n.t('The folder is in no world now.');
  const { session } = current;
  const file = await readFile(
    await session.whenOnline(),
    session.view,
    wanted.fileId,
    wanted.version,
  );
  if (file.kind === 'text') return file.text.toString();
  return vscode.l10n.t('Not a text: {0} bytes.', file.bytes.length);
}
