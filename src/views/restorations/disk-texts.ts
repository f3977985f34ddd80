import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { SchemeTexts } from '../scheme-texts.ts';

const DISK_SCHEME = 'agent-world-disk';

/** The address of what this folder's disk has of a file, whatever an editor shows of it. */
export function diskUri(file: string): vscode.Uri {
  return vscode.Uri.from({ scheme: DISK_SCHEME, path: `/${file}` });
}

/** Files as they are on disk while they wait for an answer: the editor of such a file shows the world's text. */
export class DiskTexts extends SchemeTexts {
  constructor(current: () => FolderWorld | undefined) {
    super(DISK_SCHEME, (uri) => textOnDisk(current(), uri));
  }
}

async function textOnDisk(current: FolderWorld | undefined, uri: vscode.Uri): Promise<string> {
  const file = uri.path.slice(1);
  // Only what waits is shown: an address may come from anywhere.
  if (current?.waiting.of(file) === undefined) {
    return vscode.l10n.t('This file waits for no answer.');
  }
  return readFile(path.join(current.folder.uri.fsPath, file), 'utf8');
}
