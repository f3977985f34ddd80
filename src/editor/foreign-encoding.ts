/**
 * Owns: whether an editor writes a text to the disk as a world has it, which is in UTF-8. Does not know: what is done
 * about one that does not.
 */
import * as vscode from 'vscode';
import type { Changes } from '../core/change.ts';
import { withLf } from './document-changes.ts';

/** The encoding that a document is read and written in, where that is another than UTF-8. */
export function foreignEncoding(document: vscode.TextDocument): string | undefined {
  const { encoding } = document;
  return encoding.startsWith('utf8') ? undefined : encoding;
}

/** True for what all encodings of VS Code but UTF-16 write as UTF-8 does. */
export function isPlain(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !/[^\u0000-\u007F]/.test(text);
}

export function arePlain(changes: Changes): boolean {
  return changes.every(({ text }) => isPlain(text));
}

/** Costs the length of the text where the encoding is foreign. */
export function keepsText(document: vscode.TextDocument): boolean {
  const encoding = foreignEncoding(document);
  if (encoding === undefined) return true;
  return !encoding.startsWith('utf16') && isPlain(document.getText());
}

/** True for bytes that a document shows as this text. */
export async function isTextOf(
  document: vscode.TextDocument,
  text: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const encoding = foreignEncoding(document);
  const shown =
    encoding === undefined
      ? new TextDecoder().decode(bytes)
      : await vscode.workspace.decode(bytes, { encoding });
  return withLf(shown) === withLf(text);
}
